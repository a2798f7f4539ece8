# Escapes in texts of JSON.

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
