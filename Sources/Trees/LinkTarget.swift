/// Whether a link in a directory `depth` levels below a tree's root leads to a place in that tree, whatever else the tree holds.
///
/// The rule is stricter than a look at the path: relative, and `..` only at its beginning, at most `depth` times. A `..` after
/// a name would be taken from wherever that name leads if it is a link itself (`a/b/l -> ../..`, then `m -> a/b/l/../../x`
/// leaves, though its text does not). A leading `..` starts from the real directory of the link, so it is exact; the names after it
/// are entries of the tree, and those that are links keep the same rule.
public func linkStaysInside(depth: Int, target: some Collection<UInt8>) -> Bool {
    guard let climbs = leadingClimbs(ofLinkTo: target) else { return false }
    return climbs <= depth
}

/// How many `..` a target begins with; nil if it is absolute, empty, has a NUL, is too long for the kernel, or climbs after a name.
public func leadingClimbs(ofLinkTo target: some Collection<UInt8>) -> Int? {
    guard let first = target.first, first != 0x2F, target.count < 4096, !target.contains(0) else { return nil }
    var climbs = 0
    var named = false
    for part in target.split(separator: 0x2F) where !part.elementsEqual([0x2E]) {
        if part.elementsEqual([0x2E, 0x2E]) {
            if named { return nil }
            climbs += 1
        } else {
            named = true
        }
    }
    return climbs
}
