# Calls the `main` that the entry defines.

wanted_main <- "with 'call: main' the file defines main <- function(input)"
find_main <- function() {
    if (!exists("main", envir = globalenv(), inherits = FALSE)) {
        refuse(paste0(entry, ": there is no 'main'; ", wanted_main))
    }
    main <- get("main", envir = globalenv(), inherits = FALSE)
    place <- place_of(attr(main, "srcref"))
    if (is.null(place)) place <- entry
    if (!is.function(main)) refuse(paste0(entry, ": 'main' is ", class(main)[1L], ", not a function; ", wanted_main))
    parameters <- formals(args(main))
    names <- names(parameters)
    if (!length(names)) refuse(paste0(place, ": 'main' takes no argument; ", wanted_main))
    bare <- vapply(parameters, function(value) is.symbol(value) && !nzchar(as.character(value)), NA)
    needed <- names[bare & names != "..."]
    if (length(needed) > 1L) {
        needed <- paste0(length(needed), " arguments (", paste(needed, collapse = ", "), ")")
        refuse(paste0(place, ": 'main' needs ", needed, "; ", wanted_main))
    }
    main
}

run_main <- function() {
    run_file()
    main <- find_main()
    input <- read_input()
    call_in <- list2env(list(main = main, input = input), parent = globalenv())
    call <- quote(main(input))
    value <- NULL
    failure <- guarded({
        compiling(TRUE)
        value <- eval(call, call_in)
    })
    compiling(FALSE)
    if (!is.null(failure)) fail(failure)
    print_warnings()
    finish(value)
}
