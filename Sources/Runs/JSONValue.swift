/// A JSON value as Bobbin reads back what it wrote: Foundation's decoder forgets the order of an object's keys, and the order
/// of labels is their manifest's.
///
/// Whoever may edit a result or the database may have written anything: what is no JSON gives nil, never a trap.
public enum JSONValue: Hashable, Sendable {
    case object(JSONObject)
    case array([JSONValue])
    case text(String)
    /// With its digits as written.
    case number(String)
    case boolean(Bool)
    case null

    /// The one value that a text is.
    public init?(reading text: some Sequence<UInt8>) {
        var reader = JSONReader(Array(text))
        guard let value = reader.wholeText() else { return nil }
        self = value
    }
}
