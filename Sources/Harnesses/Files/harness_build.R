# Puts values together that were read from JSON: arrays of scalars of one kind become vectors, arrays of objects of
# scalars data frames, anything else lists.

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
    grouping <- structure(which_column, levels = as.character(seq_along(columns)), class = "factor")
    parts <- split(seq_along(name), grouping)
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
