# Errors and warnings as Rscript prints them, without the harness.

call_text <- function(call) {
    text <- deparse(call, width.cutoff = 60L, nlines = 1L)[1L]
    if (nchar(text) > 100L) paste0(substr(text, 1L, 97L), "...") else text
}

message_of <- function(condition) {
    text <- tryCatch(conditionMessage(condition), error = function(e) "")
    if (is.character(text) && length(text) == 1L && !is.na(text)) text else ""
}

# The call that a condition names, if it is not the harness's own, which stands where a script has none.
call_of <- function(condition) {
    call <- tryCatch(conditionCall(condition), error = function(e) NULL)
    if (identical(call, quote(eval(code[[i]], world))) || identical(call, quote(eval(call, call_in)))) NULL else call
}

kind_of <- function(condition) {
    call <- call_of(condition)
    if (is.null(call)) "Error: " else paste0("Error in ", call_text(call), ": ")
}

# As Rscript prints an error; `calls` are the script's own.
print_error <- function(condition, calls) {
    call <- call_of(condition)
    text <- message_of(condition)
    if (is.null(call)) {
        cat("Error: ", text, "\n", sep = "", file = stderr())
    } else {
        head <- call_text(call)
        first <- strsplit(text, "\n", fixed = TRUE)[[1L]][1L]
        fits <- nchar(head, "width", TRUE) + nchar(first, "width", TRUE) + 14L <= 77L
        cat("Error in ", head, " : ", if (!isTRUE(fits)) "\n  ", text, "\n", sep = "", file = stderr())
    }
    names <- vapply(calls, function(call) if (is.symbol(call[[1L]])) as.character(call[[1L]]) else "<Anonymous>", "")
    if (length(names) > 1L || (length(names) == 1L && !identical(calls[[1L]], call))) {
        line <- paste(names, collapse = " -> ")
        if (nchar(line) > 50L) {
            kept <- rev(which(cumsum(nchar(rev(names)) + 4L) <= 50L - nchar(names[1L]) - 7L))
            line <- paste(c(names[1L], "...", names[length(names) + 1L - kept]), collapse = " -> ")
        }
        cat("Calls: ", line, "\n", sep = "", file = stderr())
    }
}

# Warnings that wait for the end of the statement, as at the top of a script. R's function for it puts 'In addition'
# in front, which is right behind an error only.
warned <- FALSE
print_warnings <- function(behind_error = FALSE) {
    if (!warned) return(invisible())
    warned <<- FALSE
    if (behind_error) return(.Internal(printDeferredWarnings()))
    before <- sink.number("message")
    lines <- NULL
    pipe <- textConnection("lines", "w", local = TRUE)
    sink(pipe, type = "message")
    .Internal(printDeferredWarnings())
    sink(if (before == 2L) NULL else getConnection(before), type = "message")
    close(pipe)
    if (length(lines)) {
        lines[1L] <- sub("^In addition: ", "", lines[1L])
        # The message stream that the script has chosen.
        cat(lines, sep = "\n", file = if (before == 2L) stderr() else getConnection(before))
    }
}
