# How a run ends before its end, and what it says of it.

one_line <- function(text) {
    text <- trimws(gsub("[[:space:]]+", " ", iconv(enc2utf8(text), "UTF-8", "UTF-8", sub = "\uFFFD")))
    if (nchar(text) > 500L) paste0(substr(text, 1L, 499L), "\u2026") else text
}
real_quit <- base::quit

# A child that the script forked has nothing to say of the run.
first_process <- Sys.getpid()
report <- function(reason) {
    if (Sys.getpid() == first_process) events$send_text("{\"type\":\"failure\",\"reason\":", one_line(reason))
}

leave <- function(reason) {
    ending <<- TRUE
    flush(stdout())
    report(reason)
    cat("Execution halted\n", file = stderr())
    real_quit("no", 1L, FALSE)
}

# An error that is not in the script's code but in what it is or was given.
refuse <- function(reason) {
    while (sink.number() > 0L) sink()
    cat("Error: ", reason, "\n", sep = "", file = stderr())
    leave(reason)
}

relative <- function(path) {
    full <- normalizePath(path, mustWork = FALSE)
    if (startsWith(full, paste0(root, "/"))) substring(full, nchar(root) + 2L) else path
}
