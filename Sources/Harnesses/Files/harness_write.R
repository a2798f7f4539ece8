# Writes JSON. Vectors are written at once, data frames by column, and so are lists of records that all have the same
# names.

deepest_result <- 60L

refuse <- function(path, what) {
    stop(structure(class = c("bobbin_json", "error", "condition"),
        list(message = paste0(path, ": cannot be JSON: ", what), call = NULL)))
}

encode <- function(x, path = "result", depth = 0L) {
    if (depth > deepest_result) refuse(path, paste("more than", deepest_result, "levels"))
    keep <- inherits(x, "AsIs")
    if (keep) class(x) <- setdiff(oldClass(x), "AsIs")
    if (is.data.frame(x) || is_list(x)) {
        names <- attr(x, "names", exact = TRUE)
        if (is.data.frame(x) || is.null(names)) {
            return(paste0("[", paste(elements(x, path, depth), collapse = ","), "]"))
        }
        return(object(x, names, path, depth))
    }
    if (is.null(x)) return("null")
    check_kind(x, path)
    if (is.raw(x)) return(paste0("\"", base64(x), "\""))
    x <- plain(x, path)
    shape <- dim(x)
    if (length(shape) >= 2L) {
        if (length(shape) > 2L) refuse(path, "an array of more than two dimensions; make it a list of matrices")
        return(paste0("[", paste(matrix_rows(x, path), collapse = ","), "]"))
    }
    if (length(x) == 1L && !keep && !is.array(x)) return(scalars(x, function(i) path))
    paste0("[", paste(scalars(x, function(i) at(path, i)), collapse = ","), "]")
}

is_list <- function(x) {
    (typeof(x) == "list" || typeof(x) == "pairlist" && !is.null(x)) && !inherits(x, c("POSIXlt", "numeric_version"))
}

at <- function(path, i) paste0(path, "[", i - 1L, "]")
member <- function(path, name) {
    if (grepl("^[A-Za-z_][A-Za-z0-9_]*$", name, perl = TRUE)) paste0(path, ".", name)
    else paste0(path, "[", quoted(name, path), "]")
}

# One JSON text for each element of a list, each row of a data frame.
elements <- function(x, path = "result", depth = 0L) {
    if (is.data.frame(x)) return(frame_rows(x, path, depth + 1L))
    if (!is.object(x) && length(x) >= 4L && !is.null(rows <- record_rows(x, path, depth + 1L))) return(rows)
    x <- unclass(x)
    vapply(seq_along(x), function(i) encode(.subset2(x, i), at(path, i), depth + 1L), "")
}

object <- function(x, names, path, depth) {
    x <- unclass(x)
    if (anyNA(names) || any(names == "")) {
        refuse(path, paste0("element ", which(is.na(names) | names == "")[1L], " of the list has no name, others have"))
    }
    if (anyDuplicated(names)) refuse(path, paste0("the name '", names[anyDuplicated(names)], "' comes twice"))
    if (!length(x)) return("{}")
    texts <- vapply(seq_along(x), function(i) {
        v <- .subset2(x, i)
        # Plain scalars are most of what there is.
        if (length(v) == 1L && is.null(attributes(v)) &&
            typeof(v) %in% c("character", "double", "integer", "logical")) {
            scalars(v, function(i) member(path, names[i]))
        } else encode(v, member(path, names[i]), depth + 1L)
    }, "")
    paste0("{", paste0(quoted(names, path), ":", texts, collapse = ","), "}")
}

frame_rows <- function(x, path, depth) {
    rows <- .row_names_info(x, 2L)
    if (!rows) return(character())
    names <- attr(x, "names")
    if (!length(names)) return(rep("{}", rows))
    x <- unclass(x)
    if (anyDuplicated(names)) refuse(path, paste0("the column '", names[anyDuplicated(names)], "' comes twice"))
    column <- function(k) {
        v <- .subset2(x, k)
        if (inherits(v, "AsIs")) class(v) <- setdiff(oldClass(v), "AsIs")
        where <- function(i) member(at(path, i), names[k])
        if (is.data.frame(v)) return(frame_rows(v, where(1L), depth + 1L))
        if (is_list(v)) {
            v <- unclass(v)
            return(vapply(seq_along(v), function(i) encode(.subset2(v, i), where(i), depth + 1L), ""))
        }
        if (is.raw(v)) return(vapply(v, function(b) paste0("\"", base64(b), "\""), ""))
        check_kind(v, where(1L))
        v <- plain(v, where(1L))
        if (length(dim(v)) == 2L) matrix_rows(v, where(1L)) else scalars(v, where)
    }
    rows_of(names, lapply(seq_along(x), column), path)
}

# {"a": ... ,"b": ... } for each row of equally long columns of JSON texts.
rows_of <- function(names, columns, path) {
    keys <- paste0(c("{", rep(",", length(names) - 1L)), quoted(names, path), ":")
    parts <- vector("list", 2L * length(names))
    parts[seq(1L, by = 2L, length.out = length(names))] <- keys
    parts[seq(2L, by = 2L, length.out = length(names))] <- columns
    do.call(paste0, c(parts, "}"))
}

# NULL if the elements are not all bare lists with the same names.
record_rows <- function(x, path, depth) {
    names <- attr(x[[1L]], "names")
    if (is.null(names) || !length(names)) return(NULL)
    if (!all(vapply(x, typeof, "") == "list") || any(vapply(x, is.object, NA))) return(NULL)
    if (length(unique(lapply(x, attr, "names", TRUE))) != 1L) return(NULL)
    if (anyNA(names) || any(names == "") || anyDuplicated(names)) return(NULL)
    if (depth > deepest_result) return(NULL)
    column <- function(k) {
        values <- lapply(x, .subset2, k)
        type <- unique(vapply(values, typeof, ""))
        if (length(type) == 1L && type %in% c("character", "double", "integer", "logical") &&
            all(lengths(values) == 1L) && all(vapply(values, function(v) is.null(attributes(v)), NA))) {
            return(scalars(unlist(values, use.names = FALSE), function(i) member(at(path, i), names[k])))
        }
        vapply(seq_along(values), function(i) encode(values[[i]], member(at(path, i), names[k]), depth + 1L), "")
    }
    rows_of(names, lapply(seq_along(names), column), path)
}

matrix_rows <- function(x, path) {
    rows <- nrow(x)
    texts <- scalars(as.vector(x), function(i) at(at(path, (i - 1L) %% rows + 1L), (i - 1L) %/% rows + 1L))
    dim(texts) <- dim(x)
    if (!rows) return(character())
    if (!ncol(x)) return(rep("[]", rows))
    paste0("[", do.call(paste, c(lapply(seq_len(ncol(x)), function(k) texts[, k]), sep = ",")), "]")
}
