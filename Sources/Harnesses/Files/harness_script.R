# Runs the entry's file, statement by statement as Rscript does.

read_all <- function(path) readBin(path, "raw", file.size(path))

run_file <- function() {
    bytes <- tryCatch(suppressWarnings(read_all(entry)), error = function(e) {
        refuse(paste0(entry, ": cannot be read"))
    })
    if (length(bytes) >= 3L && identical(bytes[1:3], as.raw(c(0xEF, 0xBB, 0xBF)))) bytes <- bytes[-(1:3)]
    if (any(nul <- bytes == 0L)) {
        refuse(paste0(entry, ":", 1L + sum(bytes[seq_len(which(nul)[1L])] == 0x0A), ": a NUL byte"))
    }
    lines <- sub("\r$", "", strsplit(rawToChar(bytes), "\n", fixed = TRUE, useBytes = TRUE)[[1L]], useBytes = TRUE)
    if (!all(valid <- validUTF8(lines))) refuse(paste0(entry, ":", which(!valid)[1L], ": not UTF-8"))
    Encoding(lines) <- "UTF-8"
    source <- srcfilecopy(entry, lines, isFile = TRUE)
    code <- tryCatch(parse(text = lines, srcfile = source, keep.source = TRUE), error = function(e) {
        # "main.R:2:6: unexpected symbol" and the lines around it.
        text <- conditionMessage(e)
        first <- strsplit(text, "\n", fixed = TRUE)[[1L]][1L]
        parts <- regmatches(first, regexec("^.*?:([0-9]+):[0-9]+: (.*)$", first))[[1L]]
        cat("Error: ", text, "\n", sep = "", file = stderr())
        line <- if (length(parts)) paste0(":", min(as.integer(parts[2L]), max(length(lines), 1L))) else ""
        leave(paste0(entry, line, ": syntax error: ", if (length(parts)) parts[3L] else first))
    })
    references <- attr(code, "srcref")
    world <- globalenv()
    for (i in seq_along(code)) {
        top_line <<- references[[i]][1L]
        failure <- guarded({
            compiling(TRUE)
            value <- withVisible(eval(code[[i]], world))
            if (value$visible) if (isS4(value$value)) methods::show(value$value) else print(value$value)
        })
        compiling(FALSE)
        if (!is.null(failure)) fail(failure)
        print_warnings()
    }
    top_line <<- NULL
}

run_script <- function() {
    run_file()
    name <- settings$result$variable
    if (is.null(name)) return(invisible())
    if (!exists(name, envir = globalenv(), inherits = FALSE)) {
        there <- ls(globalenv())
        near <- if (length(there)) there[which.min(utils::adist(name, there, ignore.case = TRUE))]
        close <- length(near) && utils::adist(name, near, ignore.case = TRUE) <= max(1, nchar(name) %/% 3)
        refuse(paste0(entry, ": there is no variable '", name, "' at the end",
            if (isTRUE(close)) paste0("; did you mean '", near, "'?")
            else if (length(there)) paste0("; there are: ", paste(utils::head(there, 20L), collapse = ", "))
            else "; there is none at all"))
    }
    finish(get(name, envir = globalenv(), inherits = FALSE))
}
