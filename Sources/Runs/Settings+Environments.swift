extension Settings {
    /// How what Python scripts require is made available to them.
    public struct Environments: Hashable, Sendable {
        /// Whether any are made.
        public var enabled = true
        public var index = Index.usual
        /// URLs of further indexes.
        public var extraIndexes: [String] = []
        /// Directories of the host, and URLs, that are looked through for packages.
        public var findLinks: [String] = []
        /// Whether nothing may be asked for over the network.
        public var offline = false
        /// Whether packages that have to be built are built: their own code runs then, with the network that the builder has.
        public var buildFromSource = false
        public var builder = Builder.auto
        /// Bytes of one environment.
        public var maxSize: Int64 = 250 << 20
        /// Milliseconds that building one may take.
        public var timeout: Int64 = 600_000
        /// Milliseconds before a build that failed is tried again.
        public var retryFailedAfter: Int64 = 300_000
        /// Interpreters, by absolute paths, the first being the usual one; nil: those that are found.
        public var pythons: [String]?

        public init() {}

        /// Where packages come from.
        public enum Index: Hashable, Sendable {
            /// The builder's own, PyPI.
            case usual
            case none
            case url(String)
        }

        /// What installs packages.
        public enum Builder: String, Sendable, Hashable, CaseIterable {
            /// uv where it is installed, else pip.
            case auto, uv, pip
        }

        /// The directories among `findLinks`.
        public var linkDirectories: [String] { findLinks.filter { $0.hasPrefix("/") } }

        /// Whether building needs the host's network.
        public var needsNetwork: Bool {
            enabled && !offline
                && (index != .none || !extraIndexes.isEmpty || findLinks.contains { !$0.hasPrefix("/") })
        }
    }
}
