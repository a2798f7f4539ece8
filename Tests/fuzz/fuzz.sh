#!/usr/bin/env bash
# fuzz.sh [TARGET [FILE…]]: lets libFuzzer look for bytes that break a promise of one target, or of each, as many at a time as there are
# processors, FUZZ_SECONDS (60) long; with files, reads only these. `make fuzz` builds the program and calls this.
#
# What is found on the way is kept in .build/fuzz/found for the next time, what breaks something in .build/fuzz/broken. Exit 1 if
# something was broken, or if a target ran but saw next to nothing of the code.
set -euo pipefail
cd "$(dirname "$0")/../.."

program=$PWD/.build/fuzz/release/bobbin-fuzz
seconds=${FUZZ_SECONDS:-60}
all=(manifest settings archive launcher status script)
# Edges of instrumented code that any of them passes within its first second; without instrumentation there are none.
least=300
# Further arguments of bwrap.
shown=()

[ -x "$program" ] || { echo "fuzz.sh: build it first: make fuzz" >&2 && exit 69; }

# longest TARGET: bytes of one text at most; a longer one finds nothing more, only slower.
longest() {
    case $1 in
    archive) echo 16384 ;;
    launcher) echo 2048 ;;
    *) echo 8192 ;;
    esac
}

# confined COMMAND…: nothing but these directories can be written: what an archive does is not known yet.
confined() {
    bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --bind "$found" "$found" --bind "$broken" "$broken" \
        "${shown[@]}" \
        --unshare-pid --unshare-net --unshare-ipc --die-with-parent --chdir /tmp \
        env BOBBIN_FUZZ_TARGET="$target" SWIFT_BACKTRACE=enable=no \
        ASAN_OPTIONS=allocator_may_return_null=1:max_allocation_size_mb=512 "$@"
}

# begin TARGET: where its files are.
begin() {
    target=$1
    found=$PWD/.build/fuzz/found/$target
    broken=$PWD/.build/fuzz/broken/$target
    mkdir -p "$found" "$broken"
}

fuzz() {
    local log=.build/fuzz/$target.log options=(-timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=1024 -print_final_stats=1) code=0 edges
    local dictionary=$PWD/Tests/fuzz/dictionaries/$target.dict corpora=("$found" "$PWD/Tests/fuzz/corpus/$target")
    [ ! -f "$dictionary" ] || options+=(-dict="$dictionary")
    [ ! -d "Tests/fuzz/crashes/$target" ] || corpora+=("$PWD/Tests/fuzz/crashes/$target")
    confined "$program" -max_total_time="$seconds" -max_len="$(longest "$target")" "${options[@]}" \
        -artifact_prefix="$broken/" "${corpora[@]}" >"$log" 2>&1 || code=$?
    edges=$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 | grep -oE '[0-9]+' || echo 0)
    echo "fuzz $target: $(grep -oE 'number_of_executed_units: [0-9]+' "$log" | grep -oE '[0-9]+' || echo no) texts, $edges edges"
    if [ "$code" != 0 ]; then
        grep -vE '^#[0-9]+[[:space:]]' "$log" | tail -n 60 >&2
        echo "fuzz $target: broken (exit $code); all of it is in $log. Read it again, keep it for ever:" >&2
        echo "    Tests/fuzz/fuzz.sh $target $broken/FILE; cp $broken/FILE Tests/fuzz/crashes/$target/WHAT_IT_IS" >&2
        return 1
    fi
    if [ "$edges" -lt "$least" ]; then
        echo "fuzz $target: only $edges edges of the code were seen; is it instrumented, does the corpus still fit?" >&2
        return 1
    fi
}

if [ $# -gt 1 ]; then
    begin "$1"
    files=()
    for file in "${@:2}"; do files+=("$(realpath "$file")"); done
    # As arguments of bwrap they are there, too, if they lie in /tmp.
    shown=()
    for file in "${files[@]}"; do shown+=(--ro-bind "$file" "$file"); done
    confined "$program" "${files[@]}"
    exit
fi
wrong=0 running=0 most=$(nproc)
for name in "${@:-${all[@]}}"; do
    [[ " ${all[*]} " == *" $name "* ]] || { echo "fuzz.sh: no target '$name'; there are: ${all[*]}" >&2 && exit 64; }
    if [ "$running" -ge "$most" ]; then
        wait -n || wrong=1
        running=$((running - 1))
    fi
    { begin "$name" && fuzz; } &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    wait -n || wrong=1
    running=$((running - 1))
done
exit $wrong
