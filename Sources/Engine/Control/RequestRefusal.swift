/// Why a request is not done, as a sentence for who asked.
struct RequestRefusal: Error, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
