# JSON texts of what R keeps in vectors.

check_kind <- function(x, path) {
    hint <- switch(typeof(x),
        closure = , builtin = , special = "a function",
        environment = if (is.object(x)) paste("an object of class", class(x)[1L]) else "an environment; use as.list()",
        S4 = paste("an S4 object of class", class(x)[1L]),
        complex = "a complex number; use Re() and Im(), or as.character()",
        language = if (inherits(x, "formula")) "a formula; use deparse()" else "an unevaluated call; use deparse()",
        symbol = "a name; use as.character()", expression = "an expression; use deparse()",
        externalptr = "an external pointer", NULL)
    if (!is.null(hint)) refuse(path, hint)
    if (isS4(x)) refuse(path, paste("an S4 object of class", class(x)[1L]))
    if (inherits(x, "integer64") && !isNamespaceLoaded("bit64")) refuse(path, "an integer64; load the package bit64")
}

# A vector of texts, numbers or truths for what R keeps in vectors with a class.
plain <- function(x, path) {
    if (!is.object(x)) return(x)
    if (is.factor(x)) return(levels(x)[unclass(x)])
    if (inherits(x, "Date")) return(ifelse_na(format.Date(x, "%Y-%m-%d")))
    if (inherits(x, "POSIXt")) return(moments(as.POSIXct(x)))
    if (inherits(x, "difftime")) {
        factor <- c(secs = 1, mins = 60, hours = 3600, days = 86400, weeks = 604800)[attr(x, "units")]
        return(as.vector(unclass(x)) * unname(factor))
    }
    if (inherits(x, c("numeric_version", "integer64"))) return(as.character(x))
    unclass(x)
}

ifelse_na <- function(text) {
    text[is.na(text) | text == "NA"] <- NA
    text
}

# ISO 8601 in UTC, to the microsecond where it is not whole.
moments <- function(x) {
    seconds <- as.vector(unclass(x))
    seconds[!is.finite(seconds)] <- NA
    whole <- floor(seconds)
    micro <- round((seconds - whole) * 1e6)
    carry <- which(micro == 1e6)
    whole[carry] <- whole[carry] + 1
    micro[carry] <- 0
    text <- format.POSIXct(.POSIXct(whole, "UTC"), "%Y-%m-%dT%H:%M:%S", tz = "UTC")
    fraction <- ifelse(is.na(micro) | micro == 0, "", sub("0+$", "", sprintf(".%06d", as.integer(micro))))
    ifelse(is.na(seconds), NA_character_, paste0(text, fraction, "Z"))
}

# One JSON text for each element of a plain vector. `where(i)` is asked for the path of what cannot be written.
scalars <- function(x, where) {
    attributes(x) <- NULL
    switch(typeof(x),
        character = {
            out <- quoted(x, where)
            out[is.na(x)] <- "null"
            out
        },
        double = {
            out <- sprintf("%.15g", x)
            out[missing <- is.na(x)] <- "null"
            if (any(infinite <- is.infinite(x))) {
                i <- which(infinite)[1L]
                refuse(where(i), if (x[i] > 0) "Inf" else "-Inf")
            }
            short <- which(!missing)
            short <- short[as.numeric(out[short]) != x[short]]
            out[short] <- sprintf("%.17g", x[short])
            out
        },
        integer = {
            out <- sprintf("%d", x)
            out[is.na(x)] <- "null"
            out
        },
        logical = c("false", "true", "null")[ifelse(is.na(x), 3L, x + 1L)],
        raw = vapply(x, function(b) paste0("\"", base64(b), "\""), ""),
        refuse(where(1L), paste("of type", typeof(x))))
}

# `where`: a path, or a function from index to path.
quoted <- function(x, where) {
    if (any(foreign <- Encoding(x) == "latin1")) x[foreign] <- enc2utf8(x[foreign])
    if (!all(valid <- validUTF8(x))) {
        i <- which(!valid)[1L]
        refuse(if (is.function(where)) where(i) else where, "a text that is not UTF-8; use iconv()")
    }
    odd <- grep("[\"\\\\\\x01-\\x1f]", x, perl = TRUE, useBytes = TRUE)
    if (length(odd)) {
        some <- gsub("\\", "\\\\", x[odd], fixed = TRUE)
        some <- gsub("\"", "\\\"", some, fixed = TRUE)
        if (any(grepl("[\\x01-\\x1f]", some, perl = TRUE, useBytes = TRUE))) {
            for (code in 1:31) {
                to <- switch(as.character(code), "9" = "\\t", "10" = "\\n", "13" = "\\r", sprintf("\\u%04x", code))
                some <- gsub(intToUtf8(code), to, some, fixed = TRUE)
            }
        }
        x[odd] <- some
    }
    paste0("\"", x, "\"", recycle0 = TRUE)
}

letters64 <- c(LETTERS, letters, 0:9, "+", "/")
base64 <- function(bytes) {
    n <- length(bytes)
    if (!n) return("")
    padding <- (3L - n %% 3L) %% 3L
    triples <- matrix(as.integer(c(bytes, raw(padding))), nrow = 3L)
    codes <- rbind(triples[1L, ] %/% 4L, (triples[1L, ] %% 4L) * 16L + triples[2L, ] %/% 16L,
        (triples[2L, ] %% 16L) * 4L + triples[3L, ] %/% 64L, triples[3L, ] %% 64L)
    out <- letters64[codes + 1L]
    if (padding) out[length(out) + 1L - seq_len(padding)] <- "="
    paste(out, collapse = "")
}
