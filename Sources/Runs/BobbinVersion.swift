/// The version that `--version` of every program says.
public enum BobbinVersion {
    public static let current = "0.1.0"
}
