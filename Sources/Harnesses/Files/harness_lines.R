# Input files of lines, read in parts. A part is opened, read and closed: a script may close all connections.

block_size <- 131072L

# The complete lines of the next part, as list(lines, first); NULL at the end. `first` is the number of the first.
open_lines <- function(path) {
    offset <- 0
    rest <- raw()
    number <- 1L
    finished <- FALSE
    function() {
        if (finished) return(NULL)
        repeat {
            connection <- file(path, "rb")
            if (offset > 0) seek(connection, offset)
            bytes <- readBin(connection, "raw", block_size)
            close(connection)
            if (offset == 0 && length(bytes) >= 3L && identical(bytes[1:3], as.raw(c(0xEF, 0xBB, 0xBF)))) rest <- NULL
            skipped <- if (is.null(rest)) 3L else 0L
            offset <<- offset + length(bytes)
            finished <<- length(bytes) < block_size
            bytes <- c(rest, if (skipped) bytes[-(1:3)] else bytes)
            ends <- which(bytes == 0x0A)
            if (finished || length(ends)) break
            rest <<- bytes
        }
        if (finished) {
            rest <<- raw()
        } else {
            last <- ends[length(ends)]
            rest <<- bytes[-seq_len(last)]
            bytes <- bytes[seq_len(last)]
        }
        first <- number
        number <<- number + length(ends)
        if (any(nul <- bytes == 0L)) json$fault("a NUL byte", first + sum(ends < which(nul)[1L]))
        lines <- strsplit(rawToChar(bytes), "\n", fixed = TRUE, useBytes = TRUE)[[1L]]
        if (any(bytes == 0x0D)) lines <- sub("\r$", "", lines, useBytes = TRUE)
        if (!all(valid <- validUTF8(lines))) json$fault("not UTF-8", first - 1L + which(!valid)[1L])
        Encoding(lines) <- "UTF-8"
        list(lines = lines, first = first)
    }
}

# The next items of a file of JSON lines as a list; NULL at the end. An item that comes before a bad line is given
# before the error.
open_json_lines <- function(path) {
    read <- open_lines(path)
    pending <- NULL
    function() {
        if (!is.null(pending)) stop(pending)
        if (is.null(part <- read())) return(NULL)
        decode <- function(text, first) json$decode(text, items = TRUE, lines = TRUE, first = first)
        tryCatch(decode(paste(part$lines, collapse = "\n"), part$first), bobbin_input = function(e) {
            items <- list()
            for (i in seq_along(part$lines)) {
                item <- tryCatch(decode(part$lines[i], part$first + i - 1L), bobbin_input = identity)
                if (inherits(item, "bobbin_input")) {
                    if (!length(items)) stop(item)
                    pending <<- item
                    return(items)
                }
                items <- c(items, item)
            }
            stop(e)
        })
    }
}

read_json_lines <- function(path) {
    read <- open_lines(path)
    parts <- list()
    while (!is.null(part <- read())) parts[[length(parts) + 1L]] <- part
    if (!length(parts)) return(list())
    # Checked line by line, then read as one array, so that objects of scalars become a data frame.
    json$decode(paste(unlist(lapply(parts, `[[`, "lines")), collapse = "\n"), lines = TRUE)
}
