#!/bin/sh
# drop-and-wait.sh BUNDLE [QUEUE]: drops a bundle, waits for its result, prints what it printed and ends as it ended.
# Needs nothing of Bobbin's but the directories; the spool is $BOBBIN_SPOOL or ./spool.
# Exit: the script's own exit code; 125 if it did not end by itself (the state goes to standard error).
set -eu
bundle=${1:?usage: drop-and-wait.sh BUNDLE [QUEUE]}
queue=${2:-default}
spool=${BOBBIN_SPOOL:-spool}
entry=$(basename "$bundle")

# The result has the entry's name without the ending of a script or archive; a directory keeps its dots.
name=$entry
if [ ! -d "$bundle" ]; then
    case $name in
    *.tar.gz | *.tar.zst | *.tar.xz | *.tar.bz2) name=${name%.tar.*} ;;
    *.tar | *.tgz | *.zip | *.py | *.sh | *.bash | *.R | *.js | *.mjs | *.pl | *.rb) name=${name%.*} ;;
    esac
fi

# A name with a leading dot is never taken; the rename makes the drop complete at once.
inbox=$spool/inbox/$queue
cp -R "$bundle" "$inbox/.$$.$entry"
mv "$inbox/.$$.$entry" "$inbox/$entry"

# When the entry has left the inbox, no older result of that name is in the way.
while [ -e "$inbox/$entry" ]; do sleep 0.2; done
until [ -e "$spool/outbox/$queue/$name/state" ]; do sleep 0.2; done
result=$(readlink -f "$spool/outbox/$queue/$name")

cat "$result/stdout" 2>/dev/null || :
cat "$result/stderr" >&2 2>/dev/null || :
[ -e "$result/exit_code" ] && exit "$(cat "$result/exit_code")"
echo "$name: $(cat "$result/state"), see $result/status.json" >&2
exit 125
