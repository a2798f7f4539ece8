import Testing

/// The ways in which people put a bundle into an inbox. Each writes `$COUNT` bundles, the shell commands as one would type them.
///
/// `$BUNDLE` is a directory whose script checks that all of it is there, `$SCRIPT` a script that checks the same of itself,
/// `$TAR` the directory in an archive, its files below `bundle/`; `$WAY` begins the names.
enum WayOfWriting: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case move = "mv"
    case moveFromElsewhere = "mv from another filesystem"
    case copy = "cp -r"
    case rsyncDirectory = "rsync -a of a directory"
    case rsyncDelayed = "rsync -a --delay-updates of a directory"
    case rsyncFile = "rsync -a of a file"
    case rsyncInPlace = "rsync -a --inplace of a file"
    case tar = "tar xf"
    case zip = "unzip"
    case redirect = "cat >"
    case append = "echo >; echo >>"
    case copyAndMode = "cp && chmod"
    case install = "install"
    case sftp = "sftp put and rename"
    case scp = "scp"
    case scpOld = "scp -O"
    case slowCopy = "a slow tar xf"
    case slowRedirect = "a slow cat >"

    var testDescription: String { rawValue }

    /// Without blanks, for names.
    var word: String { "\(self)" }

    var count: Int { isSlow ? 10 : 50 }

    private var isSlow: Bool { self == .slowCopy || self == .slowRedirect }

    /// What comes after the name.
    var ending: String {
        switch self {
        case .move, .moveFromElsewhere, .copy, .rsyncDirectory, .rsyncDelayed, .tar, .zip, .slowCopy: ""
        case .rsyncFile, .rsyncInPlace: ".tar.gz"
        case .redirect, .append, .sftp, .scp, .scpOld, .slowRedirect: ".sh"
        case .copyAndMode, .install: ".tool"
        }
    }

    var programs: [String] {
        switch self {
        case .rsyncDirectory, .rsyncDelayed, .rsyncFile, .rsyncInPlace: ["rsync"]
        case .zip: ["zip", "unzip"]
        case .sftp: ["sftp"]
        case .scp, .scpOld: ["scp"]
        case .slowCopy, .slowRedirect: ["python3"]
        default: []
        }
    }

    /// The commands for one bundle, `$N` being its number.
    private var one: String {
        switch self {
        case .move: #"cp -r "$BUNDLE" "$WAY-$N"; mv "$WAY-$N" "$INBOX/""#
        case .moveFromElsewhere: #"mv "$ELSEWHERE/$WAY-$N" "$INBOX/""#
        case .copy: #"cp -r "$BUNDLE" "$INBOX/$WAY-$N""#
        case .rsyncDirectory: #"rsync -a "$BUNDLE/" "$INBOX/$WAY-$N""#
        case .rsyncDelayed: #"rsync -a --delay-updates "$BUNDLE/" "$INBOX/$WAY-$N""#
        case .rsyncFile: #"rsync -a "$TAR" "$INBOX/$WAY-$N.tar.gz""#
        case .rsyncInPlace: #"rsync -a --inplace "$TAR" "$INBOX/$WAY-$N.tar.gz""#
        case .tar: #"tar xf "$TAR" -C "$INBOX" --transform "s/^bundle/$WAY-$N/""#
        case .zip:
            #"mkdir "z-$N"; cp -r "$BUNDLE" "z-$N/$WAY-$N"; (cd "z-$N"; zip -qr "../z-$N.zip" .); unzip -q "z-$N.zip" -d "$INBOX""#
        case .redirect: #"cat "$SCRIPT" > "$INBOX/$WAY-$N.sh""#
        case .append: #"echo 'echo begun' > "$INBOX/$WAY-$N.sh"; echo 'echo whole' >> "$INBOX/$WAY-$N.sh""#
        case .copyAndMode: #"cp "$SCRIPT" "$INBOX/$WAY-$N.tool" && chmod +x "$INBOX/$WAY-$N.tool""#
        case .install: #"install -m 755 "$SCRIPT" "$INBOX/$WAY-$N.tool""#
        case .sftp: ""
        case .scp: #"scp -qS "$PLACE/ssh" "$SCRIPT" "host:$INBOX/$WAY-$N.sh""#
        case .scpOld: #"scp -qOS "$PLACE/ssh" "$SCRIPT" "host:$INBOX/$WAY-$N.sh""#
        case .slowCopy:
            #"zcat "$TAR" | python3 "$PLACE/slowly" | tar xf - -C "$INBOX" --transform "s/^bundle/$WAY-$N/" &"#
        case .slowRedirect: #"python3 "$PLACE/slowly" < "$SCRIPT" > "$INBOX/$WAY-$N.sh" &"#
        }
    }

    /// The commands for all of them.
    var commands: String {
        switch self {
        case .sftp:
            // WinSCP and others send to this name first.
            #"""
            for N in $(seq $COUNT); do
                echo "put $SCRIPT $INBOX/$WAY-$N.sh.filepart"
                echo "rename $INBOX/$WAY-$N.sh.filepart $INBOX/$WAY-$N.sh"
            done > sftp-batch
            sftp -qb sftp-batch -D /usr/lib/openssh/sftp-server
            """#
        case .moveFromElsewhere:
            #"""
            ELSEWHERE=$(mktemp -d /dev/shm/bobbin-XXXXXX)
            trap 'rm -rf "$ELSEWHERE"' EXIT
            for N in $(seq $COUNT); do cp -r "$BUNDLE" "$ELSEWHERE/$WAY-$N"; done
            for N in $(seq $COUNT); do \#(one); done
            """#
        default:
            """
            for N in $(seq $COUNT); do
            \(one)
            done
            wait
            """
        }
    }
}
