# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What other tools do to our lines, and to the kernel's switches: noticed within two seconds, repaired or said, and
# nothing of theirs is touched.
. /lib/guest.sh
T=/sys/kernel/tracing

ours() { grep -c ':kprobed/' $T/kprobe_events; }
ours_are() { [ "$(ours)" = "$1" ]; }
# What is set again has another event's name, and may be there before a script has looked: lines are told by their text.
lines_of() { grep -c "^p:kprobed/$1 " $T/kprobe_events; }
has_no_line() { [ -n "$1" ] && ! grep -qxF "p:kprobed/$1" $T/kprobe_events; }
calls() { grep -c "\"a2\":\"$1" /tmp/stream; }
calls_are() { [ "$(calls "$1")" = "$2" ]; }

echo 'p:foreign/one vfs_read' >> $T/kprobe_events
start
kprobectl add 'p:opens do_sys_openat2 a1 a2:ustring' 'p:several vfs_f*' > /dev/null 2>&1
kprobectl stream > /tmp/stream 2> /tmp/stream.err & STREAM=$!
until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'
lines=$(ours)
event=$(sed -n 's/^p:kprobed\/\(d[0-9]*\) vfs_f.*/\1/p' $T/kprobe_events | head -n 1)
check "a pattern's event has several lines" [ "$lines" -gt 3 ]

# All probes deleted: refused by the kernel while ours are open.
(echo > $T/kprobe_events) 2> /dev/null
is "echo > kprobe_events takes none of ours" "$lines" "$(ours)"
echo 'p:foreign/one vfs_read' >> $T/kprobe_events 2> /dev/null
# -:GROUP/EVENT on an event of several functions takes all of them but one.
before=$(lines_of "$event")
(echo "-:kprobed/$event" >> $T/kprobe_events) 2> /dev/null
check "-:kprobed/EVENT: some are gone" [ "$(lines_of "$event")" -lt "$before" ]
check "... and soon there again" until_true 15 ours_are "$lines"
check "... armed" until_true 10 state_is several armed
check "... the stream says so" until_true 10 grep -q '"type":"probe".*"probe":"several","state":"armed","reason":"set again: another tool' /tmp/stream
check "... and what was before: retried" grep -q '"probe":"several","state":"retried"' /tmp/stream
# One line, by its text, once the first repair has left nothing over.
until_true 15 ours_are "$lines"
line=$(sed -n 's/^p:kprobed\/\(d[0-9]* vfs_f.*\)/\1/p' $T/kprobe_events | head -n 1)
(echo "-:kprobed/$line" >> $T/kprobe_events) 2> /dev/null
check "one line by its text: gone" has_no_line "$line"
check "... and soon there again" until_true 15 ours_are "$lines"
check "the foreign probe was never touched" grep -q 'p:foreign/one vfs_read' $T/kprobe_events

# The kernel's switches: said, and over when they are turned back.
if mount -t debugfs none /sys/kernel/debug 2> /dev/null && [ -e /sys/kernel/debug/kprobes/enabled ]; then
    echo 0 > /sys/kernel/debug/kprobes/enabled
    check "kprobes/enabled 0: gone" until_true 15 state_is opens gone
    check "... why" sh -c 'kprobectl status -o table | grep -q "gone: the kernel.s kprobes are switched off"'
    puppet open 5 /off/
    echo 1 > /sys/kernel/debug/kprobes/enabled
    check "kprobes/enabled 1: armed" until_true 15 state_is opens armed
    puppet open 5 /on/
    check "... and heard" until_true 10 calls_are /on/ 5
    is "... what came while they were off is not" 0 "$(calls /off/)"
fi
echo 0 > /proc/sys/kernel/ftrace_enabled
check "kernel.ftrace_enabled 0: gone" until_true 15 state_is opens gone
check "... said in the status" sh -c 'kprobectl status -o table | grep -q "warning: .*ftrace_enabled is 0"'
echo 1 > /proc/sys/kernel/ftrace_enabled
check "kernel.ftrace_enabled 1: armed" until_true 15 state_is opens armed
puppet open 5 /ftrace/
check "... and heard" until_true 10 calls_are /ftrace/ 5

# tracefs taken away: events go on, and it is there again when it is needed.
umount -l /sys/kernel/debug 2> /dev/null
umount -l $T
puppet open 5 /unmounted/
check "without tracefs events go on" until_true 10 calls_are /unmounted/ 5
check "it is mounted again" until_true 15 test -e $T/kprobe_events
check "add works" kprobectl add 'p:late vfs_write'
kprobectl remove late > /dev/null

# Room for others.
kprobectl disable --all > /tmp/out 2>&1
is "disable --all: status 0" 0 $?
is "... none of ours is in the kernel" 0 "$(ours)"
check "... says how to come back" grep -q 'kprobectl enable --all' /tmp/out
check "... others can clear all" sh -c "echo > $T/kprobe_events"
kprobectl enable --all > /dev/null 2>&1
is "enable --all: all are there" "$lines" "$(ours)"
puppet open 5 /back/
check "... and heard" until_true 10 calls_are /back/ 5

kill -INT $STREAM; wait $STREAM
stop
is "nothing is left" "" "$(cat $T/kprobe_events)"
summary
