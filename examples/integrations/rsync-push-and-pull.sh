#!/bin/sh
# rsync-push-and-pull.sh BUNDLE-DIRECTORY HOST [QUEUE]: runs a bundle on another machine and fetches its result.
#
# The bundle goes as one archive whose name carries a run id chosen here. rsync renames the archive into place when it
# is whole, and a run id is never run twice, so the push can be repeated after any interruption until it works.
# HOST is what rsync and ssh take (user@host); the spool there is $BOBBIN_SPOOL or /var/spool/bobbin.
set -eu
bundle=${1:?usage: rsync-push-and-pull.sh BUNDLE-DIRECTORY HOST [QUEUE]}
host=${2:?usage: rsync-push-and-pull.sh BUNDLE-DIRECTORY HOST [QUEUE]}
queue=${3:-default}
spool=${BOBBIN_SPOOL:-/var/spool/bobbin}
name=$(basename "$bundle")

# A run id is a ULID: 10 characters of milliseconds since 1970 and 16 random ones, base 32 without I, L, O and U.
digits=0123456789ABCDEFGHJKMNPQRSTVWXYZ
time=$(($(date +%s) * 1000))
run=
for _ in 1 2 3 4 5 6 7 8 9 10; do
    run=$(printf %s "$digits" | cut -c$((time % 32 + 1)))$run
    time=$((time / 32))
done
for byte in $(od -An -N16 -tu1 /dev/urandom); do
    run=$run$(printf %s "$digits" | cut -c$((byte % 32 + 1)))
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
archive=$name.$run.tar.gz
tar -C "$(dirname "$bundle")" -czf "$work/$archive" "$name"

# Push until it is through. Sending it again after success would do no harm either.
until rsync --timeout=60 "$work/$archive" "$host:$spool/inbox/$queue/"; do
    echo "rsync failed; once more in 10 s" >&2
    sleep 10
done

# Pull: the result is there as a whole or not at all, so the first copy that succeeds is complete.
result=$spool/outbox/$queue/$name.$run
echo "waiting for $host:$result" >&2
until rsync -a --timeout=60 "$host:$result/" "$name.$run/" 2>/dev/null; do sleep 5; done
echo "$name.$run: $(cat "$name.$run/state")"
