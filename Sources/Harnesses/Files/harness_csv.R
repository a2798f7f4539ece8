# Makes CSV of the result.

csv_refuse <- function(path, what) {
    stop(structure(class = c("bobbin_json", "error", "condition"),
        list(message = paste0(path, ": cannot be CSV: ", what), call = NULL)))
}

# The cells of a column: a text is itself, what is missing is empty, everything else is its JSON.
cells <- function(x, where) {
    if (is.data.frame(x)) return(json$elements(x, where(1L)))
    if (is.list(x) && !inherits(x, "POSIXlt")) {
        x <- unclass(x)
        return(vapply(seq_along(x), function(i) {
            v <- .subset2(x, i)
            if (is.null(v)) ""
            else if (is.atomic(v) && length(v) == 1L && !inherits(v, "AsIs")) cells(v, function(j) where(i))
            else json$encode(v, where(i))
        }, ""))
    }
    if (inherits(x, "AsIs")) class(x) <- setdiff(oldClass(x), "AsIs")
    json$check_kind(x, where(1L))
    x <- json$plain(x, where(1L))
    if (length(dim(x)) == 2L) csv_refuse(where(1L), "a matrix in a column")
    text <- json$scalars(x, where)
    if (is.character(x)) text <- as.vector(x)
    text[is.na(x)] <- ""
    text
}

# A list of plain scalars of one type as a vector, which is many times faster to write.
unboxed <- function(values) {
    type <- unique(vapply(values, typeof, ""))
    plain <- length(type) == 1L && type %in% c("character", "double", "integer", "logical") &&
        all(lengths(values) == 1L) && all(vapply(values, function(v) is.null(attributes(v)), NA))
    if (plain) unlist(values, use.names = FALSE) else values
}

quote_cells <- function(text) {
    odd <- grep("[\",\r\n]", text)
    text[odd] <- paste0("\"", gsub("\"", "\"\"", text[odd], fixed = TRUE), "\"", recycle0 = TRUE)
    text
}

lines_of <- function(columns, n) {
    if (!length(columns)) return(character())
    columns <- lapply(columns, quote_cells)
    # An empty line would be no record.
    if (length(columns) == 1L) columns[[1L]][columns[[1L]] == ""] <- "\"\""
    paste0(do.call(paste, c(columns, sep = ",")), "\n", recycle0 = TRUE)
}

# list(header, lines) for a data frame, a matrix, a list of named lists or a list of vectors. `header` has the columns
# of rows before these; those that come new are put behind them.
table_of <- function(value, path = "result", header = NULL) {
    where <- function(name) { force(name); function(i) paste0(path, "[", i - 1L, "].", name) }
    wanted <- "a result with 'format: csv' is a data frame, a list of named lists or a list of vectors"
    if (is.matrix(value) && !is.object(value)) value <- as.data.frame(value, stringsAsFactors = FALSE)
    if (is.data.frame(value)) {
        names <- attr(value, "names")
        columns <- lapply(seq_along(names), function(k) cells(.subset2(value, k), where(names[k])))
        return(list(header = names, lines = lines_of(columns, .row_names_info(value, 2L))))
    }
    if (typeof(value) != "list" || is.object(value) || (!is.null(names(value)) && length(value))) {
        csv_refuse(path, wanted)
    }
    value <- unname(value)
    named <- vapply(value, function(row) is.list(row) && !is.null(names(row)), NA)
    if (length(header)) {
        if (!all(named)) csv_refuse(paste0(path, "[", which(!named)[1L] - 1L, "]"), wanted)
    } else if (any(named) && !all(named)) {
        csv_refuse(paste0(path, "[", which(named != named[1L])[1L] - 1L, "]"), wanted)
    }
    if (length(value) && all(named)) {
        header <- unique(c(header, unlist(lapply(value, names))))
        columns <- lapply(header, function(name) {
            cells(unboxed(lapply(value, function(row) unclass(row)[[name, exact = TRUE]])), where(name))
        })
        return(list(header = header, lines = lines_of(columns, length(value))))
    }
    lines <- vapply(seq_along(value), function(i) {
        row <- value[[i]]
        if (!is.vector(row) && !is.factor(row)) csv_refuse(paste0(path, "[", i - 1L, "]"), wanted)
        row <- cells(if (is.list(row)) row else unname(row), function(k) paste0(path, "[", i - 1L, "][", k - 1L, "]"))
        lines_of(as.list(row), 1L)
    }, "")
    list(header = NULL, lines = lines)
}

header_line <- function(header) if (length(header)) lines_of(as.list(header), 1L)

write_csv <- function(value) {
    table <- table_of(value)
    write_result(c(header_line(table$header), table$lines))
}
