# Reads the input whole.

bad_input <- function(problem) {
    name <- relative(settings$input$path)
    if (identical(name, settings$input$path)) name <- paste("input", basename(name))
    refuse(paste0(name, if (!is.null(problem$line)) paste0(":", problem$line), ": ", conditionMessage(problem)))
}
reading <- function(code) {
    tryCatch(code, bobbin_input = bad_input, error = function(e) {
        refuse(paste0(relative(settings$input$path), ": cannot be read: ", conditionMessage(e)))
    })
}

read_input <- function(items = FALSE) {
    if (is.null(settings$input)) return(NULL)
    path <- settings$input$path
    reading(switch(settings$input$kind,
        csv = files$read_csv(path), jsonl = files$read_json_lines(path),
        json$decode(read_all(path), items = items)))
}
