# Input files of CSV, read in parts as lines are.

# A CSV field, and a line that holds whole fields.
field <- "(?:\"(?:[^\"]++|\"\")*+\"|[^\",][^,]*+|)"
whole <- paste0("^", field, "(?:,", field, ")*+$")
unfinished <- paste0("^(?:", field, ",)*+\"(?:[^\"]++|\"\")*+$")

matches <- function(pattern, lines) grepl(pattern, lines, perl = TRUE, useBytes = TRUE)
broken <- function(lines) {
    out <- grepl("\"", lines, fixed = TRUE, useBytes = TRUE)
    out[out] <- !matches(whole, lines[out])
    out
}

# The lines of a part with those joined that a quoted field holds together. `more` reads on when one goes over the
# end of the part.
joined <- function(part, more) {
    lines <- part$lines
    number <- part$first - 1L + seq_along(lines)
    keep <- rep(TRUE, length(lines))
    cut <- broken(lines)
    while (!is.na(i <- which(cut)[1L])) {
        if (!matches(unfinished, lines[i])) json$fault("text behind a closing quote", number[i])
        last <- i
        while (last < length(lines) && !keep[last + 1L]) last <- last + 1L
        open <- last + 1L
        repeat {
            last <- last + 1L
            if (last > length(lines)) {
                if (is.null(part <- more())) json$fault("a quote that is never closed", number[i])
                lines <- c(lines, part$lines)
                number <- c(number, part$first - 1L + seq_along(part$lines))
                keep <- c(keep, rep(TRUE, length(part$lines)))
                cut <- c(cut, broken(part$lines))
            }
            if (!matches("^(?:[^\"]++|\"\")*+$", lines[last])) break
        }
        lines[i] <- paste(c(lines[i], lines[open:last]), collapse = "\n")
        keep[open:last] <- cut[open:last] <- FALSE
        cut[i] <- !matches(whole, lines[i])
    }
    keep <- keep & nzchar(lines)
    list(lines = lines[keep], number = number[keep])
}

# All fields of records as one vector, and how many each record has.
fields <- function(lines) {
    quotes <- grepl("\"", lines, fixed = TRUE, useBytes = TRUE)
    if (!any(quotes)) {
        # A comma more at the end, or strsplit would leave out a last empty field.
        out <- strsplit(paste0(lines, ","), ",", fixed = TRUE, useBytes = TRUE)
        found <- list(fields = unlist(out), counts = lengths(out))
    } else {
        lines <- paste0(",", lines)
        Encoding(lines) <- "bytes"
        places <- gregexpr(paste0(",", field), lines, perl = TRUE, useBytes = TRUE)
        counts <- lengths(places)
        from <- unlist(places)
        to <- from + unlist(lapply(places, attr, "match.length")) - 1L
        out <- substring(rep(lines, counts), from + 1L, to)
        quoted <- which(startsWith(out, "\""))
        some <- substr(out[quoted], 2L, nchar(out[quoted], "bytes") - 1L)
        doubled <- grep("\"\"", some, fixed = TRUE, useBytes = TRUE)
        some[doubled] <- gsub("\"\"", "\"", some[doubled], fixed = TRUE, useBytes = TRUE)
        out[quoted] <- some
        found <- list(fields = out, counts = counts)
    }
    Encoding(found$fields) <- "UTF-8"
    found
}

# Reads a CSV file part by part: each a matrix of texts with a row for each field and a column for each record; NULL
# at the end. The header is in `header()` when the first part has been read.
open_csv <- function(path) {
    read <- open_lines(path)
    header <- NULL
    pending <- NULL
    list(header = function() header, read = function() {
        if (!is.null(pending)) stop(pending)
        repeat {
            if (is.null(part <- read())) return(NULL)
            part <- joined(part, read)
            if (is.null(header) && length(part$lines)) {
                header <<- fields(part$lines[1L])$fields
                if (anyDuplicated(header)) {
                    json$fault(paste0("the column '", header[anyDuplicated(header)], "' comes twice"), part$number[1L])
                }
                part <- lapply(part, `[`, -1L)
            }
            if (length(part$lines)) break
        }
        found <- fields(part$lines)
        width <- length(header)
        if (any(long <- found$counts > width)) {
            # What comes before the bad line is given before the error.
            at <- which(long)[1L]
            text <- paste(found$counts[at], "fields, but the header has", width)
            problem <- tryCatch(json$fault(text, part$number[at]), bobbin_input = identity)
            if (at == 1L) stop(problem)
            pending <<- problem
            found <- list(fields = found$fields[seq_len(sum(found$counts[seq_len(at - 1L)]))],
                counts = found$counts[seq_len(at - 1L)])
        }
        n <- length(found$counts)
        if (all(found$counts == width)) return(matrix(found$fields, nrow = width))
        out <- matrix(NA_character_, width, n)
        out[sequence(found$counts, (seq_len(n) - 1L) * width + 1L)] <- found$fields
        out
    })
}

# The next items of a CSV file, each a named list of texts.
open_csv_rows <- function(path) {
    csv <- open_csv(path)
    function() {
        if (is.null(part <- csv$read())) return(NULL)
        names <- csv$header()
        n <- ncol(part)
        number <- structure(rep(seq_len(n), each = length(names)), levels = as.character(seq_len(n)), class = "factor")
        lapply(unname(split(as.vector(part), number)), function(row) {
            row <- as.vector(row, "list")
            names(row) <- names
            row
        })
    }
}

# As read.csv reads it: columns of numbers and truths are converted, texts stay texts.
read_csv <- function(path) {
    csv <- open_csv(path)
    parts <- list()
    while (!is.null(part <- csv$read())) parts[[length(parts) + 1L]] <- part
    names <- csv$header()
    if (is.null(names)) return(list())
    columns <- lapply(seq_along(names), function(k) {
        column <- unlist(lapply(parts, function(part) part[k, ]))
        if (is.null(column)) logical() else utils::type.convert(column, as.is = TRUE)
    })
    structure(columns, names = names, row.names = .set_row_names(sum(vapply(parts, ncol, 1L))), class = "data.frame")
}
