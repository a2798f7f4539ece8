# Calls `main` once for each item of the input.

# Results wait in groups: a group is written at once, which is many times faster than one by one.
group_size <- 200L
shown_failures <- 20L

# The next items of the input at each call, as a list; NULL at the end.
row_reader <- function() {
    if (is.null(settings$input)) {
        refuse(paste0(entry, ": 'mode: rows' needs an input that is a list; there is no input"))
    }
    path <- settings$input$path
    switch(settings$input$kind, csv = files$open_csv_rows(path), jsonl = files$open_json_lines(path), {
        whole <- read_input(items = TRUE)
        if (!is.list(whole) || !is.null(names(whole))) {
            what <- if (is.null(whole)) "null"
                else if (is.list(whole)) "an object"
                else if (is.character(whole)) "a text"
                else if (is.logical(whole)) "true or false"
                else "a number"
            refuse(paste0(entry, ": 'mode: rows' needs an input that is a list, and this one is ", what))
        }
        function() {
            found <- whole
            whole <<- NULL
            if (length(found)) found
        }
    })
}

run_rows <- function() {
    run_file()
    main <- find_main()
    next_items <- row_reader()

    written <- 0L
    header <- NULL
    failed <- 0L
    total <- 0L
    first_reason <- NULL
    last <- list()
    widths <- NULL
    csv <- format == "csv"
    if (!csv) write_result("[") else write_result(character())

    write_group <- function(values) {
        if (!length(values)) return(invisible())
        if (csv) {
            table <- table_of(values, header = header)
            if (written == 0L) write_result(as.character(header_line(table$header)))
            if (length(table$header) > length(header)) {
                widths <<- rbind(widths, data.frame(place = file.size(result_path), columns = length(table$header)))
                header <<- table$header
            }
            write_result(table$lines, append = TRUE)
        } else {
            texts <- json$elements(values)
            between <- c(if (written == 0L) "\n" else ",\n", rep(",\n", length(texts) - 1L))
            write_result(paste0(between, texts), append = TRUE)
        }
        written <<- written + length(values)
        last <<- values[length(values)]
    }

    row_failed <- function(index, place, text, print) {
        failed <<- failed + 1L
        reason <- paste0(place, ": row ", index, ": ", text)
        if (is.null(first_reason)) first_reason <<- reason
        if (failed <= shown_failures) print()
        if (failed == shown_failures + 1L) {
            cat("errors of the first ", shown_failures, " failed rows are above; more are not shown\n",
                sep = "", file = stderr())
        }
    }

    # One value that cannot be written must not take its group with it. False if the run is to stop.
    write_values <- function(values, indexes) {
        done <- written
        if (is.null(tryCatch({ write_group(values); NULL }, bobbin_json = identity))) return(TRUE)
        values <- if (written > done) values[-seq_len(written - done)] else values
        for (k in seq_along(values)) {
            problem <- tryCatch({ write_group(values[k]); NULL }, bobbin_json = identity)
            if (is.null(problem)) next
            text <- sub("^result\\[0\\]", "result", conditionMessage(problem))
            row_failed(indexes[k], entry, text, function() {
                cat("Error: row ", indexes[k], ": ", text, "\n", sep = "", file = stderr())
            })
            if (!going_on) return(FALSE)
        }
        TRUE
    }

    close_result <- function() {
        if (csv && NROW(widths) > 1L) widen(header, widths)
        if (!csv) write_result(if (written) "\n]\n" else "]\n", append = TRUE)
        events$send(paste0("{\"type\":\"rows\",\"total\":", total, ",\"failed\":", failed, "}"))
    }

    call_in <- list2env(list(main = main), parent = globalenv())
    call <- quote(main(row))
    value <- NULL
    values <- list()
    ok <- logical()
    k <- start <- 0L
    stopped <- FALSE
    # When the script quits in the middle.
    at_end <<- function(code) {
        at_end <<- NULL
        done <- which(ok[seq_len(max(k - 1L, 0L))])
        write_values(values[done], start + done - 1L)
        if (code != 0L) failed <<- failed + 1L
        close_result()
    }
    problem <- NULL
    repeat {
        items <- tryCatch(next_items(), bobbin_input = function(e) {
            problem <<- e
            NULL
        })
        if (is.null(items)) break
        n <- length(items)
        i <- 0L
        while (i < n && !stopped) {
            group <- min(group_size, n - i)
            start <- total
            values <- vector("list", group)
            ok <- rep(TRUE, group)
            k <- 0L
            while (k < group && !stopped) {
                failure <- guarded({
                    compiling(TRUE)
                    while (k < group) {
                        k <- k + 1L
                        row_number <<- total
                        total <- total + 1L
                        assign("row", items[[i + k]], envir = call_in)
                        value <- eval(call, call_in)
                        if (is.null(value)) values[k] <- list(NULL) else values[[k]] <- value
                    }
                })
                # For many rows it pays for the harness too.
                compiling(total > 2000L)
                if (is.null(failure)) next
                ok[k] <- FALSE
                at <- total - 1L
                row_failed(at, failure$place, describe(failure), function() {
                    cat("Row ", at, ":\n", sep = "", file = stderr())
                    print_error(failure$condition, failure$calls)
                    print_warnings(TRUE)
                })
                stopped <- !going_on
            }
            done <- which(ok[seq_len(k)])
            k <- 0L
            if (!write_values(values[done], start + done - 1L)) stopped <- TRUE
            i <- i + group
        }
        if (stopped) break
    }
    compiling(FALSE)
    row_number <<- NULL
    at_end <<- NULL
    print_warnings()
    close_result()
    if (!is.null(problem)) bad_input(problem)
    if (failed > 0L) {
        leave(if (going_on) paste0(failed, " of ", total, " rows failed; first: ", first_reason) else first_reason)
    }
    if (!is.null(settings$checkpoint$column)) keep_checkpoint(last)
}
