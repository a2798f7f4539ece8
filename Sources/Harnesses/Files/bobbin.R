# The helper of every R run. R loads this file as the user's profile (R_PROFILE_USER), before the default packages and
# before the script, so it only defines functions: the event stream is opened by the first event, and what needs JSON
# beyond a text is read from harness.R, beside this file, when it is first asked for.
#
# The definitions come in short expressions because R reads a profile, as any script, by a parser whose time grows with
# the square of an expression's length.

.bobbin <- new.env(parent = baseenv())

evalq({
    here <- dirname(Sys.getenv("R_PROFILE_USER"))
    # A line of events has at most this many bytes, its newline among them.
    longest <- 65536L
    stream <- NULL
    handle <- NULL
    encode <- NULL
    decode <- NULL

    # R would compile each of these functions at its second call, which takes longer than many calls.
    uncompiled <- function(code) {
        level <- .Internal(enableJIT(0L))
        on.exit(.Internal(enableJIT(level)))
        code
    }
}, .bobbin)

evalq({
    # A FIFO that nobody reads must not hold the script up, so it is opened without waiting first. What is kept is a
    # descriptor that waits: a full pipe makes the script wait instead of losing the line.
    open_stream <- function(path) {
        if (!nzchar(path) || !file.exists(path)) return(NULL)
        quietly <- function(expression) suppressWarnings(tryCatch(expression, error = function(e) NULL))
        probe <- quietly(fifo(path, "wb", blocking = FALSE))
        if (is.null(probe)) {
            # Not so a FIFO without a reader, which as a file would be waited for.
            if (system2("test", c("-f", shQuote(path))) == 0L) return(quietly(file(path, "ab")))
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
}, .bobbin)

evalq({
    # True if the line is on its way. A fifo connection has no buffer: this is one write.
    send <- function(line) {
        if (!is_ours()) {
            stream <<- open_stream(Sys.getenv("BOBBIN_EVENTS"))
            if (is.null(stream)) return(FALSE)
            handle <<- attr(stream, "conn_id")
        }
        tryCatch({
            writeBin(c(charToRaw(line), as.raw(10L)), stream)
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
                to <- switch(as.character(code), "9" = "\\t", "10" = "\\n", "13" = "\\r", sprintf("\\u%04x", code))
                text <- gsub(intToUtf8(code), to, text, fixed = TRUE)
            }
        }
        paste0("\"", text, "\"")
    }
}, .bobbin)

evalq({
    # `start` and `end` of an event around a text that is cut until the line fits.
    send_text <- function(start, text, end = "}") {
        line <- paste0(start, quoted(text), end)
        while ((bytes <- nchar(line, "bytes") + 1L) > longest) {
            if (nchar(text, "bytes") > longest) {
                # Cut by bytes first: a text of many megabytes is not to be looked through again and again.
                text <- iconv(rawToChar(charToRaw(text)[seq_len(longest)]), "UTF-8", "UTF-8", sub = "")
            } else {
                text <- substr(text, 1L, as.integer(nchar(text) * 0.95 * longest / bytes) - 1L)
            }
            line <- paste0(start, quoted(paste0(text, " [cut]")), end)
        }
        send(line)
    }

    as_text <- function(...) {
        if (...length() == 1L && inherits(..1, "condition")) return(conditionMessage(..1))
        paste0(unlist(lapply(list(...), as.character)), collapse = "")
    }
}, .bobbin)

evalq({
    log_at <- function(level) {
        start <- paste0("{\"type\":\"log\",\"level\":\"", level, "\",\"message\":")
        function(...) {
            text <- as_text(...)
            if (!uncompiled(send_text(start, text))) cat(level, ": ", text, "\n", sep = "", file = stderr())
            invisible()
        }
    }

    # Reads parts of the harness into an environment.
    read_parts <- function(into, ...) {
        for (name in c(...)) {
            path <- file.path(here, paste0("harness_", name, ".R"))
            eval(parse(path, keep.source = FALSE, encoding = "UTF-8"), into)
        }
        into
    }
    reader <- function() uncompiled(read_parts(new.env(parent = baseenv()), "read", "escapes", "build"))
    writer <- function() uncompiled(read_parts(new.env(parent = baseenv()), "write", "vectors"))
}, .bobbin)

evalq({
    progress <- function(value, text = NULL) {
        if (!is.numeric(value) || length(value) != 1L || is.na(value)) {
            stop("progress wants a number from 0 to 1", call. = FALSE)
        }
        start <- paste0("{\"type\":\"progress\",\"value\":", format(min(max(value, 0), 1), digits = 15L))
        uncompiled({
            if (is.null(text)) send(paste0(start, "}"))
            else send_text(paste0(start, ",\"text\":"), as_text(text))
        })
        invisible()
    }

    message <- function(...) {
        uncompiled(send_text("{\"type\":\"message\",\"text\":", as_text(...)))
        invisible()
    }
}, .bobbin)

evalq({
    checkpoint <- function(value) {
        force(value)
        if (is.null(encode)) encode <<- writer()$encode
        line <- uncompiled(paste0("{\"type\":\"checkpoint\",\"value\":", encode(value, "checkpoint"), "}"))
        if ((size <- nchar(line, "bytes") + 1L) > longest) {
            stop("a checkpoint may have at most ", longest, " bytes as JSON, this one has ", size, call. = FALSE)
        }
        uncompiled(send(line))
        invisible()
    }

    last_checkpoint <- function() {
        text <- Sys.getenv("BOBBIN_CHECKPOINT", NA)
        if (is.na(text)) return(NULL)
        if (is.null(decode)) decode <<- reader()$decode
        uncompiled(decode(text, "BOBBIN_CHECKPOINT"))
    }
}, .bobbin)

attach(list(bobbin = evalq(list(
    log = list(
        trace = log_at("trace"), debug = log_at("debug"), info = log_at("info"), warn = log_at("warn"),
        warning = log_at("warn"), error = log_at("error")),
    progress = progress, message = message, checkpoint = checkpoint, last_checkpoint = last_checkpoint), .bobbin)),
    name = "bobbin", warn.conflicts = FALSE)
rm(.bobbin)

# R reads the directory's own profile only where no other is named.
if (file.exists(".Rprofile")) sys.source(".Rprofile", envir = globalenv())
