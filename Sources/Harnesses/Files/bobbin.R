# The helper of every R run. R loads this file as the user's profile (R_PROFILE_USER), before the default packages and
# before the script, so it only defines functions: the event stream is opened by the first event, and what needs JSON
# beyond a text is read from harness.R, beside this file, when it is first asked for.
local({
    here <- dirname(Sys.getenv("R_PROFILE_USER"))
    # A line of events has at most this many bytes, its newline among them.
    longest <- 65536L
    stream <- NULL
    handle <- NULL
    codec <- NULL

    # A FIFO that nobody reads must not hold the script up, so it is opened without waiting first. What is kept is a waiting
    # descriptor: a full pipe makes the script wait instead of losing the line.
    open_stream <- function(path) {
        if (!nzchar(path) || !file.exists(path)) return(NULL)
        quietly <- function(expression) suppressWarnings(tryCatch(expression, error = function(e) NULL))
        probe <- quietly(fifo(path, "wb", blocking = FALSE))
        if (is.null(probe)) {
            # A FIFO without a reader is not to be opened as a file, which would wait for one for ever.
            if (!is.na(size <- file.size(path)) && system2("test", c("-f", shQuote(path))) == 0L) {
                return(quietly(file(path, "ab")))
            }
            return(NULL)
        }
        found <- quietly(fifo(path, "wb", blocking = TRUE))
        close(probe)
        found
    }

    # A script may close all connections, and another one then has the number of ours.
    is_ours <- function() {
        !is.null(stream) && tryCatch(
            identical(attr(getConnection(as.integer(stream)), "conn_id"), handle), error = function(e) FALSE)
    }

    # True if the line is on its way. A fifo connection has no buffer: this is one write.
    send <- function(line) {
        bytes <- c(charToRaw(line), as.raw(10L))
        if (!is_ours()) {
            stream <<- open_stream(Sys.getenv("BOBBIN_EVENTS"))
            if (is.null(stream)) return(FALSE)
            handle <<- attr(stream, "conn_id")
        }
        tryCatch({
            writeBin(bytes, stream)
            if (inherits(stream, "file")) flush(stream)
            TRUE
        }, error = function(e) FALSE, warning = function(w) FALSE)
    }

    # A JSON text. Bytes that are not UTF-8 become U+FFFD: a message is for reading.
    quoted <- function(text) {
        if (Encoding(text) == "latin1") text <- enc2utf8(text)
        if (!validUTF8(text)) text <- iconv(text, "UTF-8", "UTF-8", sub = "\uFFFD")
        text <- gsub("\\", "\\\\", text, fixed = TRUE)
        text <- gsub("\"", "\\\"", text, fixed = TRUE)
        if (grepl("[\x01-\x1f]", text, perl = TRUE)) {
            for (code in 1:31) {
                text <- gsub(intToUtf8(code), switch(as.character(code),
                    "9" = "\\t", "10" = "\\n", "13" = "\\r", sprintf("\\u%04x", code)), text, fixed = TRUE)
            }
        }
        paste0("\"", text, "\"")
    }

    # `start` and `end` of an event around a text that is cut until the line fits.
    send_text <- function(start, text, end = "}") {
        line <- paste0(start, quoted(text), end)
        mark <- ""
        while ((bytes <- nchar(line, "bytes") + 1L) > longest) {
            if (nchar(text, "bytes") > longest) {
                # Cut by bytes first: a text of many megabytes is not to be looked through again and again.
                text <- rawToChar(charToRaw(enc2utf8(text))[seq_len(longest)])
                text <- iconv(text, "UTF-8", "UTF-8", sub = "")
            } else {
                text <- substr(text, 1L, as.integer(nchar(text) * 0.95 * longest / bytes) - 1L)
            }
            line <- paste0(start, quoted(paste0(text, " [cut]")), end)
        }
        send(line)
    }

    as_text <- function(...) {
        if (...length() == 1L && inherits(..1, "condition")) return(conditionMessage(..1))
        text <- paste0(unlist(lapply(list(...), as.character)), collapse = "")
        text
    }

    log_at <- function(level) {
        force(level)
        function(...) {
            text <- as_text(...)
            if (!send_text(paste0("{\"type\":\"log\",\"level\":\"", level, "\",\"message\":"), text)) {
                cat(level, ": ", text, "\n", sep = "", file = stderr())
            }
            invisible()
        }
    }

    # The first expression of harness.R is the JSON reader and writer.
    json <- function() {
        if (is.null(codec)) {
            path <- file.path(here, "harness.R")
            codec <<- eval(parse(path, n = 1L, keep.source = FALSE, encoding = "UTF-8")[[1L]][[3L]], baseenv())
        }
        codec
    }

    bobbin <- list(
        log = list(
            trace = log_at("trace"), debug = log_at("debug"), info = log_at("info"), warn = log_at("warn"),
            warning = log_at("warn"), error = log_at("error")),
        progress = function(value, text = NULL) {
            if (!is.numeric(value) || length(value) != 1L || is.na(value)) {
                stop("progress wants a number from 0 to 1", call. = FALSE)
            }
            start <- paste0("{\"type\":\"progress\",\"value\":", format(min(max(value, 0), 1), digits = 15L))
            if (is.null(text)) send(paste0(start, "}"))
            else send_text(paste0(start, ",\"text\":"), as_text(text))
            invisible()
        },
        message = function(...) {
            send_text("{\"type\":\"message\",\"text\":", as_text(...))
            invisible()
        },
        checkpoint = function(value) {
            line <- paste0("{\"type\":\"checkpoint\",\"value\":", json()$encode(value, "checkpoint"), "}")
            if (nchar(line, "bytes") + 1L > longest) {
                stop("a checkpoint may have at most ", longest, " bytes as JSON, this one has ",
                    nchar(line, "bytes"), call. = FALSE)
            }
            send(line)
            invisible()
        },
        last_checkpoint = function() {
            text <- Sys.getenv("BOBBIN_CHECKPOINT", NA)
            if (is.na(text)) NULL else json()$decode(text, "BOBBIN_CHECKPOINT")
        })

    attach(list(bobbin = bobbin), name = "bobbin", warn.conflicts = FALSE)
    # R reads the directory's own profile only where no other is named.
    if (file.exists(".Rprofile")) sys.source(".Rprofile", envir = globalenv())
})
