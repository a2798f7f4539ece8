# Writes the result.

write_result <- function(texts, append = FALSE) {
    if (!nzchar(result_path)) return(invisible())
    connection <- file(result_path, if (append) "ab" else "wb")
    on.exit(close(connection))
    # In parts, for a result that is as large as what memory is left.
    group <- 20000L
    for (from in seq(1L, max(length(texts), 1L), by = group)) {
        part <- texts[from:min(from + group - 1L, length(texts))]
        if (length(texts)) writeBin(charToRaw(paste0(part, collapse = "")), connection)
    }
}

write_json <- function(value) {
    if (is_rows(value)) {
        texts <- json$elements(value)
        n <- length(texts)
        write_result(c("[", if (n > 1L) paste0(texts[-n], ","), if (n) texts[n], "]\n"))
    } else {
        write_result(c(json$encode(value), "\n"))
    }
}
is_rows <- function(value) {
    is.data.frame(value) || (typeof(value) == "list" && is.null(attr(value, "names")) && !is.object(value))
}

finish <- function(value) {
    large <- utils::object.size(value) > 1e6
    if (large) compiling(TRUE)
    tryCatch({
        if (format == "csv") write_csv(value) else write_json(value)
    }, bobbin_json = function(e) refuse(paste0(entry, ": ", conditionMessage(e))),
        error = function(e) refuse(paste0(entry, ": the result cannot be written: ", conditionMessage(e))))
    compiling(FALSE)
    if (!is.null(settings$checkpoint$column)) keep_checkpoint(value)
}
