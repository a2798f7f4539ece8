# A CSV result whose later rows have columns that its first rows have not.

# Writes all again with the columns that came after the first rows. `widths` has a row for each number of columns: the
# place in the file from which on records have it.
widen <- function(header, widths) {
    copy <- tempfile("bobbin-")
    on.exit(unlink(copy))
    out <- file(copy, "wb")
    writeBin(charToRaw(enc2utf8(header_line(header))), out)
    end <- file.size(result_path)
    within <- file(result_path, "rb")
    for (k in seq_len(nrow(widths))) {
        place <- widths$place[k]
        stop <- if (k < nrow(widths)) widths$place[k + 1L] else end
        missing <- length(header) - widths$columns[k]
        seek(within, place)
        open <- 0L
        while (place < stop) {
            bytes <- readBin(within, "raw", min(262144, stop - place))
            place <- place + length(bytes)
            # A newline within quotes ends no record.
            quotes <- (cumsum(bytes == 0x22) + open) %% 2L
            open <- quotes[length(quotes)]
            moved <- rep(as.raw(0x2C), length(bytes) + missing * sum(ends <- bytes == 0x0A & quotes == 0L))
            moved[seq_along(bytes) + missing * cumsum(ends)] <- bytes
            writeBin(moved, out)
        }
    }
    close(within)
    close(out)
    into <- file(result_path, "wb")
    from <- file(copy, "rb")
    while (length(bytes <- readBin(from, "raw", 262144L))) writeBin(bytes, into)
    close(from)
    close(into)
}
