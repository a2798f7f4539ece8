import Foundation

/// Bundles that notice when a part of them is missing.
enum WholeBundle {
    /// What they print when nothing is.
    static let output = "whole\n"

    /// Makes them in a new directory of `scratch`, and what some ways of writing need; returns the variables that name them.
    static func make(in spool: TemporarySpool) async throws -> [String: String] {
        let place = spool.freshScratch()
        try await spool.shell(
            #"""
            mkdir "$PLACE"; cd "$PLACE"
            mkdir bundle bundle/data bundle/data/deep bundle/empty
            for n in $(seq 40); do head -c $((n * n * 7)) /dev/urandom > bundle/data/$n; done
            for n in $(seq 10); do echo "$n" > bundle/data/deep/"file $n"; done
            head -c 200000 /dev/zero > bundle/data/large
            (cd bundle; find data -type f -print0 | sort -z | xargs -0 sha256sum > sums)
            cat > bundle/main.sh <<'END'
            sha256sum --quiet -c sums || exit 1
            [ "$(find . -type f | wc -l)" = 53 ] || exit 2
            [ -d empty ] || exit 3
            echo whole
            END
            tar czf bundle.tar.gz bundle

            { echo '#!/bin/sh'
              echo '[ "$(wc -c < "$0")" -eq 0000000 ] || exit 1'
              for n in $(seq 1000); do echo "# line $n of a script that takes a while to be written"; done
              echo 'echo whole'; } > script
            sed -i "2s/0000000/$(printf %7d $(wc -c < script))/" script

            # What scp and sftp start instead of ssh: the far side, here.
            cat > ssh <<'END'
            #!/bin/bash
            while [ $# -gt 0 ]; do
                case $1 in
                --) shift; break ;;
                -l|-p|-o) shift 2 ;;
                -s) subsystem=1; shift ;;
                -*) shift ;;
                *) break ;;
                esac
            done
            shift
            [ "${1:-}" != sftp ] || exec /usr/lib/openssh/sftp-server
            exec sh -c "$*"
            END
            chmod +x ssh
            cat > slowly <<'END'
            import sys, time
            data = sys.stdin.buffer.read()
            step = len(data) // 8 + 1
            for start in range(0, len(data), step):
                sys.stdout.buffer.write(data[start:start + step])
                sys.stdout.buffer.flush()
                time.sleep(0.4)
            END
            """#, environment: ["PLACE": place])
        return [
            "PLACE": place, "BUNDLE": place + "/bundle", "TAR": place + "/bundle.tar.gz", "SCRIPT": place + "/script",
        ]
    }
}
