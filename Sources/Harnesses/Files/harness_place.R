# Where in the bundle something happened.

# The file and line of a source reference if it is in the bundle.
place_of <- function(reference, call = NULL) {
    if (!inherits(reference, "srcref")) return(NULL)
    source <- attr(reference, "srcfile")
    name <- source$filename
    if (is.null(name) || !nzchar(name)) return(NULL)
    if (!startsWith(name, "/")) name <- file.path(source$wd, name)
    name <- normalizePath(name, mustWork = FALSE)
    if (!startsWith(name, paste0(root, "/"))) return(NULL)
    paste0(substring(name, nchar(root) + 2L), ":", line_in(reference, call))
}

# R keeps references to whole statements. If that is more than a line, the line of the call in it, where there is one
# such call only.
parsed <- new.env(parent = baseenv())
line_in <- function(reference, call) {
    line <- reference[1L]
    if (reference[3L] == line || is.null(call)) return(line)
    source <- attr(reference, "srcfile")
    name <- source$filename
    found <- tryCatch({
        if (is.null(parsed[[name]])) {
            data <- utils::getParseData(source, includeText = TRUE)
            data$plain <- gsub("[[:space:]]+", "", ifelse(data$terminal, "", data$text))
            assign(name, data, envir = parsed)
        }
        data <- parsed[[name]]
        data <- data[data$line1 >= line & data$line2 <= reference[3L], ]
        wanted <- gsub("[[:space:]]+", "", paste(deparse(call, width.cutoff = 500L), collapse = ""))
        lines <- unique(data$line1[data$plain == wanted])
        if (length(lines) != 1L && is.symbol(call[[1L]])) {
            lines <- unique(data$line1[data$token == "SYMBOL_FUNCTION_CALL" & data$text == as.character(call[[1L]])])
        }
        lines
    }, error = function(e) NULL)
    if (length(found) == 1L) found else line
}

# Where the script is: the innermost statement of its own, else the function that has none, else the line at the top.
current_place <- function(calls, functions, call = NULL) {
    for (k in rev(seq_along(calls))) {
        # An error that C code raised comes from the condition's own call.
        own <- identical(calls[[k]][[1L]], quote(.handleSimpleError))
        place <- place_of(attr(calls[[k]], "srcref"), if (own) call else calls[[k]])
        if (is.null(place)) place <- place_of(attr(functions[[k]], "srcref"))
        if (!is.null(place)) return(place)
    }
    if (is.null(top_line)) entry else paste0(entry, ":", top_line)
}
