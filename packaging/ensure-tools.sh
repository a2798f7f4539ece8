#!/usr/bin/env bash
# ensure-tools.sh [build] [demo] [test] [bench] [soak] [vm] [fuzz]: installs what Debian 12 lacks for these groups, and
# nothing that is there. Swift is not in Debian; if it is missing, that is said first. Exit 69 if something cannot be
# installed from here.
set -euo pipefail

groups=("$@")
[ ${#groups[@]} -gt 0 ] || groups=(build)

swift_version() { swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9.]+$' || :; }

# need_swift FOUND: says how to get it, and ends.
need_swift() {
    cat >&2 <<EOF
Swift 6.3 or later is needed; found: $1.
Install it with swiftly:
    curl -O https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz
    tar zxf swiftly-$(uname -m).tar.gz && ./swiftly init
or as a toolchain from https://www.swift.org/install/linux/, then start again.
EOF
    exit 69
}

# One that is there but does not start lacks libraries, which are among those installed below.
command -v swift >/dev/null || need_swift 'none in PATH'
version=$(swift_version)
if [ -n "$version" ] && [ "$(printf '%s\n' 6.3 "$version" | sort -V | head -n 1)" != 6.3 ]; then need_swift "$version"; fi

# PACKAGE, or PACKAGE=COMMAND where a program of that name from anywhere will do as well.
build=(libncurses6 libcurl4 libxml2 binutils libstdc++-12-dev libsqlite3-dev libinotifytools0-dev libarchive-dev
    libseccomp-dev libyaml-dev libvalijson-dev nlohmann-json3-dev libpcre2-dev libc6-dev
    pkg-config=pkg-config git=git make=make python3=python3 ca-certificates)
demo=(rsync=rsync tar=tar gzip=gzip)
test=(rsync=rsync strace=strace r-base-core=Rscript nodejs=node zip=zip unzip=unzip xz-utils=xz zstd=zstd bzip2=bzip2
    gzip=gzip ruby=ruby perl=perl sqlite3=sqlite3 openssh-client=sftp openssh-sftp-server procps=ps util-linux=setpriv
    acl=setfacl shellcheck=shellcheck e2fsprogs=mkfs.ext4 mount=mount json-schema-test-suite
    python3-numpy python3-pandas python3-pip python3-venv gcc=gcc libc6-dev default-jre-headless=java)
bench=(bubblewrap=bwrap task-spooler=tsp parallel=parallel strace=strace findutils=xargs)
soak=(rsync=rsync zstd=zstd perl=perl)
vm=(qemu-system-x86=qemu-system-x86_64 qemu-utils=qemu-img mmdebstrap=mmdebstrap debian-archive-keyring
    e2fsprogs=mke2fs util-linux=unshare)
fuzz=(bubblewrap=bwrap)

# uv is in no Debian release: the programs that tests start see only /usr, so that it has to be there.
need_uv() {
    [ -x /usr/local/bin/uv ] || [ -x /usr/bin/uv ] && return 0
    local root=()
    [ "$(id -u)" = 0 ] || root=(sudo -n)
    "${root[@]}" /usr/bin/python3 -m pip install -q --break-system-packages --root-user-action ignore --no-cache-dir \
        uv || echo "uv could not be installed: tests of environments run with pip alone" >&2
}

missing=()
for group in "${groups[@]}"; do
    case $group in
    build) wanted=("${build[@]}") ;;
    demo) wanted=("${demo[@]}") ;;
    test) wanted=("${test[@]}") ;;
    bench) wanted=("${bench[@]}") ;;
    soak) wanted=("${soak[@]}") ;;
    vm) wanted=("${vm[@]}") ;;
    fuzz) wanted=("${fuzz[@]}") ;;
    *) echo "ensure-tools.sh: unknown group '$group'; there are build, demo, test, bench, soak, vm and fuzz" >&2 && exit 64 ;;
    esac
    for entry in "${wanted[@]}"; do
        package=${entry%%=*}
        if [ "$entry" != "$package" ] && command -v "${entry#*=}" >/dev/null; then continue; fi
        if dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then continue; fi
        [[ " ${missing[*]} " == *" $package "* ]] || missing+=("$package")
    done
done
if [ ${#missing[@]} = 0 ]; then
    [[ " ${groups[*]} " != *" test "* ]] || need_uv
    [ -n "$version" ] || need_swift "one that does not start: $(swift --version 2>&1 | tail -n 1)"
    exit 0
fi

echo "missing: ${missing[*]}"
if ! command -v apt-get >/dev/null; then
    echo "this is no Debian: install what corresponds to these Debian packages, then start again" >&2
    exit 69
fi
if [ "$(id -u)" = 0 ]; then
    root=()
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
    root=(sudo)
else
    printf 'they must be installed by root, then start again:\n    apt-get update && apt-get install --no-install-recommends %s\n' \
        "${missing[*]}" >&2
    exit 69
fi

"${root[@]}" apt-get update -q || echo "apt-get update failed; trying with the lists that are here" >&2
if ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"; then
    echo "apt-get could not install: ${missing[*]}" >&2
    exit 69
fi
[ -n "$(swift_version)" ] || need_swift "one that does not start: $(swift --version 2>&1 | tail -n 1)"
[[ " ${groups[*]} " != *" test "* ]] || need_uv
