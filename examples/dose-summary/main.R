doses <- read.csv("doses.csv")
doses$group <- factor(doses$group, levels = unique(doses$group))
parts <- split(doses$dose, doses$group)
summary <- data.frame(
  group = names(parts),
  n = unname(lengths(parts)),
  mean = round(unname(sapply(parts, mean)), 3),
  sd = round(unname(sapply(parts, sd)), 3)
)
