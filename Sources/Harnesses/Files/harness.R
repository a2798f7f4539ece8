# How Bobbin calls an R script in other ways than `Rscript main.R`: `Rscript harness.R ENTRY ARGS...`, with what is
# wanted in BOBBIN_HARNESS.
#
# What a run needs of the files harness_*.R beside this one is read before the script's code runs: later there may be no
# connection left to read it by, or no room on the stack. R's own parser of scripts takes time that grows with the
# square of an expression's length, so this file is short and the others are read by parse(). Everything is kept away
# from the script in environments of its own whose parent is base, so that no name of the script's can take the place of
# one that is used here.

# The helper is there already if it was R's profile.
local({
    if (!"bobbin" %in% search()) {
        path <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1L])
        Sys.setenv(R_PROFILE_USER = file.path(dirname(path), "bobbin.R"))
        sys.source(file.path(dirname(path), "bobbin.R"), globalenv())
    }
}, new.env(parent = baseenv()))

# The reader of JSON, in an environment of its own; the writer comes to it if there is anything to write.
.bobbin_json <- local({
    environment(get("bobbin", as.environment("bobbin"))$message)$reader()
}, new.env(parent = baseenv()))

local({
    json <- get(".bobbin_json", globalenv())
    rm(".bobbin_json", envir = globalenv())

    # Compiling pays only for much data: the compiler takes longer over a part of the harness than a small run lasts. It
    # is off while the harness works and on while the script does.
    compiler_level <- .Internal(enableJIT(0L))
    compiling <- function(on) .Internal(enableJIT(if (on) compiler_level else 0L))

    full_arguments <- commandArgs()
    arguments <- commandArgs(trailingOnly = TRUE)
    # The helper's own functions, before the script could put others in their place.
    events <- environment(get("bobbin", as.environment("bobbin"))$message)

    root <- normalizePath(".")
    entry <- sub("^\\./", "", arguments[1L])
    result_path <- Sys.getenv("BOBBIN_RESULT")
    settings <- json$decode(Sys.getenv("BOBBIN_HARNESS", "{}"))
    Sys.unsetenv("BOBBIN_HARNESS")
    format <- if (is.null(settings$result$format)) "json" else settings$result$format
    by_row <- identical(settings$mode, "rows")
    going_on <- identical(settings$on_row_error, "continue")

    # What of the run is under way, for an end that comes in the middle of it.
    top_line <- NULL
    row_number <- NULL
    ending <- FALSE
    at_end <- NULL

    # Functions of this environment are the harness's: that is how its frames are told from the script's.
    here <- environment()
    calls_main <- identical(settings$call, "main")
    has_result <- calls_main || !is.null(settings$result$variable)
    events$read_parts(here, "report", "place", "errors", "guard", "script",
        if (calls_main) c("main", "input"),
        if (calls_main && by_row) "rows",
        if (has_result) "result",
        if (has_result && format == "csv") "csv",
        if (calls_main && by_row && format == "csv") "widen",
        if (!is.null(settings$checkpoint$column)) "checkpoint",
        "seen")
    if (has_result) events$read_parts(json, "write", "vectors")
    if (calls_main && isTRUE(settings$input$kind %in% c("csv", "jsonl"))) {
        files <- new.env(parent = baseenv())
        files$json <- json
        events$read_parts(files, "lines", if (settings$input$kind == "csv") "records")
    }

    options(keep.source = TRUE)
    if (!calls_main) run_script() else if (by_row) run_rows() else run_main()
    ending <- TRUE
    compiling(TRUE)
    quit("no")
}, new.env(parent = baseenv()))
