# How Bobbin calls an R script in other ways than `Rscript main.R`: `Rscript harness.R ENTRY ARGS...`, with what is
# wanted in BOBBIN_HARNESS. Rscript's own parser takes time that grows with the square of an expression's length, so the
# first expression here reads the file anew by parse() and evaluates the others: the JSON reader and writer (bobbin.R
# evaluates that one alone), the readers of input files, and the run itself. Everything is kept away from the script in
# environments of its own whose parent is base, so that no name of the script's can take the place of a function used here.

local({
    path <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1L])
    for (part in parse(path, keep.source = FALSE, encoding = "UTF-8")[-1L]) eval(part, globalenv())
    quit("no")
}, new.env(parent = baseenv()))

.bobbin_json <- local({
    # ---- the reader -------------------------------------------------------------------------------------------------
    # There is no loop over tokens, which would be slow in R: one regular expression finds them all, the grammar is
    # checked on vectors of neighbours, and values are put together level by level, the deepest first.

    token <- paste0(
        "\"(?:[^\"\\\\\\x00-\\x1f]++|\\\\(?:[\"\\\\/bfnrt]|u[0-9A-Fa-f]{4}))*+\"(?:[ \\t\\r\\n]*+:)?",
        "|-?(?:0|[1-9][0-9]*+)(?:\\.[0-9]++)?(?:[eE][-+]?[0-9]++)?|[\\[\\]{},]|true|false|null")
    deepest_input <- 512L

    fault <- function(message, line = NULL) {
        stop(structure(class = c("bobbin_input", "error", "condition"), list(message = message, call = NULL, line = line)))
    }

    # Reads JSON from a raw vector or a text. `items`: the outermost array stays a list of its items, each simplified
    # for itself. `lines`: the text is JSON lines, read as an array of their values. `first`: number of the first line.
    decode <- function(json, name = "input", items = FALSE, lines = FALSE, first = 1L) {
        bytes <- if (is.raw(json)) json else charToRaw(enc2utf8(json))
        if (length(bytes) >= 3L && identical(bytes[1:3], as.raw(c(0xEF, 0xBB, 0xBF)))) bytes <- bytes[-(1:3)]
        line_of <- function(place) first + sum(bytes[seq_len(place - 1L)] == 0x0A)
        if (any(nul <- bytes == 0L)) fault("not JSON: a NUL byte", line_of(which(nul)[1L]))
        text <- rawToChar(bytes)
        if (!validUTF8(text)) fault("not UTF-8", first - 1L + which(!validUTF8(strsplit(text, "\n", TRUE, FALSE, TRUE)[[1L]]))[1L])
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
            fault(paste0("not JSON: unexpected ", if (is.null(what)) iconv(seen, "UTF-8", "UTF-8", sub = "") else what), line_of(start[place]))
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
        if (is.integer(strings)) fault("a text with \\u0000, which R cannot hold", line_of(start[element[kind == 1L][strings]]))
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
            if (is.integer(decoded)) fault("a key with \\u0000, which R cannot hold", line_of(start[element[has_key][match(distinct[decoded], keys)]]))
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

    # What escapes stand for; an integer, the index of the first text with \u0000, if there is one.
    unescape <- function(texts) {
        which <- grep("\\", texts, fixed = TRUE)
        if (!length(which)) return(texts)
        some <- texts[which]
        # A doubled backslash must not make an escape with what comes behind it.
        some <- gsub("\\\\", "\\u005c", some, fixed = TRUE)
        from <- c("\\\"", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t")
        to <- c("\"", "/", "\b", "\f", "\n", "\r", "\t")
        for (k in seq_along(from)) some <- gsub(from[k], to[k], some, fixed = TRUE)
        if (any(coded <- grepl("\\u", some, fixed = TRUE))) {
            places <- gregexpr("(?:\\\\u[0-9A-Fa-f]{4})+", some[coded], perl = TRUE)
            runs <- regmatches(some[coded], places)
            distinct <- unique(unlist(runs))
            plain <- vapply(distinct, function(run) {
                codes <- strtoi(strsplit(substring(run, 3L), "\\u", fixed = TRUE)[[1L]], 16L)
                if (any(codes == 0L)) NA_character_ else from_utf16(codes)
            }, "", USE.NAMES = FALSE)
            if (anyNA(plain)) {
                nul <- distinct[is.na(plain)]
                return(which[which(coded)[which(vapply(runs, function(run) any(run %in% nul), NA))[1L]]])
            }
            regmatches(some[coded], places) <- lapply(runs, function(run) plain[match(run, distinct)])
        }
        texts[which] <- enc2utf8(some)
        texts
    }

    # Half of a pair becomes U+FFFD: no UTF-8 text can hold it.
    from_utf16 <- function(codes) {
        high <- codes >= 0xD800L & codes <= 0xDBFFL
        low <- codes >= 0xDC00L & codes <= 0xDFFFL
        n <- length(codes)
        paired <- high & c(low[-1L], FALSE)
        second <- c(FALSE, paired[-n])
        codes[paired] <- 0x10000L + (codes[paired] - 0xD800L) * 0x400L + (codes[which(paired) + 1L] - 0xDC00L)
        codes[(high & !paired) | (low & !second)] <- 0xFFFDL
        intToUtf8(codes[!second])
    }

    # Elements are all values in the order of the text: their token (by which they are somebody's parent), kind, parent,
    # key, depth of nesting and index into the values of their kind.
    build <- function(token, kind, parent, names, depth, rank, strings, numbers, truths, items) {
        n <- length(token)
        place <- integer(max(token))
        place[token] <- seq_len(n)
        above <- integer(n)
        above[parent > 0L] <- place[parent[parent > 0L]]

        # A key that comes twice: the last one counts.
        keyed <- which(!is.na(names))
        if (length(keyed)) {
            id <- above[keyed] * (length(u <- unique(names)) + 1) + match(names[keyed], u)
            if (anyDuplicated(id)) {
                dropped <- keyed[duplicated(id, fromLast = TRUE)]
                # What is inside of them goes as well; a parent comes before its children.
                gone <- logical(n)
                gone[dropped] <- TRUE
                for (level in seq_len(max(depth))[-1L]) {
                    at <- which(depth == level & above > 0L)
                    gone[at] <- gone[at] | gone[above[at]]
                }
                keep <- !gone
                return(build(token[keep], kind[keep], parent[keep], names[keep], depth[keep], rank[keep], strings,
                    numbers, truths, items))
            }
        }

        count <- tabulate(above, n)
        nested <- tabulate(above[kind >= 5L], n)
        # For arrays: of one kind, nulls aside.
        kinds <- (tabulate(above[kind == 1L], n) > 0L) + (tabulate(above[kind == 2L], n) > 0L) +
            (tabulate(above[kind == 3L], n) > 0L)
        is_vector <- kind == 6L & count > 0L & nested == 0L & kinds <= 1L
        # For arrays: all are objects of scalars, and not all of these are empty.
        flat <- kind == 5L & nested == 0L
        is_frame <- kind == 6L & count > 0L & tabulate(above[flat], n) == count &
            tabulate(above[flat & count > 0L], n) > 0L
        if (items && kind[1L] == 6L) is_vector[1L] <- is_frame[1L] <- FALSE
        in_frame <- logical(n)
        in_frame[above > 0L] <- is_frame[above[above > 0L]]
        in_vector <- logical(n)
        in_vector[above > 0L] <- is_vector[above[above > 0L]]
        # Scalars that a vector or a data frame takes directly are never boxed.
        row_field <- logical(n)
        row_field[above > 0L] <- in_frame[above[above > 0L]]
        boxed <- !in_vector & !row_field

        values <- vector("list", n)
        at <- which(boxed & kind == 1L); values[at] <- as.list(strings[rank[at]])
        at <- which(boxed & kind == 2L); values[at] <- as.list(numbers[rank[at]])
        at <- which(boxed & kind == 3L); values[at] <- as.list(truths[rank[at]])

        scalars <- function(at) {
            present <- kind[at]
            present <- unique(present[present != 4L])
            if (length(present) > 1L) {
                out <- vector("list", length(at))
                for (k in present) {
                    now <- which(kind[at] == k)
                    out[now] <- as.list(switch(k, strings, numbers, truths)[rank[at[now]]])
                }
                return(out)
            }
            # An index of 0 would be left out, NA gives NA: that is what a null becomes.
            index <- rank[at]
            index[kind[at] == 4L] <- NA
            if (length(present)) switch(present, strings, numbers, truths)[index] else rep(NA, length(at))
        }

        for (level in rev(seq_len(max(depth)))) {
            here <- which(depth == level & kind >= 5L & !in_frame)
            if (!length(here)) next
            # Their children are the elements of the next level, in order.
            kids <- which(depth == level + 1L & above > 0L)
            empty <- here[count[here] == 0L]
            values[empty[kind[empty] == 6L]] <- list(list())
            values[empty[kind[empty] == 5L]] <- list(structure(list(), names = character()))
            vectors <- here[is_vector[here]]
            if (length(vectors)) {
                of <- kids[in_vector[kids]]
                # All vectors of a kind are cut out of one.
                class <- integer(n)
                class[above[of[kind[of] != 4L]]] <- kind[of[kind[of] != 4L]]
                class <- class[above[of]]
                for (k in unique(class)) {
                    now <- of[class == k]
                    owner <- above[now]
                    values[unique(owner)] <- cut_up(scalars(now), owner)
                }
            }
            for (frame in here[is_frame[here]]) {
                rows <- if (length(here) == 1L) kids else kids[above[kids] == frame]
                fields <- which(depth == level + 2L)
                fields <- fields[row_field[fields]]
                if (length(here) > 1L) fields <- fields[above[above[fields]] == frame]
                values[[frame]] <- data_frame(match(above[fields], rows), names[fields], length(rows), fields, scalars)
            }
            others <- here[count[here] > 0L & !is_vector[here] & !is_frame[here]]
            if (length(others)) {
                wanted <- logical(n)
                wanted[others] <- TRUE
                of <- kids[wanted[above[kids]]]
                list <- values[of]
                if (any(kind[others] == 5L)) names(list) <- names[of]
                parts <- cut_up(list, above[of])
                owners <- unique(above[of])
                plain <- kind[owners] == 6L
                if (any(plain) && !is.null(names(list))) parts[plain] <- lapply(parts[plain], unname)
                values[owners] <- parts
            }
        }
        values[[1L]]
    }

    # split() for owners that come in blocks or not; in the order of their first appearance.
    cut_up <- function(x, owner) {
        levels <- unique(owner)
        if (length(levels) == 1L) return(list(x))
        unname(split(x, structure(match(owner, levels), levels = as.character(levels), class = "factor")))
    }

    data_frame <- function(row, name, rows, fields, scalars) {
        columns <- unique(name)
        out <- vector("list", length(columns))
        which_column <- match(name, columns)
        parts <- split(seq_along(name), structure(which_column, levels = as.character(seq_along(columns)), class = "factor"))
        for (k in seq_along(columns)) {
            found <- scalars(fields[parts[[k]]])
            if (length(found) != rows) {
                column <- if (is.list(found)) vector("list", rows) else rep(found[NA_integer_], rows)
                column[row[parts[[k]]]] <- found
                found <- column
            }
            out[[k]] <- if (is.list(found)) structure(found, class = "AsIs") else found
        }
        structure(out, names = columns, row.names = .set_row_names(rows), class = "data.frame")
    }

    # ---- the writer -------------------------------------------------------------------------------------------------
    # Vectors are written at once, data frames by column, and so are lists of records that all have the same names.

    deepest_result <- 60L

    refuse <- function(path, what) {
        stop(structure(class = c("bobbin_json", "error", "condition"),
            list(message = paste0(path, ": cannot be JSON: ", what), call = NULL)))
    }

    encode <- function(x, path = "result", depth = 0L) {
        if (depth > deepest_result) refuse(path, paste("more than", deepest_result, "levels"))
        keep <- inherits(x, "AsIs")
        if (keep) class(x) <- setdiff(oldClass(x), "AsIs")
        if (is.data.frame(x) || is_list(x)) {
            names <- attr(x, "names", exact = TRUE)
            if (is.data.frame(x) || is.null(names)) {
                return(paste0("[", paste(elements(x, path, depth), collapse = ","), "]"))
            }
            return(object(x, names, path, depth))
        }
        if (is.null(x)) return("null")
        check_kind(x, path)
        if (is.raw(x)) return(paste0("\"", base64(x), "\""))
        x <- plain(x, path)
        shape <- dim(x)
        if (length(shape) >= 2L) {
            if (length(shape) > 2L) refuse(path, "an array of more than two dimensions; make it a list of matrices")
            return(paste0("[", paste(matrix_rows(x, path), collapse = ","), "]"))
        }
        if (length(x) == 1L && !keep && !is.array(x)) return(scalars(x, function(i) path))
        paste0("[", paste(scalars(x, function(i) at(path, i)), collapse = ","), "]")
    }

    is_list <- function(x) (typeof(x) == "list" || typeof(x) == "pairlist" && !is.null(x)) && !inherits(x, c("POSIXlt", "numeric_version"))

    at <- function(path, i) paste0(path, "[", i - 1L, "]")
    member <- function(path, name) {
        if (grepl("^[A-Za-z_][A-Za-z0-9_]*$", name, perl = TRUE)) paste0(path, ".", name)
        else paste0(path, "[", quoted(name, path), "]")
    }

    # One JSON text for each element of a list, each row of a data frame.
    elements <- function(x, path = "result", depth = 0L) {
        if (is.data.frame(x)) return(frame_rows(x, path, depth + 1L))
        if (!is.object(x) && length(x) >= 4L && !is.null(rows <- record_rows(x, path, depth + 1L))) return(rows)
        x <- unclass(x)
        vapply(seq_along(x), function(i) encode(.subset2(x, i), at(path, i), depth + 1L), "")
    }

    object <- function(x, names, path, depth) {
        x <- unclass(x)
        if (anyNA(names) || any(names == "")) {
            refuse(path, paste0("element ", which(is.na(names) | names == "")[1L], " of the list has no name, others have"))
        }
        if (anyDuplicated(names)) refuse(path, paste0("the name '", names[anyDuplicated(names)], "' comes twice"))
        if (!length(x)) return("{}")
        texts <- vapply(seq_along(x), function(i) {
            v <- .subset2(x, i)
            # Plain scalars are most of what there is.
            if (length(v) == 1L && is.null(attributes(v)) && typeof(v) %in% c("character", "double", "integer", "logical")) {
                scalars(v, function(i) member(path, names[i]))
            } else encode(v, member(path, names[i]), depth + 1L)
        }, "")
        paste0("{", paste0(quoted(names, path), ":", texts, collapse = ","), "}")
    }

    frame_rows <- function(x, path, depth) {
        rows <- .row_names_info(x, 2L)
        if (!rows) return(character())
        names <- attr(x, "names")
        if (!length(names)) return(rep("{}", rows))
        x <- unclass(x)
        if (anyDuplicated(names)) refuse(path, paste0("the column '", names[anyDuplicated(names)], "' comes twice"))
        column <- function(k) {
            v <- .subset2(x, k)
            if (inherits(v, "AsIs")) class(v) <- setdiff(oldClass(v), "AsIs")
            where <- function(i) member(at(path, i), names[k])
            if (is.data.frame(v)) return(frame_rows(v, where(1L), depth + 1L))
            if (is_list(v)) {
                v <- unclass(v)
                return(vapply(seq_along(v), function(i) encode(.subset2(v, i), where(i), depth + 1L), ""))
            }
            if (is.raw(v)) return(vapply(v, function(b) paste0("\"", base64(b), "\""), ""))
            check_kind(v, where(1L))
            v <- plain(v, where(1L))
            if (length(dim(v)) == 2L) matrix_rows(v, where(1L)) else scalars(v, where)
        }
        rows_of(names, lapply(seq_along(x), column), path)
    }

    # {"a": ... ,"b": ... } for each row of equally long columns of JSON texts.
    rows_of <- function(names, columns, path) {
        keys <- paste0(c("{", rep(",", length(names) - 1L)), quoted(names, path), ":")
        parts <- vector("list", 2L * length(names))
        parts[seq(1L, by = 2L, length.out = length(names))] <- keys
        parts[seq(2L, by = 2L, length.out = length(names))] <- columns
        do.call(paste0, c(parts, "}"))
    }

    # NULL if the elements are not all bare lists with the same names.
    record_rows <- function(x, path, depth) {
        names <- attr(x[[1L]], "names")
        if (is.null(names) || !length(names)) return(NULL)
        if (!all(vapply(x, typeof, "") == "list") || any(vapply(x, is.object, NA))) return(NULL)
        if (length(unique(lapply(x, attr, "names", TRUE))) != 1L) return(NULL)
        if (anyNA(names) || any(names == "") || anyDuplicated(names)) return(NULL)
        if (depth > deepest_result) return(NULL)
        column <- function(k) {
            values <- lapply(x, .subset2, k)
            type <- unique(vapply(values, typeof, ""))
            if (length(type) == 1L && type %in% c("character", "double", "integer", "logical") && all(lengths(values) == 1L) &&
                all(vapply(values, function(v) is.null(attributes(v)), NA))) {
                return(scalars(unlist(values, use.names = FALSE), function(i) member(at(path, i), names[k])))
            }
            vapply(seq_along(values), function(i) encode(values[[i]], member(at(path, i), names[k]), depth + 1L), "")
        }
        rows_of(names, lapply(seq_along(names), column), path)
    }

    matrix_rows <- function(x, path) {
        rows <- nrow(x)
        texts <- scalars(as.vector(x), function(i) at(at(path, (i - 1L) %% rows + 1L), (i - 1L) %/% rows + 1L))
        dim(texts) <- dim(x)
        if (!rows) return(character())
        if (!ncol(x)) return(rep("[]", rows))
        paste0("[", do.call(paste, c(lapply(seq_len(ncol(x)), function(k) texts[, k]), sep = ",")), "]")
    }

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

    list(decode = decode, encode = encode, elements = elements, scalars = scalars, plain = plain,
        check_kind = check_kind, quoted = quoted, fault = fault, refuse = refuse)
}, new.env(parent = baseenv()))

# Input files, whole or in parts. A part is opened, read and closed: a script may close all connections.
.bobbin_files <- local({
    json <- get(".bobbin_json", globalenv())
    block_size <- 131072L

    read_all <- function(path) readBin(path, "raw", file.size(path))

    # The complete lines of the next part, as list(lines, first); NULL at the end. `first` is the number of the first.
    open_lines <- function(path) {
        offset <- 0
        rest <- raw()
        number <- 1L
        finished <- FALSE
        function() {
            if (finished) return(NULL)
            repeat {
                connection <- file(path, "rb")
                if (offset > 0) seek(connection, offset)
                bytes <- readBin(connection, "raw", block_size)
                close(connection)
                if (offset == 0 && length(bytes) >= 3L && identical(bytes[1:3], as.raw(c(0xEF, 0xBB, 0xBF)))) rest <- NULL
                skipped <- if (is.null(rest)) 3L else 0L
                offset <<- offset + length(bytes)
                finished <<- length(bytes) < block_size
                bytes <- c(rest, if (skipped) bytes[-(1:3)] else bytes)
                ends <- which(bytes == 0x0A)
                if (finished || length(ends)) break
                rest <<- bytes
            }
            if (finished) {
                rest <<- raw()
            } else {
                last <- ends[length(ends)]
                rest <<- bytes[-seq_len(last)]
                bytes <- bytes[seq_len(last)]
            }
            first <- number
            number <<- number + length(ends)
            if (any(nul <- bytes == 0L)) json$fault("a NUL byte", first + sum(ends < which(nul)[1L]))
            lines <- strsplit(rawToChar(bytes), "\n", fixed = TRUE, useBytes = TRUE)[[1L]]
            if (any(bytes == 0x0D)) lines <- sub("\r$", "", lines, useBytes = TRUE)
            if (!all(valid <- validUTF8(lines))) json$fault("not UTF-8", first - 1L + which(!valid)[1L])
            Encoding(lines) <- "UTF-8"
            list(lines = lines, first = first)
        }
    }

    # The next items of a file of JSON lines as a list; NULL at the end. An item that comes before a bad line is given
    # before the error.
    open_json_lines <- function(path) {
        read <- open_lines(path)
        pending <- NULL
        function() {
            if (!is.null(pending)) stop(pending)
            if (is.null(part <- read())) return(NULL)
            tryCatch(json$decode(paste(part$lines, collapse = "\n"), items = TRUE, lines = TRUE, first = part$first), bobbin_input = function(e) {
                items <- list()
                for (i in seq_along(part$lines)) {
                    item <- tryCatch(json$decode(part$lines[i], items = TRUE, lines = TRUE, first = part$first + i - 1L), bobbin_input = identity)
                    if (inherits(item, "bobbin_input")) {
                        if (!length(items)) stop(item)
                        pending <<- item
                        return(items)
                    }
                    items <- c(items, item)
                }
                stop(e)
            })
        }
    }

    # A CSV field, and a line that holds whole fields.
    field <- "(?:\"(?:[^\"]++|\"\")*+\"|[^\",][^,]*+|)"
    whole <- paste0("^", field, "(?:,", field, ")*+$")
    unfinished <- paste0("^(?:", field, ",)*+\"(?:[^\"]++|\"\")*+$")

    matches <- function(pattern, lines) grepl(pattern, lines, perl = TRUE, useBytes = TRUE)
    broken <- function(lines) {
        out <- grepl("\"", lines, fixed = TRUE, useBytes = TRUE)
        out[out] <- !matches(whole, lines[out])
        out
    }

    # The lines of a part with those joined that a quoted field holds together. `more` reads on when one goes over the
    # end of the part.
    joined <- function(part, more) {
        lines <- part$lines
        number <- part$first - 1L + seq_along(lines)
        keep <- rep(TRUE, length(lines))
        cut <- broken(lines)
        while (!is.na(i <- which(cut)[1L])) {
            if (!matches(unfinished, lines[i])) json$fault("text behind a closing quote", number[i])
            last <- i
            while (last < length(lines) && !keep[last + 1L]) last <- last + 1L
            open <- last + 1L
            repeat {
                last <- last + 1L
                if (last > length(lines)) {
                    if (is.null(part <- more())) json$fault("a quote that is never closed", number[i])
                    lines <- c(lines, part$lines)
                    number <- c(number, part$first - 1L + seq_along(part$lines))
                    keep <- c(keep, rep(TRUE, length(part$lines)))
                    cut <- c(cut, broken(part$lines))
                }
                if (!matches("^(?:[^\"]++|\"\")*+$", lines[last])) break
            }
            lines[i] <- paste(c(lines[i], lines[open:last]), collapse = "\n")
            keep[open:last] <- cut[open:last] <- FALSE
            cut[i] <- !matches(whole, lines[i])
        }
        keep <- keep & nzchar(lines)
        list(lines = lines[keep], number = number[keep])
    }

    # All fields of records as one vector, and how many each record has.
    fields <- function(lines) {
        quotes <- grepl("\"", lines, fixed = TRUE, useBytes = TRUE)
        if (!any(quotes)) {
            # A comma more at the end, or strsplit would leave out a last empty field.
            out <- strsplit(paste0(lines, ","), ",", fixed = TRUE, useBytes = TRUE)
            found <- list(fields = unlist(out), counts = lengths(out))
        } else {
            lines <- paste0(",", lines)
            Encoding(lines) <- "bytes"
            places <- gregexpr(paste0(",", field), lines, perl = TRUE, useBytes = TRUE)
            counts <- lengths(places)
            from <- unlist(places)
            to <- from + unlist(lapply(places, attr, "match.length")) - 1L
            out <- substring(rep(lines, counts), from + 1L, to)
            quoted <- which(startsWith(out, "\""))
            some <- substr(out[quoted], 2L, nchar(out[quoted], "bytes") - 1L)
            doubled <- grep("\"\"", some, fixed = TRUE, useBytes = TRUE)
            some[doubled] <- gsub("\"\"", "\"", some[doubled], fixed = TRUE, useBytes = TRUE)
            out[quoted] <- some
            found <- list(fields = out, counts = counts)
        }
        Encoding(found$fields) <- "UTF-8"
        found
    }

    # Reads a CSV file part by part: each a matrix of texts with a row for each field and a column for each record; NULL
    # at the end. The header is in `header()` when the first part has been read.
    open_csv <- function(path) {
        read <- open_lines(path)
        header <- NULL
        pending <- NULL
        list(header = function() header, read = function() {
            if (!is.null(pending)) stop(pending)
            repeat {
                if (is.null(part <- read())) return(NULL)
                part <- joined(part, read)
                if (is.null(header) && length(part$lines)) {
                    header <<- fields(part$lines[1L])$fields
                    if (anyDuplicated(header)) {
                        json$fault(paste0("the column '", header[anyDuplicated(header)], "' comes twice"), part$number[1L])
                    }
                    part <- lapply(part, `[`, -1L)
                }
                if (length(part$lines)) break
            }
            found <- fields(part$lines)
            width <- length(header)
            if (any(long <- found$counts > width)) {
                # What comes before the bad line is given before the error.
                at <- which(long)[1L]
                problem <- tryCatch(json$fault(paste(found$counts[at], "fields, but the header has", width), part$number[at]),
                    bobbin_input = identity)
                if (at == 1L) stop(problem)
                pending <<- problem
                found <- list(fields = found$fields[seq_len(sum(found$counts[seq_len(at - 1L)]))],
                    counts = found$counts[seq_len(at - 1L)])
            }
            n <- length(found$counts)
            if (all(found$counts == width)) return(matrix(found$fields, nrow = width))
            out <- matrix(NA_character_, width, n)
            out[sequence(found$counts, (seq_len(n) - 1L) * width + 1L)] <- found$fields
            out
        })
    }

    # The next items of a CSV file, each a named list of texts.
    open_csv_rows <- function(path) {
        csv <- open_csv(path)
        function() {
            if (is.null(part <- csv$read())) return(NULL)
            names <- csv$header()
            n <- ncol(part)
            number <- structure(rep(seq_len(n), each = length(names)), levels = as.character(seq_len(n)), class = "factor")
            lapply(unname(split(as.vector(part), number)), function(row) {
                row <- as.vector(row, "list")
                names(row) <- names
                row
            })
        }
    }

    # As read.csv reads it: columns of numbers and truths are converted, texts stay texts.
    read_csv <- function(path) {
        csv <- open_csv(path)
        parts <- list()
        while (!is.null(part <- csv$read())) parts[[length(parts) + 1L]] <- part
        names <- csv$header()
        if (is.null(names)) return(list())
        columns <- lapply(seq_along(names), function(k) {
            column <- unlist(lapply(parts, function(part) part[k, ]))
            if (is.null(column)) logical() else utils::type.convert(column, as.is = TRUE)
        })
        structure(columns, names = names, row.names = .set_row_names(sum(vapply(parts, ncol, 1L))), class = "data.frame")
    }

    read_json_lines <- function(path) {
        read <- open_lines(path)
        parts <- list()
        while (!is.null(part <- read())) parts[[length(parts) + 1L]] <- part
        if (!length(parts)) return(list())
        # Checked line by line, then read as one array, so that objects of scalars become a data frame.
        json$decode(paste(unlist(lapply(parts, `[[`, "lines")), collapse = "\n"), lines = TRUE)
    }

    list(read_all = read_all, json_lines = open_json_lines, csv_rows = open_csv_rows, read_csv = read_csv,
        read_json_lines = read_json_lines)
}, new.env(parent = baseenv()))

# The run.
local({
    json <- get(".bobbin_json", globalenv())
    files <- get(".bobbin_files", globalenv())
    rm(".bobbin_json", ".bobbin_files", envir = globalenv())

    # Compiling pays only for much data: the compiler takes longer over a part of this file than a small run lasts. It is
    # off while the harness works and on while the script does.
    compiler_level <- .Internal(enableJIT(0L))
    compiling <- function(on) .Internal(enableJIT(if (on) compiler_level else 0L))

    full_arguments <- commandArgs()
    arguments <- commandArgs(trailingOnly = TRUE)
    own_file <- sub("^--file=", "", grep("^--file=", full_arguments, value = TRUE)[1L])
    if (!"bobbin" %in% search()) {
        Sys.setenv(R_PROFILE_USER = file.path(dirname(own_file), "bobbin.R"))
        sys.source(file.path(dirname(own_file), "bobbin.R"), globalenv())
    }
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

    # ---- saying what went wrong -------------------------------------------------------------------------------------

    one_line <- function(text) {
        text <- trimws(gsub("[[:space:]]+", " ", iconv(enc2utf8(text), "UTF-8", "UTF-8", sub = "\uFFFD")))
        if (nchar(text) > 500L) paste0(substr(text, 1L, 499L), "\u2026") else text
    }
    real_quit <- base::quit

    # A child that the script forked has nothing to say of the run.
    first_process <- Sys.getpid()
    report <- function(reason) {
        if (Sys.getpid() == first_process) events$send_text("{\"type\":\"failure\",\"reason\":", one_line(reason))
    }

    leave <- function(reason) {
        ending <<- TRUE
        flush(stdout())
        report(reason)
        cat("Execution halted\n", file = stderr())
        real_quit("no", 1L, FALSE)
    }

    # An error that is not in the script's code but in what it is or was given.
    refuse <- function(reason) {
        while (sink.number() > 0L) sink()
        cat("Error: ", reason, "\n", sep = "", file = stderr())
        leave(reason)
    }

    relative <- function(path) {
        full <- normalizePath(path, mustWork = FALSE)
        if (startsWith(full, paste0(root, "/"))) substring(full, nchar(root) + 2L) else path
    }

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

    call_text <- function(call) {
        text <- deparse(call, width.cutoff = 60L, nlines = 1L)[1L]
        if (nchar(text) > 100L) paste0(substr(text, 1L, 97L), "...") else text
    }

    message_of <- function(condition) {
        text <- tryCatch(conditionMessage(condition), error = function(e) "")
        if (is.character(text) && length(text) == 1L && !is.na(text)) text else ""
    }

    # The call that a condition names, if it is not the harness's own, which stands where a script has none.
    call_of <- function(condition) {
        call <- tryCatch(conditionCall(condition), error = function(e) NULL)
        if (identical(call, quote(eval(code[[i]], world))) || identical(call, quote(eval(call, call_in)))) NULL else call
    }

    kind_of <- function(condition) {
        call <- call_of(condition)
        if (is.null(call)) "Error: " else paste0("Error in ", call_text(call), ": ")
    }

    # As Rscript prints an error; `calls` are the script's own.
    print_error <- function(condition, calls) {
        call <- call_of(condition)
        text <- message_of(condition)
        if (is.null(call)) {
            cat("Error: ", text, "\n", sep = "", file = stderr())
        } else {
            head <- call_text(call)
            first <- strsplit(text, "\n", fixed = TRUE)[[1L]][1L]
            fits <- nchar(head, "width", TRUE) + nchar(first, "width", TRUE) + 14L <= 77L
            cat("Error in ", head, " : ", if (!isTRUE(fits)) "\n  ", text, "\n", sep = "", file = stderr())
        }
        names <- vapply(calls, function(call) if (is.symbol(call[[1L]])) as.character(call[[1L]]) else "<Anonymous>", "")
        if (length(names) > 1L || (length(names) == 1L && !identical(calls[[1L]], call))) {
            line <- paste(names, collapse = " -> ")
            if (nchar(line) > 50L) {
                kept <- rev(which(cumsum(nchar(rev(names)) + 4L) <= 50L - nchar(names[1L]) - 7L))
                line <- paste(c(names[1L], "...", names[length(names) + 1L - kept]), collapse = " -> ")
            }
            cat("Calls: ", line, "\n", sep = "", file = stderr())
        }
    }

    # Warnings that wait for the end of the statement, as at the top of a script. R's function for it puts 'In addition'
    # in front, which is right behind an error only.
    warned <- FALSE
    print_warnings <- function(behind_error = FALSE) {
        if (!warned) return(invisible())
        warned <<- FALSE
        if (behind_error) return(.Internal(printDeferredWarnings()))
        before <- sink.number("message")
        lines <- NULL
        pipe <- textConnection("lines", "w", local = TRUE)
        sink(pipe, type = "message")
        .Internal(printDeferredWarnings())
        sink(if (before == 2L) NULL else getConnection(before), type = "message")
        close(pipe)
        if (length(lines)) {
            lines[1L] <- sub("^In addition: ", "", lines[1L])
            # The message stream that the script has chosen.
            cat(lines, sep = "\n", file = if (before == 2L) stderr() else getConnection(before))
        }
    }

    # ---- running the script's code ----------------------------------------------------------------------------------

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
                    names <- lapply(calls[seq_len(end)], function(call) if (is.symbol(call[[1L]])) as.character(call[[1L]]) else "")
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
    here <- environment()
    topmost <- function(f) if (is.primitive(f)) NULL else environment(f)

    describe <- function(failure) paste0(kind_of(failure$condition), message_of(failure$condition))

    fail <- function(failure) {
        while (sink.number() > 0L) sink()
        if (sink.number("message") != 2L) sink(type = "message")
        print_error(failure$condition, failure$calls)
        print_warnings(TRUE)
        leave(paste0(failure$place, ": ", describe(failure)))
    }

    run_file <- function() {
        bytes <- tryCatch(suppressWarnings(files$read_all(entry)), error = function(e) refuse(paste0(entry, ": cannot be read")))
        if (length(bytes) >= 3L && identical(bytes[1:3], as.raw(c(0xEF, 0xBB, 0xBF)))) bytes <- bytes[-(1:3)]
        if (any(nul <- bytes == 0L)) refuse(paste0(entry, ":", 1L + sum(bytes[seq_len(which(nul)[1L])] == 0x0A), ": a NUL byte"))
        lines <- sub("\r$", "", strsplit(rawToChar(bytes), "\n", fixed = TRUE, useBytes = TRUE)[[1L]], useBytes = TRUE)
        if (!all(valid <- validUTF8(lines))) refuse(paste0(entry, ":", which(!valid)[1L], ": not UTF-8"))
        Encoding(lines) <- "UTF-8"
        source <- srcfilecopy(entry, lines, isFile = TRUE)
        code <- tryCatch(parse(text = lines, srcfile = source, keep.source = TRUE), error = function(e) {
            # "main.R:2:6: unexpected symbol" and the lines around it.
            text <- conditionMessage(e)
            first <- strsplit(text, "\n", fixed = TRUE)[[1L]][1L]
            parts <- regmatches(first, regexec("^.*?:([0-9]+):[0-9]+: (.*)$", first))[[1L]]
            cat("Error: ", text, "\n", sep = "", file = stderr())
            line <- if (length(parts)) paste0(":", min(as.integer(parts[2L]), max(length(lines), 1L))) else ""
            leave(paste0(entry, line, ": syntax error: ", if (length(parts)) parts[3L] else first))
        })
        references <- attr(code, "srcref")
        world <- globalenv()
        for (i in seq_along(code)) {
            top_line <<- references[[i]][1L]
            failure <- guarded({
                compiling(TRUE)
                value <- withVisible(eval(code[[i]], world))
                if (value$visible) if (isS4(value$value)) methods::show(value$value) else print(value$value)
            })
            compiling(FALSE)
            if (!is.null(failure)) fail(failure)
            print_warnings()
        }
        top_line <<- NULL
    }

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
        needed <- names[vapply(parameters, function(value) is.symbol(value) && !nzchar(as.character(value)), NA) & names != "..."]
        if (length(needed) > 1L) {
            refuse(paste0(place, ": 'main' needs ", length(needed), " arguments (", paste(needed, collapse = ", "), "); ", wanted_main))
        }
        main
    }

    # ---- input and result -------------------------------------------------------------------------------------------

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
            json$decode(files$read_all(path), items = items)))
    }

    write_result <- function(texts, append = FALSE) {
        if (!nzchar(result_path)) return(invisible())
        connection <- file(result_path, if (append) "ab" else "wb")
        on.exit(close(connection))
        # In parts, for a result that is as large as what memory is left.
        group <- 20000L
        for (from in seq(1L, max(length(texts), 1L), by = group)) {
            part <- texts[from:min(from + group - 1L, length(texts))]
            if (length(texts)) writeBin(charToRaw(paste0(part, collapse = "")), connection)
        }
    }

    write_json <- function(value) {
        if (is_rows(value)) {
            texts <- json$elements(value)
            n <- length(texts)
            write_result(c("[", if (n > 1L) paste0(texts[-n], ","), if (n) texts[n], "]\n"))
        } else {
            write_result(c(json$encode(value), "\n"))
        }
    }
    is_rows <- function(value) {
        is.data.frame(value) || (typeof(value) == "list" && is.null(attr(value, "names")) && !is.object(value))
    }

    # ---- CSV --------------------------------------------------------------------------------------------------------

    csv_refuse <- function(path, what) {
        stop(structure(class = c("bobbin_json", "error", "condition"),
            list(message = paste0(path, ": cannot be CSV: ", what), call = NULL)))
    }

    # The cells of a column: a text is itself, what is missing is empty, everything else is its JSON.
    cells <- function(x, where) {
        if (is.data.frame(x)) return(json$elements(x, where(1L)))
        if (is.list(x) && !inherits(x, "POSIXlt")) {
            x <- unclass(x)
            return(vapply(seq_along(x), function(i) {
                v <- .subset2(x, i)
                if (is.null(v)) "" else if (is.atomic(v) && length(v) == 1L && !inherits(v, "AsIs")) cells(v, function(j) where(i))
                else json$encode(v, where(i))
            }, ""))
        }
        if (inherits(x, "AsIs")) class(x) <- setdiff(oldClass(x), "AsIs")
        json$check_kind(x, where(1L))
        x <- json$plain(x, where(1L))
        if (length(dim(x)) == 2L) csv_refuse(where(1L), "a matrix in a column")
        text <- json$scalars(x, where)
        if (is.character(x)) text <- as.vector(x)
        text[is.na(x)] <- ""
        text
    }

    # A list of plain scalars of one type as a vector, which is many times faster to write.
    unboxed <- function(values) {
        type <- unique(vapply(values, typeof, ""))
        plain <- length(type) == 1L && type %in% c("character", "double", "integer", "logical") && all(lengths(values) == 1L) &&
            all(vapply(values, function(v) is.null(attributes(v)), NA))
        if (plain) unlist(values, use.names = FALSE) else values
    }

    quote_cells <- function(text) {
        odd <- grep("[\",\r\n]", text)
        text[odd] <- paste0("\"", gsub("\"", "\"\"", text[odd], fixed = TRUE), "\"", recycle0 = TRUE)
        text
    }

    lines_of <- function(columns, n) {
        if (!length(columns)) return(character())
        columns <- lapply(columns, quote_cells)
        # An empty line would be no record.
        if (length(columns) == 1L) columns[[1L]][columns[[1L]] == ""] <- "\"\""
        paste0(do.call(paste, c(columns, sep = ",")), "\n", recycle0 = TRUE)
    }

    # list(header, lines) for a data frame, a matrix, a list of named lists or a list of vectors. `header` has the columns
    # of rows before these; those that come new are put behind them.
    table_of <- function(value, path = "result", header = NULL) {
        where <- function(name) { force(name); function(i) paste0(path, "[", i - 1L, "].", name) }
        wanted <- "a result with 'format: csv' is a data frame, a list of named lists or a list of vectors"
        if (is.matrix(value) && !is.object(value)) value <- as.data.frame(value, stringsAsFactors = FALSE)
        if (is.data.frame(value)) {
            names <- attr(value, "names")
            columns <- lapply(seq_along(names), function(k) cells(.subset2(value, k), where(names[k])))
            return(list(header = names, lines = lines_of(columns, .row_names_info(value, 2L))))
        }
        if (typeof(value) != "list" || is.object(value) || (!is.null(names(value)) && length(value))) csv_refuse(path, wanted)
        value <- unname(value)
        named <- vapply(value, function(row) is.list(row) && !is.null(names(row)), NA)
        if (length(header)) {
            if (!all(named)) csv_refuse(paste0(path, "[", which(!named)[1L] - 1L, "]"), wanted)
        } else if (any(named) && !all(named)) {
            csv_refuse(paste0(path, "[", which(named != named[1L])[1L] - 1L, "]"), wanted)
        }
        if (length(value) && all(named)) {
            header <- unique(c(header, unlist(lapply(value, names))))
            columns <- lapply(header, function(name) {
                cells(unboxed(lapply(value, function(row) unclass(row)[[name, exact = TRUE]])), where(name))
            })
            return(list(header = header, lines = lines_of(columns, length(value))))
        }
        lines <- vapply(seq_along(value), function(i) {
            row <- value[[i]]
            if (!is.vector(row) && !is.factor(row)) csv_refuse(paste0(path, "[", i - 1L, "]"), wanted)
            row <- cells(if (is.list(row)) row else unname(row), function(k) paste0(path, "[", i - 1L, "][", k - 1L, "]"))
            lines_of(as.list(row), 1L)
        }, "")
        list(header = NULL, lines = lines)
    }

    header_line <- function(header) if (length(header)) lines_of(as.list(header), 1L)

    write_csv <- function(value) {
        table <- table_of(value)
        write_result(c(header_line(table$header), table$lines))
    }

    # Writes all again with the columns that came after the first rows. `widths` has a row for each number of columns: the
    # place in the file from which on records have it.
    widen <- function(header, widths) {
        copy <- tempfile("bobbin-")
        on.exit(unlink(copy))
        out <- file(copy, "wb")
        writeBin(charToRaw(enc2utf8(header_line(header))), out)
        end <- file.size(result_path)
        within <- file(result_path, "rb")
        for (k in seq_len(nrow(widths))) {
            place <- widths$place[k]
            stop <- if (k < nrow(widths)) widths$place[k + 1L] else end
            missing <- length(header) - widths$columns[k]
            seek(within, place)
            open <- 0L
            while (place < stop) {
                bytes <- readBin(within, "raw", min(262144, stop - place))
                place <- place + length(bytes)
                # A newline within quotes ends no record.
                quotes <- (cumsum(bytes == 0x22) + open) %% 2L
                open <- quotes[length(quotes)]
                moved <- rep(as.raw(0x2C), length(bytes) + missing * sum(ends <- bytes == 0x0A & quotes == 0L))
                moved[seq_along(bytes) + missing * cumsum(ends)] <- bytes
                writeBin(moved, out)
            }
        }
        close(within)
        close(out)
        into <- file(result_path, "wb")
        from <- file(copy, "rb")
        while (length(bytes <- readBin(from, "raw", 262144L))) writeBin(bytes, into)
        close(from)
        close(into)
    }

    # `checkpoint: {column: id}`: what the last row of the output has there. Nothing without a row: the checkpoint that was
    # there stays.
    keep_checkpoint <- function(value) {
        column <- settings$checkpoint$column
        if (is.null(column)) return(invisible())
        if (is.data.frame(value)) {
            n <- .row_names_info(value, 2L)
            value <- if (n) list(lapply(unclass(value), function(column) if (is.list(column)) column[[n]] else column[n])) else list()
        }
        if (!is_rows(value)) refuse(paste0(entry, ": 'checkpoint: {column: ", column, "}' needs a data frame or a list of named lists as the result"))
        if (!length(value)) return(invisible())
        last <- value[[length(value)]]
        if (is.data.frame(last) && nrow(last)) last <- lapply(unclass(last), function(column) column[[length(column)]])
        if (!is.list(last) || !column %in% names(last)) {
            refuse(paste0(entry, ": the last row of the result has no column '", column, "' for the checkpoint"))
        }
        line <- tryCatch(paste0("{\"type\":\"checkpoint\",\"value\":", json$encode(unclass(last)[[column]], "checkpoint"), "}"),
            bobbin_json = function(e) refuse(paste0(entry, ": ", conditionMessage(e))))
        if (nchar(line, "bytes") + 1L > events$longest) refuse(paste0(entry, ": the checkpoint, column '", column, "' of the last row, is too long"))
        events$send(line)
    }

    finish <- function(value) {
        large <- utils::object.size(value) > 1e6
        if (large) compiling(TRUE)
        tryCatch({
            if (format == "csv") write_csv(value) else write_json(value)
        }, bobbin_json = function(e) refuse(paste0(entry, ": ", conditionMessage(e))),
            error = function(e) refuse(paste0(entry, ": the result cannot be written: ", conditionMessage(e))))
        compiling(FALSE)
        keep_checkpoint(value)
    }

    # ---- ways of running --------------------------------------------------------------------------------------------

    run_script <- function() {
        run_file()
        name <- settings$result$variable
        if (is.null(name)) return(invisible())
        if (!exists(name, envir = globalenv(), inherits = FALSE)) {
            there <- ls(globalenv())
            near <- if (length(there)) there[which.min(utils::adist(name, there, ignore.case = TRUE))]
            close <- length(near) && utils::adist(name, near, ignore.case = TRUE) <= max(1, nchar(name) %/% 3)
            refuse(paste0(entry, ": there is no variable '", name, "' at the end",
                if (isTRUE(close)) paste0("; did you mean '", near, "'?")
                else if (length(there)) paste0("; there are: ", paste(utils::head(there, 20L), collapse = ", "))
                else "; there is none at all"))
        }
        finish(get(name, envir = globalenv(), inherits = FALSE))
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

    # Results wait in groups: a group is written at once, which is many times faster than one by one.
    group_size <- 200L
    shown_failures <- 20L

    run_rows <- function() {
        run_file()
        main <- find_main()
        if (is.null(settings$input)) refuse(paste0(entry, ": 'mode: rows' needs an input that is a list; there is no input"))
        path <- settings$input$path
        next_items <- switch(settings$input$kind,
            csv = files$csv_rows(path), jsonl = files$json_lines(path), {
                whole <- read_input(items = TRUE)
                if (!is.list(whole) || !is.null(names(whole))) {
                    what <- if (is.null(whole)) "null" else if (is.list(whole)) "an object" else if (is.character(whole)) "a text"
                        else if (is.logical(whole)) "true or false" else "a number"
                    refuse(paste0(entry, ": 'mode: rows' needs an input that is a list, and this one is ", what))
                }
                function() {
                    found <- whole
                    whole <<- NULL
                    if (length(found)) found
                }
            })

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
                write_result(paste0(c(if (written == 0L) "\n" else ",\n", rep(",\n", length(texts) - 1L)), texts), append = TRUE)
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
                cat("errors of the first ", shown_failures, " failed rows are above; more are not shown\n", sep = "", file = stderr())
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
        keep_checkpoint(last)
    }

    # ---- what the script sees ---------------------------------------------------------------------------------------

    # For base's own users as well, such as packages that read options: the script's arguments, and its file.
    replace_in_base <- function(name, value) {
        base <- baseenv()
        unlockBinding(name, base)
        assign(name, value, envir = base)
        lockBinding(name, base)
    }
    seen <- c(sub("^--file=.*", paste0("--file=", entry), full_arguments[seq_len(length(full_arguments) - length(arguments) - 1L)]),
        if (length(arguments) > 1L) c("--args", arguments[-1L]))
    replace_in_base("commandArgs", eval(substitute(function(trailingOnly = FALSE) {
        if (trailingOnly) trailing else all
    }, list(trailing = if (length(arguments) > 1L) arguments[-1L] else character(), all = seen)), baseenv()))

    on_quit <- function(status) {
        if (ending || Sys.getpid() != first_process) return(invisible())
        ending <<- TRUE
        code <- suppressWarnings(as.integer(status))[1L]
        if (is.na(code)) code <- 0L
        if (!is.null(at_end)) try(at_end(code), silent = TRUE)
        if (code != 0L) {
            calls <- sys.calls()
            place <- current_place(calls, lapply(seq_along(calls), sys.function))
            report(paste0(place, ": ", if (!is.null(row_number)) paste0("row ", row_number, ": "), "exit code ", code))
        }
    }
    leaving <- function(save = "default", status = 0, runLast = TRUE) {
        on_quit(status)
        .Internal(quit(save, status, runLast))
    }
    replace_in_base("quit", leaving)
    replace_in_base("q", leaving)

    options(keep.source = TRUE)
    switch(settings$call, main = if (by_row) run_rows() else run_main(), run_script())
    ending <- TRUE
    compiling(TRUE)
    invisible()
}, new.env(parent = baseenv()))
