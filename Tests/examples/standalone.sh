#!/usr/bin/env bash
# Runs every example without Bobbin, each in a fresh copy of its bundle, and lays the results out as an outbox would:
# a broken example is told apart from a broken daemon. Then compares them with examples/expected and with check.py,
# which computes them another way.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
examples=$here/../../examples
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run NAME STATE COMMAND…: standard input is passed on.
run() {
    local name=$1 state=$2 code=0
    shift 2
    local result=$work/outbox/$name bundle=$work/$name
    mkdir -p "$result"
    if [ -d "$examples/$name" ]; then
        cp -R "$examples/$name" "$bundle"
    else
        mkdir "$bundle"
        cp "$examples/$name".* "$bundle"
    fi
    (cd "$bundle" && BOBBIN_NAME=$name "$@") >"$result/stdout" 2>"$result/stderr" || code=$?
    echo "$state" >"$result/state"
    [ "$state" = timed_out ] || echo "$code" >"$result/exit_code"
    mv "$bundle" "$result/files"
    checked+=("$name")
}

checked=()
run hello succeeded python3 hello.py </dev/null
run fails failed sh fails.sh </dev/null
run slow timed_out timeout 1 sh main.sh </dev/null
run find-duplicates succeeded python3 find_duplicates.py \
    <<<'{"table": "contacts.csv", "match": {"email": "text", "phone": "phone"}}'
run monthly-report succeeded python3 report.py sales.csv --currency EUR </dev/null
run log-digest succeeded env LC_ALL=C sh digest.sh 10 </dev/null
if command -v Rscript >/dev/null; then
    run growth-curve succeeded Rscript fit.R growth.csv </dev/null
else
    echo "skipped: growth-curve (R is not installed)"
fi
if command -v node >/dev/null; then
    run json-to-table succeeded node main.mjs <"$examples/json-to-table/orders.json"
else
    echo "skipped: json-to-table (Node is not installed)"
fi

failures=0
for name in "${checked[@]}"; do
    "$examples/compare.sh" "$name" "$work/outbox/$name" || failures=$((failures + 1))
done
python3 "$here/check.py" "$work/outbox" "${checked[@]}" || failures=$((failures + 1))
exit $((failures > 0))
