# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What src/tracefs relies on to remove one probe and no other: the kernel finds a probe by the words
# of its own listing (ListedProbe::removal). Plain shell, no program of ours. Wants --module dummy.
. /lib/guest.sh
T=/sys/kernel/tracing
G=kprobed_removal

put() { printf '%s\n' "$1" >> $T/kprobe_events; }
refused() { ! put "$1" 2> /dev/null; }
listed() { grep -F -x -q -e "$1" $T/kprobe_events; }
ours() { grep -c ":$G/" $T/kprobe_events; }
removal() { # removal LINE: as ListedProbe::removal() makes it
    printf '%s\n' "$1" | sed 's/^[pr][0-9]*:/-:/'
}

# one WRITTEN LISTED: what is written is listed as LISTED (a pattern of grep), and goes by that text.
one() {
    check "accepted: $1" put "$1"
    _line=$(grep ":$G/" $T/kprobe_events)
    printf '%s\n' "$_line" | grep -q -x -e "$2" && ok "listed as $2" || fail "listed as $2" "$_line"
    check "removed by: $(removal "$_line")" put "$(removal "$_line")"
    is "nothing left of: $1" 0 "$(ours)"
}

put 'p:foreign/one vfs_rmdir'
put 'r:foreign/two vfs_rmdir rv=$retval'
cp $T/kprobe_events /tmp/before

# An offset where an instruction begins; a function that nothing here calls.
offset=
for try in 4 5 6 7 8 9 10 11 12 13; do
    if put "p:$G/try vfs_rmdir+$try" 2> /dev/null; then
        put "-:$G/try"
        [ $try -ge 10 ] || continue
        offset=$try
        break
    fi
done

one "p:$G/a vfs_rmdir" "p:$G/a vfs_rmdir"
one "p:$G/a vfs_rmdir+0" "p:$G/a vfs_rmdir"
one "p:$G/a vfs_rmdir+0x0 a1=%di:x64 a2=+8(%si):u32" "p:$G/a vfs_rmdir a1=%di:x64 a2=+8(%si):u32"
one "p:$G/a vfs_rmdir %di %si:u32" "p:$G/a vfs_rmdir arg1=%di arg2=%si:u32"
if [ -n "$offset" ]; then
    one "p:$G/a vfs_rmdir+$offset a=%di" "p:$G/a vfs_rmdir+$offset a=%di"
    one "p:$G/a vfs_rmdir+$(printf '0x%x' $offset)" "p:$G/a vfs_rmdir+$offset"
else
    fail "an offset that takes a probe"
fi
one "r:$G/a vfs_rmdir rv=\$retval:s64" "r[0-9][0-9]*:$G/a vfs_rmdir rv=\$retval:s64"
one "r7:$G/a vfs_rmdir+0" "r7:$G/a vfs_rmdir"
one "p:$G/a vfs_rmdir%return rv=\$retval" "r[0-9][0-9]*:$G/a vfs_rmdir rv=\$retval"
one "p:$G/a no_such_module:function+4 a=%di" "p:$G/a no_such_module:function+4 a=%di"
one "r:$G/a no_such_module:function" "r:$G/a no_such_module:function"
one "p:$G/a 0x$(awk '$3 == "vfs_rmdir" { print $1 }' /proc/kallsyms)" "p:$G/a 0x[0-9a-f]*"
if modprobe dummy 2> /dev/null; then
    one "p:$G/a dummy:dummy_xmit+0 a=%di" "p:$G/a dummy:dummy_xmit a=%di"
    one "r:$G/a dummy:dummy_xmit" "r[0-9][0-9]*:$G/a dummy:dummy_xmit"
else
    skip "a module's symbol" "no module dummy"
fi

# The offset 0 and the unnamed argument are not found as they were written.
put "p:$G/a vfs_rmdir+0 %di:x64"
check "SYM+0 finds nothing" refused "-:$G/a vfs_rmdir+0 arg1=%di:x64"
check "an argument without its name finds nothing" refused "-:$G/a vfs_rmdir %di:x64"
check "an argument without its type finds nothing" refused "-:$G/a vfs_rmdir arg1=%di"
check "too many arguments find nothing" refused "-:$G/a vfs_rmdir arg1=%di:x64 arg2=%si"
check "another place finds nothing" refused "-:$G/a vfs_mkdir arg1=%di:x64"
is "and it is still there" 1 "$(ours)"
put "-:$G/a vfs_rmdir arg1=%di:x64"

# Several probes under one event name: each goes alone.
put "p:$G/many vfs_rmdir a=%di b=%si"
put "p:$G/many vfs_mkdir a=%di b=%si"
put "p:$G/many vfs_mkdir a=%si b=%si"
put "p:$G/many vfs_mkdir a=%di b=%dx"
check "one of many" put "-:$G/many vfs_mkdir a=%di b=%si"
is "the others stay" 3 "$(ours)"
check "same place, other first argument" listed "p:$G/many vfs_mkdir a=%si b=%si"
check "same place, other last argument" listed "p:$G/many vfs_mkdir a=%di b=%dx"

# In use: all but the last go, the last says so and stays.
echo 1 > $T/events/$G/many/enable
check "in use, not the last" put "-:$G/many vfs_mkdir a=%si b=%si"
check "in use, not the last" put "-:$G/many vfs_mkdir a=%di b=%dx"
check "in use, the last: refused" refused "-:$G/many vfs_rmdir a=%di b=%si"
check "and it stays" listed "p:$G/many vfs_rmdir a=%di b=%si"
echo 0 > $T/events/$G/many/enable
check "not in use any more" put "-:$G/many vfs_rmdir a=%di b=%si"

# Words of more than 63 bytes: the kernel compares its own word cut to 63, or whole. One of the two
# finds the probe; which one differs by kernel and by word (ListedProbe::removals).
place=no_such_module:a23456789b23456789c23456789d23456789e23456789f23456789+4
arg='abcdefghijklmnopqrstuvwxyz012345=+0(+0(+0(+0(+0(+0(+0(+0(%di)))))))):u32'
cut() { printf '%.63s' "$1"; }
either() { # either DESC WHOLE CUT
    if put "$2" 2> /dev/null; then
        ok "$1: compared whole"
    elif put "$3" 2> /dev/null; then
        ok "$1: compared cut to 63 bytes"
    else
        fail "$1" "found neither by: $2" "nor by: $3"
    fi
}
put "p:$G/long $place"
put "p:$G/long2 vfs_rmdir $arg"
either "a long place" "-:$G/long $place" "-:$G/long $(cut "$place")"
either "a long argument" "-:$G/long2 vfs_rmdir $arg" "-:$G/long2 vfs_rmdir $(cut "$arg")"
is "both are gone" 0 "$(ours)"

check "foreign probes are as before" cmp $T/kprobe_events /tmp/before
summary
