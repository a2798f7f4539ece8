internal import Sandbox

extension Launcher {
    /// So many launchers may die of one request before that is its fault.
    private static let mostDeaths = 3

    /// Asks for something that can be asked for again: by the next launcher, if one dies before it has answered.
    func again<Value: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
    ) async throws -> Value {
        var deaths = 0
        while true {
            do {
                return try await body()
            } catch LauncherError.died where deaths < Self.mostDeaths && !isGone {
                deaths += 1
            }
        }
    }
}
