# Reads JSON. There is no loop over tokens, which would be slow in R: one regular expression finds them all, the grammar
# is checked on vectors of neighbours, and values are put together level by level, the deepest first.

token <- paste0(
    "\"(?:[^\"\\\\\\x00-\\x1f]++|\\\\(?:[\"\\\\/bfnrt]|u[0-9A-Fa-f]{4}))*+\"(?:[ \\t\\r\\n]*+:)?",
    "|-?(?:0|[1-9][0-9]*+)(?:\\.[0-9]++)?(?:[eE][-+]?[0-9]++)?|[\\[\\]{},]|true|false|null")
deepest_input <- 512L

fault <- function(message, line = NULL) {
    stop(structure(class = c("bobbin_input", "error", "condition"),
        list(message = message, call = NULL, line = line)))
}

# Reads JSON from a raw vector or a text. `items`: the outermost array stays a list of its items, each simplified
# for itself. `lines`: the text is JSON lines, read as an array of their values. `first`: number of the first line.
decode <- function(json, name = "input", items = FALSE, lines = FALSE, first = 1L) {
    bytes <- if (is.raw(json)) json else charToRaw(enc2utf8(json))
    if (length(bytes) >= 3L && identical(bytes[1:3], as.raw(c(0xEF, 0xBB, 0xBF)))) bytes <- bytes[-(1:3)]
    line_of <- function(place) first + sum(bytes[seq_len(place - 1L)] == 0x0A)
    if (any(nul <- bytes == 0L)) fault("not JSON: a NUL byte", line_of(which(nul)[1L]))
    text <- rawToChar(bytes)
    if (!validUTF8(text)) {
        valid <- validUTF8(strsplit(text, "\n", TRUE, FALSE, TRUE)[[1L]])
        fault("not UTF-8", first - 1L + which(!valid)[1L])
    }
    Encoding(text) <- "bytes"

    found <- tryCatch(gregexpr(token, text, perl = TRUE, useBytes = TRUE)[[1L]], warning = function(w) {
        fault("a text with millions of escapes, which is more than can be read", first)
    })
    start <- as.integer(found)
    if (start[1L] == -1L) {
        if (lines && !any(!bytes %in% as.raw(c(9, 10, 13, 32)))) return(list())
        fault(if (length(bytes)) "not JSON" else "empty, so it is not JSON", first)
    }
    size <- attr(found, "match.length")
    found <- NULL
    end <- start + size - 1L
    n <- length(start)

    # Between tokens is nothing but space.
    gap_start <- c(1L, end + 1L)
    gap <- c(start, length(bytes) + 1L) - gap_start
    wide <- which(gap > 0L)
    space <- sequence(gap[wide], gap_start[wide])
    odd <- space[!bytes[space] %in% as.raw(c(9, 10, 13, 32))]
    if (length(odd)) {
        rest <- bytes[odd[1L]:min(odd[1L] + 19L, length(bytes))]
        rest <- iconv(rawToChar(rest[cumsum(rest == 0x0A) == 0L]), "UTF-8", "UTF-8", sub = "?")
        fault(paste0("not JSON near '", rest, "'"), line_of(odd[1L]))
    }
    gap <- wide <- space <- gap_start <- NULL

    # Kinds: 1 text, 2 number, 3 true or false, 4 null, 5 { 6 [ 7 } 8 ] 9 , 10 key.
    kind_of <- rep(2L, 256L)
    kind_of[as.integer(charToRaw("\"tfn{[}],")) + 1L] <- c(1L, 3L, 3L, 4L, 5L, 6L, 7L, 8L, 9L)
    kind <- kind_of[as.integer(bytes[start]) + 1L]
    is_key <- kind == 1L & bytes[end] == 0x3A
    kind[is_key] <- 10L
    opens <- kind == 5L | kind == 6L
    closes <- kind == 7L | kind == 8L
    after <- cumsum(opens - closes)
    wrong <- function(place, what = NULL) {
        if (place > n) fault("not JSON: it ends too soon", line_of(length(bytes) + 1L))
        Encoding(text) <- "UTF-8"
        seen <- rawToChar(bytes[start[place]:min(end[place], start[place] + 39L)])
        if (is.null(what)) what <- iconv(seen, "UTF-8", "UTF-8", sub = "")
        fault(paste0("not JSON: unexpected ", what), line_of(start[place]))
    }
    if (any(under <- after < 0L)) wrong(which(under)[1L])
    if ((deepest <- max(after)) > deepest_input) {
        fault(paste("more than", deepest_input, "levels"), line_of(start[which(after > deepest_input)[1L]]))
    }

    # The bracket that each token is in: 0 at the top. A closing one is in the pair that it closes.
    level <- after - opens + closes
    parent <- integer(n)
    for (depth in seq_len(deepest)) {
        here <- which(level == depth)
        marks <- which(opens & after == depth)
        parent[here] <- marks[findInterval(here, marks)]
    }
    in_object <- logical(n)
    in_object[parent > 0L] <- kind[parent[parent > 0L]] == 5L

    # What may follow what. A closing bracket is seen by its successor from outside.
    previous <- c(0L, kind[-n])
    value <- kind <= 6L
    closed <- previous %in% c(1L, 2L, 3L, 4L, 7L, 8L)
    fits <- (value & (previous == 0L | previous == 10L | (!in_object & (previous == 6L | previous == 9L)))) |
        (kind == 10L & in_object & (previous == 5L | previous == 9L)) |
        (kind == 9L & closed) | (kind == 7L & in_object & (closed | previous == 5L)) |
        (kind == 8L & !in_object & (closed | previous == 6L))
    top <- level == 0L
    if (lines) fits <- fits | (value & top & closed)
    else fits <- fits & !(top & seq_len(n) > 1L)
    fits <- fits & !(top & !value)
    if (!all(fits)) wrong(which(!fits)[1L])
    if (after[n] > 0L) wrong(n + 1L)

    if (lines) {
        # Each line one value: where the lines begin, and in which of them each value begins and ends.
        roots <- which(top)
        breaks <- which(bytes == 0x0A)
        begins <- findInterval(start[roots], breaks)
        last <- end[c(roots[-1L] - 1L, n)]
        broken <- begins != findInterval(last, breaks)
        if (any(broken)) fault("not JSON: it ends too soon", first + begins[which(broken)[1L]])
        if (anyDuplicated(begins)) fault("more than one value in a line", first + begins[anyDuplicated(begins)])
        breaks <- NULL
    }
    previous <- closed <- fits <- NULL

    # Texts, keys, numbers.
    piece <- function(which, from = 0L, to = 0L) {
        if (!length(which)) return(character())
        out <- substring(text, start[which] + from, end[which] - to)
        Encoding(out) <- "UTF-8"
        out
    }
    element <- which(value)
    kind <- kind[element]
    strings <- unescape(piece(element[kind == 1L], 1L, 1L))
    if (is.integer(strings)) {
        fault("a text with \\u0000, which R cannot hold", line_of(start[element[kind == 1L][strings]]))
    }
    digits <- piece(element[kind == 2L])
    # R's own reader of numbers; it is right to the last bit but for rare cases.
    numbers <- as.numeric(digits)
    if (any(large <- is.infinite(numbers))) {
        large <- which(large)[1L]
        fault(paste("the number", cut_text(digits[large]), "does not fit"), line_of(start[element[kind == 2L][large]]))
    }
    digits <- NULL
    truths <- bytes[start[element[kind == 3L]]] == 0x74
    rank <- integer(length(element))
    for (k in 1:3) rank[kind == k] <- seq_len(sum(kind == k))
    parent <- parent[element]
    names <- rep(NA_character_, length(element))
    has_key <- in_object[element]
    if (any(has_key)) {
        keys <- element[has_key] - 1L
        # Keys repeat: each different one is decoded once.
        keys <- piece(keys, 1L, 1L)
        keys <- sub("[ \t\r\n]*\"?$", "", sub("\"[ \t\r\n]*$", "", keys))
        distinct <- unique(keys)
        decoded <- unescape(distinct)
        if (is.integer(decoded)) {
            place <- element[has_key][match(distinct[decoded], keys)]
            fault("a key with \\u0000, which R cannot hold", line_of(start[place]))
        }
        names[has_key] <- decoded[match(keys, distinct)]
        keys <- NULL
    }
    depth <- level[element] + 1L
    bytes <- text <- start <- end <- level <- after <- opens <- closes <- in_object <- NULL
    if (lines) {
        # The items of an array around them all.
        element <- c(1L, element + 1L)
        parent <- c(0L, ifelse(parent > 0L, parent + 1L, 1L))
        kind <- c(6L, kind)
        names <- c(NA, names)
        depth <- c(1L, depth + 1L)
        rank <- c(0L, rank)
    }
    build(element, kind, parent, names, depth, rank, strings, numbers, truths, items)
}

cut_text <- function(text) if (nchar(text) > 40L) paste0(substr(text, 1L, 40L), "...") else text
