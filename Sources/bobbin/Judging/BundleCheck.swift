import Bundles
import Glibc
import Linux
import Runs
import Spool
import SystemPackage
import Trees

/// The judgement that intake would come to.
struct BundleCheck {
    let queue: QueueName
    let settings: Settings

    var limits: TreeLimits {
        TreeLimits(bytes: settings.intake.maxBundleSize, entries: settings.intake.maxBundleEntries)
    }

    var endings: [String] { settings.scriptEndings.sorted() }

    /// Judges something that may lie anywhere: a copy of it, so that nothing changes meanwhile.
    func judge(_ source: SourceFile) throws(Failure) -> Judgement {
        let drop = DropName(source.name, isDirectory: source.status.kind == .directory, endings: endings)
        if let error = drop.error { return .rejected([error]) }
        return try PrivateDirectory.with { place throws(Failure) in try judge(source, drop, in: place) }
    }

    private func judge(_ source: SourceFile, _ drop: DropName, in place: Directory) throws(Failure) -> Judgement {
        let owner: OwnerSet = [source.status.owner]
        do {
            if case .archive(let format) = drop.form {
                let copy: EntryName = "archive"
                let report = try TreeCopy.copyFile(
                    source.entry, of: source.parent, as: copy, into: place, owner: owner, limits: limits)
                if !report.isClean { return .rejected(Self.errors(report)) }
                return try judge(archive: place.open(copy, O_RDONLY), format, drop.name, input: nil)
            }
            let root = try place.makeOrOpenDirectory("bundle", mode: 0o700)
            let report: TreeReport
            var script: EntryName?
            if drop.form == .directory {
                report = try TreeCopy.copyDirectory(
                    source.parent.directory(source.entry), into: root, owner: owner, limits: limits)
            } else {
                let name = drop.file
                report = try TreeCopy.copyFile(
                    source.entry, of: source.parent, as: name, into: root, owner: owner, limits: limits)
                script = name
            }
            if !report.isClean { return .rejected(Self.errors(report)) }
            return try judge(tree: root, drop.name, script: script, input: nil)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.internal, "cannot look at a copy of '\(escaped(source.path.utf8))': \(error)")
        }
    }

    func judge(
        tree root: Directory, _ name: BundleName, script: EntryName?, input: [UInt8]?
    ) throws(Failure) -> Judgement {
        let judgement: Judgement
        do {
            judgement = try BundleJudge(queue: queue, settings: settings).judge(
                root, name: name, script: script, input: input)
        } catch {
            throw Failure(.internal, "cannot look at '\(name)': \(error)")
        }
        guard case .accepted(let manifest, _) = judgement else { return judgement }
        let errors = try SchemaChecking(root: root).errors(manifest)
        return errors.isEmpty ? judgement : .rejected(errors)
    }

    func judge(
        archive: consuming OwnedDescriptor, _ format: ArchiveFormat, _ name: BundleName, input: [UInt8]?
    ) throws(Failure) -> Judgement {
        // A closure cannot take what is owned; the descriptor lives as long as this call.
        let archive = SharedDescriptor(archive)
        return try PrivateDirectory.with { place throws(Failure) in
            let report = try ArchiveUnpacking(format: format, limits: limits).run(archive.rawValue, into: place)
            if !report.isClean { return .rejected(Self.errors(report)) }
            return try judge(tree: place, name, script: nil, input: input)
        }
    }

    /// The ending that made an entry what it is, with its dot.
    static func ending(of drop: DropName, _ entry: EntryName) -> String {
        switch drop.form {
        case .directory, .file: ""
        case .script(let ending): ending
        case .archive(let format): format.endings.first(where: entry.hasSuffix) ?? ""
        }
    }

    static func errors(_ report: TreeReport) -> [BundleError] {
        var errors = report.problems.map { problem in
            BundleError(
                code: problem.code.rawValue, message: problem.detail,
                file: problem.path.isEmpty ? nil : escaped(problem.path))
        }
        if report.problemCount > errors.count {
            errors.append(
                BundleError(
                    code: "too_many_errors", message: "\(report.problemCount - errors.count) more are not shown"))
        }
        return errors
    }
}
