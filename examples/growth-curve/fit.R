# Fits od600 = K / (1 + exp((t_mid - hours) / scale)) to a table of measurements and writes
#   parameters.csv  K, t_mid, scale with standard errors, and what follows from them
#   fitted.csv      measured and fitted value of each row
#   growth.pdf      both in one picture
args <- commandArgs(trailingOnly = TRUE)
measured <- read.csv(args[1])

model <- nls(od600 ~ SSlogis(hours, K, t_mid, scale), data = measured)
estimate <- coef(summary(model))

parameters <- data.frame(
  parameter = rownames(estimate),
  estimate = estimate[, "Estimate"],
  std_error = estimate[, "Std. Error"]
)
# Both follow from the scale: the growth rate at low density, and the time in which it doubles there.
rate <- 1 / coef(model)[["scale"]]
parameters <- rbind(
  parameters,
  data.frame(parameter = c("rate", "doubling_time"), estimate = c(rate, log(2) / rate), std_error = NA)
)

round3 <- function(x) ifelse(is.na(x), "", formatC(x, digits = 3, format = "f"))
write_table <- function(table, path) write.table(table, path, sep = ",", quote = FALSE, row.names = FALSE)

write_table(
  transform(parameters, estimate = round3(estimate), std_error = round3(std_error)),
  "parameters.csv"
)
write_table(
  data.frame(hours = measured$hours, od600 = round3(measured$od600), fitted = round3(fitted(model))),
  "fitted.csv"
)

pdf("growth.pdf", width = 7, height = 5)
plot(measured$hours, measured$od600, xlab = "hours", ylab = "OD 600", main = "Logistic growth", pch = 16)
grid <- seq(min(measured$hours), max(measured$hours), length.out = 200)
lines(grid, predict(model, data.frame(hours = grid)), col = "#4477aa", lwd = 2)
invisible(dev.off())

cat(sprintf(
  "%d measurements, doubling time %.2f h, capacity %.3f\n",
  nrow(measured), log(2) / rate, coef(model)[["K"]]
))
