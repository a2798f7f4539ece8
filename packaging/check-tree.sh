#!/usr/bin/env bash
# check-tree.sh: what `swift format lint` does not see. Generated files are not tracked, no source file is over 500
# lines, nothing new lies in the top directory, the targets of make install what they need, and shell scripts pass
# the linter for them (skipped, and said so, where it is missing).
set -euo pipefail
cd "$(dirname "$0")/.."

wrong=0
complain() {
    echo "lint: $1" >&2
    wrong=1
}

allowed=" .ci .editorconfig .gitignore .swift-format LICENSE Makefile Package.swift README.md"
allowed+=" Sources Tests docs examples packaging spool "
while IFS= read -r -d '' file; do
    top=${file%%/*}
    [[ $allowed == *" $top "* ]] || complain "$top does not belong in the top directory"
    case $file in
    Package.resolved | .build/* | *.swp | *.pyc) complain "$file is generated and should not be tracked" ;;
    esac
    [ -f "$file" ] || continue
    case $file in
    *.swift | *.c | *.h | *.cpp | *.hpp | *.py | *.sh)
        lines=$(wc -l <"$file")
        [ "$lines" -le 500 ] || complain "$file has $lines lines; 500 are the most"
        ;;
    esac
done < <(git ls-files -z)

# CI installs beforehand what is missing, so only a look at the recipes shows a target that forgets to.
for target in build demo test test-crash test-vm bench bench-history soak fuzz; do
    [[ $(make --dry-run "$target") == *ensure-tools.sh* ]] || complain "make $target does not install what is missing"
done

scripts=(.ci/run)
while IFS= read -r -d '' file; do scripts+=("$file"); done < <(git ls-files -z -- '*.sh')
if command -v shellcheck >/dev/null; then
    shellcheck "${scripts[@]}" || wrong=1
else
    echo "lint: shellcheck is not installed; the shell scripts were not checked"
fi
exit $wrong
