/// The members of a JSON object, in its order.
///
/// The typed look-ups give nil for a key that is absent or null, and throw where another kind of value stands. Of a repeated
/// key the first counts.
public struct JSONObject: Hashable, Sendable {
    public struct Member: Hashable, Sendable {
        public let key: String
        public let value: JSONValue
    }

    public let members: [Member]

    /// A value is not of the kind that its key has.
    public struct Mismatch: Error, Hashable {
        public let key: String

        public init(key: String) { self.key = key }
    }

    public subscript(key: String) -> JSONValue? { members.first { $0.key == key }?.value }

    public func text(_ key: String) throws(Mismatch) -> String? {
        switch self[key] {
        case nil, .null: return nil
        case .text(let text): return text
        default: throw Mismatch(key: key)
        }
    }

    public func required(_ key: String) throws(Mismatch) -> String {
        guard let text = try text(key) else { throw Mismatch(key: key) }
        return text
    }

    /// A whole number that its type can hold.
    public func integer<Number: FixedWidthInteger>(_ key: String) throws(Mismatch) -> Number? {
        switch self[key] {
        case nil, .null: return nil
        case .number(let digits):
            guard let number = Number(digits) else { throw Mismatch(key: key) }
            return number
        default: throw Mismatch(key: key)
        }
    }

    /// Seconds as milliseconds; what is beyond 64 bits is the last that is not.
    public func milliseconds(_ key: String) throws(Mismatch) -> Int64? {
        switch self[key] {
        case nil, .null: return nil
        case .number(let digits):
            guard let seconds = Double(digits) else { throw Mismatch(key: key) }
            let rounded = (seconds * 1000).rounded()
            return Int64(exactly: rounded) ?? (rounded < 0 ? .min : .max)
        default: throw Mismatch(key: key)
        }
    }

    public func boolean(_ key: String) throws(Mismatch) -> Bool? {
        switch self[key] {
        case nil, .null: return nil
        case .boolean(let value): return value
        default: throw Mismatch(key: key)
        }
    }

    /// An object of texts; empty where there is none.
    public func labels(_ key: String) throws(Mismatch) -> [Label] {
        switch self[key] {
        case nil, .null: return []
        case .object(let object): return try object.labels()
        default: throw Mismatch(key: key)
        }
    }

    /// This object, if all of it are texts.
    public func labels() throws(Mismatch) -> [Label] {
        var labels: [Label] = []
        for member in members {
            guard case .text(let value) = member.value else { throw Mismatch(key: member.key) }
            labels.append(Label(key: member.key, value: value))
        }
        return labels
    }

    /// An array of objects; empty where there is none.
    public func objects(_ key: String) throws(Mismatch) -> [JSONObject] {
        switch self[key] {
        case nil, .null: return []
        case let value?:
            guard let objects = value.objects else { throw Mismatch(key: key) }
            return objects
        }
    }
}

extension JSONValue {
    /// The elements, if this is an array of objects.
    public var objects: [JSONObject]? {
        guard case .array(let elements) = self else { return nil }
        var objects: [JSONObject] = []
        for element in elements {
            guard case .object(let object) = element else { return nil }
            objects.append(object)
        }
        return objects
    }
}
