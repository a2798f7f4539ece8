#!/usr/bin/env bash
# check-release.sh DIRECTORY: what a test may ask of a debug build, a release build must not know. Fails if one of the
# programs there has the name of such a variable in it.
set -euo pipefail

wrong=0
for program in bobbind bobbin bobbin-launcher bobbin-unpack bobbin-validate; do
    file=$1/$program
    [ -f "$file" ] || { echo "check-release: $file is missing" >&2 && exit 66; }
    for word in BOBBIN_CUT BOBBIN_SHOW BOBBIN_EMPTY_TRASH BOBBIN_WITHOUT; do
        if grep -q -a -F "$word" "$file"; then
            echo "check-release: $file knows $word, which only a debug build may" >&2
            wrong=1
        fi
    done
done
exit $wrong
