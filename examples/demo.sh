#!/usr/bin/env bash
# What `make demo` runs: starts a daemon on a new spool, drops the examples in the ways people do, compares each result
# with examples/expected, stops the daemon. Every command is printed as one could type it. Exit 1 on any mismatch.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

programs=.build/release
spool=.build/demo
tray=.build/demo-tray
log=.build/demo.log
patience=120 # seconds for one result; the slowest takes four
daemon=
failures=0
skipped=()

say() { printf '\n# %s\n' "$*"; }
# Prints a command line and runs it.
typed() {
    printf '$ %s\n' "$1"
    eval "$1"
}

give_up() {
    printf '\ndemo: %s\n' "$1" >&2
    [ ! -s "$log" ] || { echo "the end of the daemon's log ($log):" && tail -n 20 "$log"; } >&2
    exit 1
}

leave() {
    [ -z "$daemon" ] || { kill -TERM "$daemon" && wait "$daemon"; } 2>/dev/null
    rm -rf "$tray"
}
trap leave EXIT
trap 'exit 130' INT TERM

# Started by root, the daemon works as the spool's own user, who must be able to reach the spool.
open_to_others() {
    local path
    path=$(realpath "$1")
    while [ "$path" != / ]; do
        path=$(dirname "$path")
        [ $(($(stat -c %a "$path") % 2)) = 1 ] || return 1
    done
}

# expect ENTRY NAME: waits for the result of an entry, shows it, compares it.
expect() {
    local entry=$1 name=$2 start=$SECONDS
    local inbox=$spool/inbox/default/$entry link=$spool/outbox/default/$name
    printf '$ while [ -e %s ]; do sleep 1; done; until [ -e %s/state ]; do sleep 1; done\n' "$inbox" "$link"
    while [ -e "$inbox" ] || [ ! -e "$link/state" ]; do
        kill -0 "$daemon" 2>/dev/null || give_up "the daemon has ended"
        [ $((SECONDS - start)) -lt $patience ] || give_up "no result of $name after $patience s"
        sleep 0.1
    done
    compare "$name"
}

compare() {
    local link=$spool/outbox/default/$1
    typed "cat $link/state $link/stdout"
    typed "examples/compare.sh $1 $link" && return
    failures=$((failures + 1))
    [ ! -e "$link/status.json" ] || typed "cat $link/status.json"
}

for program in bobbind bobbin; do
    [ -x "$programs/$program" ] || give_up "$programs/$program is not there; run 'make build' first"
done
if [ -L "$spool" ]; then rm -rf "$(realpath -m "$spool")"; fi
rm -rf "$spool" "$tray" "$log"
mkdir -p "$tray"
if [ "$(id -u)" = 0 ] && ! open_to_others .build; then
    say "This checkout is closed to other users, the one that the daemon works as too: the spool goes elsewhere."
    typed "ln -s \"\$(mktemp -d /var/tmp/bobbin-demo.XXXXXX)\" $spool"
    typed "chmod 755 $spool/"
fi

say "A new spool, and a daemon on it"
typed "export PATH=\$PWD/$programs:\$PATH BOBBIN_SPOOL=$spool"
typed "bobbin init" || give_up "'bobbin init' failed"
printf '$ bobbind 2>%s &\n' "$log"
bobbind 2>"$log" &
daemon=$!

say "One script, by mv"
cp examples/hello.py "$tray"
typed "mv $tray/hello.py $spool/inbox/default/"
expect hello.py hello
typed "cat $spool/outbox/default/hello/files/greeting.txt"

say "A directory, by cp -r: taken when nothing in it has changed for two seconds"
typed "cp -r examples/find-duplicates $spool/inbox/default/"
expect find-duplicates find-duplicates
typed "head -n 4 $spool/outbox/default/find-duplicates/files/tagged.csv"

say "An archive, by rsync: taken at once, for rsync renames it when it is whole"
typed "tar -C examples -czf $tray/monthly-report.tar.gz monthly-report"
typed "rsync $tray/monthly-report.tar.gz $spool/inbox/default/"
expect monthly-report.tar.gz monthly-report
typed "tail -n 1 $spool/outbox/default/monthly-report/files/totals.csv"

say "A directory, by rsync"
typed "rsync -a examples/log-digest $spool/inbox/default/"
expect log-digest log-digest
typed "head -n 9 $spool/outbox/default/log-digest/files/digest.txt"

say "R, by the command line: waits, and ends as the script ended"
if command -v Rscript >/dev/null; then
    typed "bobbin submit --wait examples/growth-curve" || failures=$((failures + 1))
    compare growth-curve
else
    skipped+=("growth-curve (R is not installed: apt install r-base-core)")
    echo "SKIPPED: ${skipped[-1]}"
fi

say "Node, under a hidden name and renamed: complete at once, also across a network"
if command -v node >/dev/null || command -v nodejs >/dev/null; then
    typed "cp -r examples/json-to-table $spool/inbox/default/.json-to-table"
    typed "mv $spool/inbox/default/.json-to-table $spool/inbox/default/json-to-table"
    expect json-to-table json-to-table
    typed "head -n 3 $spool/outbox/default/json-to-table/files/table.md"
else
    skipped+=("json-to-table (Node is not installed: apt install nodejs)")
    echo "SKIPPED: ${skipped[-1]}"
fi

say "Functions that are called with their input: what they return is the result"
for example in loan-plan new-orders station-rows primes.py; do
    typed "bobbin submit --wait examples/$example" || failures=$((failures + 1))
    compare "${example%.py}"
done
typed "bobbin result station-rows"
typed "bobbin checkpoint list"

say "The same in R and Node"
for example in dose-summary:Rscript word-counts:node; do
    if command -v "${example#*:}" >/dev/null; then
        typed "bobbin submit --wait examples/${example%:*}" || failures=$((failures + 1))
        compare "${example%:*}"
        typed "bobbin result ${example%:*}"
    else
        skipped+=("${example%:*} (${example#*:} is not installed)")
        echo "SKIPPED: ${skipped[-1]}"
    fi
done

say "A script that fails is a result like any other"
typed "bobbin submit --wait examples/fails.sh"
code=$?
printf '$ echo $?\n%s\n' "$code"
[ "$code" = 3 ] || { echo "MISMATCH: the exit code should be the script's, 3" && failures=$((failures + 1)); }
compare fails

say "A script that hangs: ended after its two seconds, and what it wrote until then is kept"
cp -r examples/slow "$tray"
typed "mv $tray/slow $spool/inbox/default/"
expect slow slow
typed "cat $spool/outbox/default/slow/files/parts.csv"

say "What the history says"
typed "bobbin history" || failures=$((failures + 1))

say "SIGTERM stops the daemon"
typed "kill -TERM $daemon"
wait "$daemon"
code=$?
daemon=
[ "$code" = 0 ] || { echo "MISMATCH: bobbind ended with $code, not 0; see $log" && failures=$((failures + 1)); }

[ ${#skipped[@]} = 0 ] || printf '\nSKIPPED: %s' "${skipped[@]}"
if [ "$failures" != 0 ]; then
    printf '\ndemo: %d of the results are not as expected\n' "$failures"
    exit 1
fi
if [ "$(id -u)" = 0 ]; then own=/var/spool/bobbin; else own=$HOME/spool; fi
cat <<EOF

All results are as expected; they are in $spool/outbox/default. A daemon on a spool of your own:
    $PWD/$programs/bobbin init --spool $own
    $PWD/$programs/bobbind --spool $own &
    cp examples/hello.py $own/inbox/default/
EOF
