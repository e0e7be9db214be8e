#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The harness tested by itself: what it must pass through, stop, believe and refuse.
# usage: tests/vm/selftest.sh [KERNEL [debian]]     (6.1 unless told; a minute; the full Debian too)
set -u
kernel=${1:-6.1}
image=${2-}
here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# expect DESC STATUS [OPTION...] -- GUEST-SCRIPT-TEXT      stdout and stderr land in $work
expect() {
    local desc=$1 want=$2 got options=()
    shift 2
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    printf '%s\n' "$2" >"$work/test.sh"
    "$here/run" --kernel "$kernel" "${options[@]}" "$work/test.sh" >"$work/stdout" 2>"$work/stderr"
    got=$?
    verdict "$desc (status $got)" [ "$got" -eq "$want" ]
}

verdict() {
    local desc=$1
    shift
    if "$@"; then
        echo "ok - $desc"
    else
        failures=$((failures + 1))
        echo "not ok - $desc"
        sed 's/^/#   /' "$work/stdout" "$work/stderr"
    fi
}

said() { grep -q -e "$1" "$work/stderr"; }

expect 'status 0 passes through' 0 -- 'exit 0'
expect 'status 3 passes through' 3 -- 'exit 3'
expect 'a script ended by a signal has its shell status' 137 -- 'kill -9 $$'

# Bytes arrive as written: no \r, nothing added, stderr included, the last one before power-off.
expect 'stdout and stderr come back' 0 -- 'printf "a\n\r\000b" ; printf "c\td" >&2'
verdict 'output is byte-exact' [ "$(od -An -tx1 "$work/stdout")" = " 61 0a 0d 00 62 63 09 64" ]
expect 'many lines' 0 -- 'seq 1 20000'
verdict 'none of 20000 lines is lost' cmp -s "$work/stdout" <(seq 1 20000)

expect 'a script that hangs is stopped' 124 --timeout 3 -- 'echo before; while :; do sleep 1; done'
verdict 'its output is kept, the timeout is named' eval 'grep -q before "$work/stdout" && said "no end after 3 s"'
expect 'a process left behind does not hold the end up' 0 --timeout 60 -- 'sleep 1000 & exit 0'

warning='WARNING: CPU: 0 PID: 1 at kernel/fake.c:1 fake+0x1/0x2'
expect 'a kernel warning fails a passing script' 123 -- "echo '$warning' >/dev/kmsg"
verdict 'the warning is quoted, the console shown' eval 'said "complained: WARNING: CPU: 0" && said "the console ----"'
expect 'an expected warning passes' 0 --expect-warn 'kernel/fake\.c' -- "echo '$warning' >/dev/kmsg"
expect 'an expected warning must occur' 121 --expect-warn 'kernel/fake\.c' -- 'exit 0'
expect 'another warning is not the expected one' 123 --expect-warn 'kernel/other\.c' -- "echo '$warning' >/dev/kmsg"
expect 'a panic fails' 123 -- 'echo c >/proc/sysrq-trigger; sleep 60'
verdict 'the panic is quoted' said 'sysrq triggered crash'
expect 'a machine that stops early fails' 122 -- 'poweroff -f; sleep 60'
expect 'a word like WARNING in the output is no complaint' 0 -- 'echo "WARNING: CPU: 0"; echo "Oops BUG: Call Trace:"'

# The nonce is gone when the script runs; what it prints, even on the control port, is not believed.
expect 'a forged end is not believed' 7 -- '
    echo "end 0123 0"; echo "end 0123 0" >/dev/ttyS2
    [ ! -e /.vm/settings ] || exit 9
    exit 7'

head -c 3000000 /dev/urandom >"$work/sent"
expect 'a folder comes back' 0 --file "$work/sent:/data/sent" --out "/data:$work/data" -- 'mkdir /data/empty'
verdict 'its bytes are exact' cmp -s "$work/sent" "$work/data/sent"
expect 'a folder comes back from a failing script too' 1 --out "/data:$work/failed" -- 'mkdir /data; echo x >/data/x; exit 1'
verdict 'its content is there' [ "$(cat "$work/failed/x" 2>/dev/null)" = x ]
expect 'a folder that is missing is an error' 125 --out "/nowhere:$work/none" -- 'exit 0'

expect 'a dynamic program brings its libraries' 0 --bin /usr/bin/python3:/usr/bin/py -- 'py --version'
expect 'modprobe finds a module' 0 --module dummy -- 'modprobe dummy && grep -q ^dummy /proc/modules && rmmod dummy'
expect 'a module brings what it depends on' 0 --module virtio_blk -- 'modprobe virtio_blk && [ -d /sys/bus/virtio/drivers/virtio_blk ]'
expect 'a module that does not exist is named' 125 --module no_such -- 'exit 0'
verdict '... by name' said "kernel module 'no_such'"
expect 'arguments and environment arrive as given' 0 --env 'A=b c' -- '[ "$A" = "b c" ]'
expect 'tracefs is mounted, debugfs is not' 0 -- '[ -f /sys/kernel/tracing/kprobe_events ] && ! grep -q debugfs /proc/mounts'
expect 'a kernel that dies at once is tried three times' 126 --append 'init=/nothing rdinit=/nothing' -- 'exit 0'
verdict '... and counted' said 'boot 3 of 3'

if [ "$image" = debian ]; then
    mkdir -p "$work/package/DEBIAN" "$work/package/usr/bin"
    printf '#!/bin/sh\necho it works\n' >"$work/package/usr/bin/it"
    chmod +x "$work/package/usr/bin/it"
    printf '%s\n' 'Package: it' 'Version: 1' 'Architecture: all' 'Maintainer: nobody' \
        'Description: a test' >"$work/package/DEBIAN/control"
    dpkg-deb -b "$work/package" "$work/it.deb" >/dev/null
    disk=(--image debian --disk "$work/disk" --timeout 400)
    expect 'a package is installed, systemd runs' 5 "${disk[@]}" --deb "$work/it.deb" -- '
        it && [ "$(cat /proc/1/comm)" = systemd ] && systemctl is-active multi-user.target &&
        [ "$(stat -c %a /tmp)" = 1777 ] && echo kept >/root/kept && exit 5'
    expect 'the disk is kept for the next boot' 0 "${disk[@]}" -- 'it && grep kept /root/kept'
    expect 'a disk that is not kept is pristine' 0 --image debian --timeout 400 -- '[ ! -e /root/kept ]'
    sed -i '/^Description/iDepends: nothing-like-this' "$work/package/DEBIAN/control"
    dpkg-deb -b "$work/package" "$work/it.deb" >/dev/null
    expect 'a package that does not install fails' 1 --image debian --timeout 400 \
        --deb "$work/it.deb" -- 'exit 0'
fi

if [ "$failures" -ne 0 ]; then
    echo "# $failures FAILED"
    exit 1
fi
echo '# all passed'
