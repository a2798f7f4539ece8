# What the script sees of its process, and what is said when it quits.

# For base's own users as well, such as packages that read options: the script's arguments, and its file.
replace_in_base <- function(name, value) {
    base <- baseenv()
    unlockBinding(name, base)
    assign(name, value, envir = base)
    lockBinding(name, base)
}
before_ours <- full_arguments[seq_len(length(full_arguments) - length(arguments) - 1L)]
seen <- c(sub("^--file=.*", paste0("--file=", entry), before_ours),
    if (length(arguments) > 1L) c("--args", arguments[-1L]))
replace_in_base("commandArgs", eval(substitute(function(trailingOnly = FALSE) {
    if (trailingOnly) trailing else all
}, list(trailing = if (length(arguments) > 1L) arguments[-1L] else character(), all = seen)), baseenv()))

on_quit <- function(status) {
    if (ending || Sys.getpid() != first_process) return(invisible())
    ending <<- TRUE
    code <- suppressWarnings(as.integer(status))[1L]
    if (is.na(code)) code <- 0L
    if (!is.null(at_end)) try(at_end(code), silent = TRUE)
    if (code != 0L) {
        calls <- sys.calls()
        place <- current_place(calls, lapply(seq_along(calls), sys.function))
        report(paste0(place, ": ", if (!is.null(row_number)) paste0("row ", row_number, ": "), "exit code ", code))
    }
}
leaving <- function(save = "default", status = 0, runLast = TRUE) {
    on_quit(status)
    .Internal(quit(save, status, runLast))
}
replace_in_base("quit", leaving)
replace_in_base("q", leaving)
