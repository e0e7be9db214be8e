# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the daemon can probe beside single kernel functions: patterns, programs, events of the kernel; and `disasm`.
. /lib/guest.sh
T=/sys/kernel/tracing

has() { grep -q -e "$1" "$2"; }
lines() { cat $T/kprobe_events $T/uprobe_events | grep -c ':kprobed/'; }
# field NAME KEY: of the probe's entry in `kprobectl list -o json`, as far as grep and sed can tell.
field() { kprobectl list -o json | tr '{' '\n' | grep "\"name\":\"$1\"" | sed -n "s/.*\"$2\":\(\"[^\"]*\"\|[0-9]*\).*/\1/p"; }
# place NTH: the distance of that instruction of vfs_read, hexadecimal, out of disasm.
place() { sed -n "$(($1 + 1))s/^ *+\(0x[0-9a-f]*\) .*/\1/p" /tmp/disasm; }

cp /usr/bin/puppet /tmp/program
kprobed > /tmp/kprobed.log 2>&1 & DAEMON=$!
until_true 20 kprobectl list > /dev/null 2>&1 || fail "the daemon starts" "$(cat /tmp/kprobed.log)"

kprobectl add 'p __x64_sys_dup* first=+112(%di):s32' 'p /tmp/program:puppet_eight a1:int a2:int' \
    't sched/sched_process_exit comm pid' 'p:mine openat filename:ustring if filename ~ "/sources/*"' > /tmp/add 2>&1
is "add: status 0" 0 $?
until_true 5 test -s /tmp/add || cat /tmp/add
is "names" "__x64_sys_dup* puppet_eight sched_process_exit mine " "$(kprobectl list -o names | tr '\n' ' ')"
functions=$(grep -c ':kprobed/.* __x64_sys_dup' $T/kprobe_events)
check "a pattern: several lines" test "$functions" -ge 3
is "a pattern: one event" 1 "$(sed -n 's/^p:kprobed\/\([^ ]*\) __x64_sys_dup.*/\1/p' $T/kprobe_events | sort -u | wc -l)"
is "a program: its line" 1 "$(grep -c ':kprobed/.*/tmp/program' $T/uprobe_events)"
is "an event of the kernel: no line" "$((functions + 2))" "$(lines)"

kprobectl stream --all > /tmp/stream 2> /dev/null & S=$!
until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'
puppet dup3 5
/tmp/program known user > /dev/null
puppet open 3 /sources/
puppet open 3 /elsewhere/
until_true 10 sh -c 'grep -c /sources/ /tmp/stream | grep -q 3'
until_true 10 sh -c 'grep -c "\"probe\":\"puppet_eight\".*\"type\":\"event\"\|\"type\":\"event\".*\"probe\":\"puppet_eight\"" /tmp/stream | grep -q -v "^0"'
kill -INT $S; wait $S
is "a pattern: the event says which function" 5 "$(grep '"comm":"puppet"' /tmp/stream | grep -c '"probe":"__x64_sys_dup\*".*"symbol":"__x64_sys_dup3"')"
check "a program: path and function" has '"symbol":"puppet_eight","offset":0,"path":"/tmp/program"' /tmp/stream
check "an event of the kernel" has '"kind":"t","symbol":"sched/sched_process_exit","args":{"comm":"puppet"' /tmp/stream
is "a condition lets through" 3 "$(grep -c '"filename":"/sources/' /tmp/stream)"
is "a condition holds back" 0 "$(grep -c '/elsewhere/' /tmp/stream)"
check "the schema names the functions" has '"type":"schema".*"members":\["__x64_sys_dup' /tmp/stream

# The kernel counts hits of programs, but no misses.
check "hits of a program" test "$(field puppet_eight hits)" -ge 1
is "no misses of a program" "" "$(field puppet_eight missed)"

# A new file under the old name: the probe is in the old one, and says so.
rm /tmp/program && cp /usr/bin/puppet /tmp/program
check "a replaced program is noticed" until_true 15 sh -c 'kprobectl list -o json | grep -q "has been replaced"'

# Crash: lines of all kinds go, the probes come back.
kill -KILL $DAEMON; wait $DAEMON 2> /dev/null
check "killed: the lines are there" test "$(lines)" -gt 0
kprobed > /tmp/kprobed.log 2>&1 & DAEMON=$!
until_true 30 sh -c 'kprobectl list -o names | grep -q "^mine\$"' || fail "the probes come back" "$(cat /tmp/kprobed.log)"
is "restored: names" "__x64_sys_dup* puppet_eight sched_process_exit mine " "$(kprobectl list -o names | tr '\n' ' ')"
is "restored: as many lines" "$((functions + 2))" "$(lines)"
kprobectl remove '__x64_sys_dup\*' puppet_eight > /dev/null
is "removed: the rest" 1 "$(lines)"
kill -TERM $DAEMON; wait $DAEMON
is "stopped: nothing is left" 0 "$(lines)"

# The kernel's blacklist, which is in debugfs: refused before the kernel is asked, as the kernel refuses it.
mount -t debugfs debugfs /sys/kernel/debug 2> /dev/null
black=$(sed -n 's/^0x[0-9a-f]*-0x[0-9a-f]*\t\([a-z_]*\)$/\1/p' /sys/kernel/debug/kprobes/blacklist | while read -r name; do
    [ "$(grep -c " [tT] $name\$" /proc/kallsyms)" = 1 ] && echo "$name" && break
done)
check "the blacklist names a function" test -n "$black"
kprobectl check "p $black" > /tmp/out 2>&1
is "blacklisted: $black: status 2" 2 $?
check "blacklisted: says so" has 'blacklist' /tmp/out
check "blacklisted: the kernel refuses it" sh -c "! echo 'p:places/black $black' >> $T/kprobe_events 2> /dev/null"

# disasm: what it offers the kernel takes, what lies between the kernel refuses.
kprobectl disasm vfs_read > /tmp/disasm 2> /tmp/disasm.err
is "disasm: status 0" 0 $?
check "disasm: the function and its address" sh -c 'head -n 1 /tmp/disasm | grep -q "^vfs_read at 0x"'
taken=0 refused=0
for n in 4 5 6 7 8 9; do
    echo "p:places/at vfs_read+$(place $n)" >> $T/kprobe_events 2> /dev/null && taken=$((taken + 1))
    echo '-:places/at' >> $T/kprobe_events 2> /dev/null
    between=$(printf '0x%x' $(($(place $n) + 1)))
    grep -q "^ *+$between " /tmp/disasm && continue
    echo "p:places/at vfs_read+$between" >> $T/kprobe_events 2> /dev/null || refused=$((refused + 1))
    kprobectl check "p vfs_read+$between" > /tmp/out 2>&1
    is "check: inside the instruction at $(place $n)" 2 $?
done
is "disasm: its places are taken" 6 $taken
check "disasm: between them is refused" test $refused -gt 0
kprobectl disasm -o json vfs_read > /tmp/json
check "disasm -o json" has '{"symbol":"vfs_read","address":"0x[0-9a-f]*","instructions":\[{"offset":0,' /tmp/json
kprobectl disasm no_such_function > /tmp/out 2>&1
is "disasm of nothing: status 1" 1 $?
summary
