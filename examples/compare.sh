#!/bin/sh
# compare.sh NAME RESULT: whether a result directory holds what examples/expected/NAME says: each file there must be in
# the result with the same bytes. Files that only the result has (status.json, a PDF with its date) are not looked at,
# except exit_code, which must be missing where it is not expected.
set -u
expected=$(dirname "$0")/expected/$1
result=$2
wrong=0
cd "$expected" || exit 1
list=$(find . -type f | sort)
cd "$OLDPWD" || exit 1
for file in $list; do
    diff -u "$expected/$file" "$result/$file" || wrong=1
done
if [ ! -e "$expected/exit_code" ] && [ -e "$result/exit_code" ]; then
    echo "$result/exit_code should not be there"
    wrong=1
fi
if [ "$wrong" = 0 ]; then
    echo "ok: $1 is as expected"
else
    echo "MISMATCH: $1 is not as expected"
fi
exit "$wrong"
