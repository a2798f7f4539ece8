# The checkpoint that is a column of the result.

# `checkpoint: {column: id}`: what the last row of the output has there. Nothing without a row: the checkpoint that was
# there stays.
keep_checkpoint <- function(value) {
    column <- settings$checkpoint$column
    if (is.data.frame(value)) {
        n <- .row_names_info(value, 2L)
        last_of <- function(column) if (is.list(column)) column[[n]] else column[n]
        value <- if (n) list(lapply(unclass(value), last_of)) else list()
    }
    if (!is_rows(value)) {
        refuse(paste0(entry, ": 'checkpoint: {column: ", column,
            "}' needs a data frame or a list of named lists as the result"))
    }
    if (!length(value)) return(invisible())
    last <- value[[length(value)]]
    if (is.data.frame(last) && nrow(last)) last <- lapply(unclass(last), function(column) column[[length(column)]])
    if (!is.list(last) || !column %in% names(last)) {
        refuse(paste0(entry, ": the last row of the result has no column '", column, "' for the checkpoint"))
    }
    text <- tryCatch(json$encode(unclass(last)[[column]], "checkpoint"),
        bobbin_json = function(e) refuse(paste0(entry, ": ", conditionMessage(e))))
    line <- paste0("{\"type\":\"checkpoint\",\"value\":", text, "}")
    if (nchar(line, "bytes") + 1L > events$longest) {
        refuse(paste0(entry, ": the checkpoint, column '", column, "' of the last row, is too long"))
    }
    events$send(line)
}
