internal import GRDB
internal import Runs

/// A label as the database has it.
struct LabelKey {
    let key: DatabaseValue
    let value: DatabaseValue

    init(_ label: Label) {
        key = .of(label.key)
        value = .of(label.value)
    }

    /// The labels of a run, each once.
    static func all(of labels: [Label]) -> [LabelKey] {
        var seen = Set<[TextKey]>()
        return labels.filter { seen.insert([TextKey($0.key), TextKey($0.value)]).inserted }.map(LabelKey.init)
    }
}
