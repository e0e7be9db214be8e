# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What finds no room in a ring is said in the stream, in every form, and adds up: events and losses are the calls made,
# and what the kernel's own profile counted. Also where the kernel, after the last event, would say no more.
. /lib/guest.sh
T=/sys/kernel/tracing
LAST=0

start() { # start NAME [OPTION...] SPEC...: with the smallest rings, until it says that it is armed
    _name=$1
    shift
    kprobectl run --buffer 64K "$@" > "/tmp/$_name" 2> "/tmp/$_name.err" &
    RUN=$!
    until_true 20 grep -q ' armed on ' "/tmp/$_name.err" || fail "$_name armed" "$(cat "/tmp/$_name.err")"
}
finish() { kill -INT $RUN; wait $RUN; LAST=$?; }
flood_asleep() { # the reader is stopped while the puppet calls: the ring must overflow
    kill -STOP $RUN
    CALLS=$(puppet flood 1)
    kill -CONT $RUN
}
events() { grep -c '"type":"event"' "/tmp/$1"; }
lost() { sed -n 's/^{"type":"lost",.*"count":\([0-9]*\)}$/\1/p' "/tmp/$1" | awk '{s += $1} END {print s + 0}'; }
said() { sed -n 's/^kprobectl: \([0-9,]*\) events\{0,1\}, \(at least \)\{0,1\}\([0-9,]*\) lost.*/\1 \3/p' "/tmp/$1.err" | tr -d ,; }

# The reader is slower than the calls, and awake.
start awake 'p __x64_sys_dup3 a1' 'r __x64_sys_dup3 rv'
CALLS=$(puppet flood 1)
HITS=$(awk '{s += $2} END {print s}' $T/kprobe_profile)
finish
is "awake: status 0" 0 $LAST
is "awake: the profile's hits are the calls, twice" $(($CALLS * 2)) "$HITS"
is "awake: events and losses are the hits" "$HITS" $(($(events awake) + $(lost awake)))
is "awake: the summary says the same" "$(events awake) $(lost awake)" "$(said awake)"

# It sleeps until the end: no later event brings the kernel's word about the loss.
start end 'p __x64_sys_dup3 a1'
flood_asleep
finish
check "end: something was lost" test "$(lost end)" -gt 0
is "end: events and losses are the calls" "$CALLS" $(($(events end) + $(lost end)))
is "end: the summary says the same" "$(events end) $(lost end)" "$(said end)"
is "end: seq counts every line" "$(wc -l < /tmp/end)" "$(tail -n 1 /tmp/end | sed 's/.*"seq":\([0-9]*\).*/\1/')"

# The other forms say it, too.
start trace -o trace 'p __x64_sys_dup3 a1'
flood_asleep
finish
check "trace: said" grep -qE '^CPU:[01] \[LOST [0-9]+ EVENTS\]$' /tmp/trace
start table -o table 'p __x64_sys_dup3 a1'
flood_asleep
finish
check "table: said" grep -qE ' lost [0-9]+ events$' /tmp/table

# Whoever wanted a few events only is not told about all the others.
start few -n 3 'p __x64_sys_dup3 a1'
flood_asleep
wait $RUN
is "-n 3: three lines" 3 "$(wc -l < /tmp/few)"

is "nothing left" "" "$(cat $T/kprobe_events)"
summary
