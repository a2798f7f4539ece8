# Runs code of the script's so that its errors come back as values.

# Evaluates `code`; NULL, or the failure as list(condition, calls, place).
guarded <- function(code) {
    found <- NULL
    depth <- sys.nframe()
    tryCatch({
        withCallingHandlers(code,
            warning = function(w) {
                warned <<- TRUE
                if (!is.null(conditionCall(w)) && is.null(call_of(w))) {
                    warning(simpleWarning(conditionMessage(w)))
                    invokeRestart("muffleWarning")
                }
            },
            error = function(e) {
                compiling(FALSE)
                calls <- sys.calls()
                # The frames of this handler are the last ones; stop() and what C errors come through before them.
                mine <- length(calls)
                functions <- lapply(seq_len(mine), sys.function)
                end <- mine - 1L
                names <- lapply(calls[seq_len(end)], function(call) {
                    if (is.symbol(call[[1L]])) as.character(call[[1L]]) else ""
                })
                inner <- which(names == ".handleSimpleError" & seq_len(end) > depth)
                shown_end <- if (length(inner)) inner[1L] - 1L else end
                if (shown_end > depth && names[[shown_end]] %in% c("stop", "h")) shown_end <- shown_end - 1L
                shown <- seq_len(end) > depth & seq_len(end) <= shown_end
                # The harness's own: withCallingHandlers and the like, up to the last eval that it called.
                own <- vapply(functions[seq_len(end)], function(f) identical(topmost(f), here), NA)
                evals <- which(names == "eval" & seq_len(end) > depth)
                start <- if (length(evals)) evals[1L] + 1L else depth
                shown <- shown & seq_len(end) > start & !own
                found <<- list(condition = e, calls = calls[seq_len(end)][shown],
                    place = current_place(calls[seq_len(end)], functions[seq_len(end)], conditionCall(e)))
                # What the script wants done at an error, while its frames are still there.
                option <- getOption("error")
                if (is.language(option)) eval(option, globalenv()) else if (is.function(option)) option()
            })
        NULL
    }, error = function(e) {
        compiling(FALSE)
        if (is.null(found)) list(condition = e, calls = list(), place = current_place(list(), list())) else found
    })
}
topmost <- function(f) if (is.primitive(f)) NULL else environment(f)

describe <- function(failure) paste0(kind_of(failure$condition), message_of(failure$condition))

fail <- function(failure) {
    while (sink.number() > 0L) sink()
    if (sink.number("message") != 2L) sink(type = "message")
    print_error(failure$condition, failure$calls)
    print_warnings(TRUE)
    leave(paste0(failure$place, ": ", describe(failure)))
}
