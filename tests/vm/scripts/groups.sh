# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# kprobes whose records look alike share one event of the kernel's: each is told from the others, comes and goes
# without disturbing them, and wakes us or not as its rate wants.
. /lib/guest.sh
T=/sys/kernel/tracing
COUNT=${COUNT:-200}

# Of the puppet's: shells call these functions, too.
count() { grep '"comm":"puppet"' /tmp/stream | grep -c "\"type\":\"event\".*\"probe\":\"$1\""; }
count_is() { [ "$(count "$1")" = "$2" ]; }
events_of() { sed -n 's/^[pr][0-9]*:\(kprobed\/[a-z0-9]*\) .*/\1/p' $T/kprobe_events | sort -u | wc -l; }
gone_from_kernel() { ! grep -q "$1" $T/kprobe_events; }
# Voluntary switches of all of the daemon's threads.
wakeups() { cat /proc/$DAEMON/task/*/status | awk '/^voluntary/ { n += $2 } END { print n }'; }

# What emulated hits cost is the governor's test.
mkdir -p /etc/kprobed
printf '[governor]\ngovernor = off\n' > /etc/kprobed/kprobed.conf
start
kprobectl stream --all > /tmp/stream 2> /tmp/stream.err & STREAM=$!
until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'

kprobectl add 'p:open do_sys_openat2 a1' 'p:dup ksys_dup3 a1' 'p:sync vfs_fsync a1' > /tmp/add 2>&1
is "three of a kind: status 0" 0 $?
kprobectl add 'p:other ksys_dup3 a1 a2' 'r:back ksys_dup3 rv' > /dev/null 2>&1
is "five lines" 5 "$(wc -l < $T/kprobe_events)"
is "... of three events" 3 "$(events_of)"
puppet dup3 40
check "each is told from the others" until_true 10 count_is dup 40
is "... with another set of arguments" 40 "$(count other)"
is "... and on return" 40 "$(count back)"
is "... none for whom nothing happened" 0 "$(count sync)"
check "the kernel's hits are each probe's own" sh -c "[ $(number dup hits) -ge 40 ]"
is "... of the one without any, too" 0 "$(number sync hits)"

# One of the group is silenced, the others go on without losing one.
puppet dup3 200 & PUPPET=$!
kprobectl disable open > /dev/null 2>&1
is "disabling one of a group: status 0" 0 $?
wait $PUPPET
is "disabled" disabled "$(state open)"
check "the others lose nothing" until_true 10 count_is dup 240
check "it is out of the kernel" until_true 10 gone_from_kernel do_sys_openat2
before=$(grep -c '"type":"event".*"probe":"open"' /tmp/stream)
kprobectl enable open > /dev/null 2>&1
is "enabled: armed" armed "$(state open)"
is "... in an event with the others again" 3 "$(events_of)"
cat /dev/null
check "... and records" until_true 10 sh -c "[ \$(grep -c '\"type\":\"event\".*\"probe\":\"open\"' /tmp/stream) -gt $before ]"

# One that comes, and one that goes, while the group is busy.
puppet dup3 200 & PUPPET=$!
kprobectl add 'p:late vfs_statfs a1' > /dev/null 2>&1
kprobectl remove open > /dev/null 2>&1
wait $PUPPET
check "one comes and one goes: the others lose nothing" until_true 10 count_is dup 440
is "in the same event" 3 "$(events_of)"
check "gone from the kernel" gone_from_kernel do_sys_openat2

# Silent from the beginning: not in an event that others record with.
kprobectl add --disabled 'p:quiet vfs_fallocate a1' > /dev/null 2>&1
is "added disabled: an event of its own" 4 "$(events_of)"
kprobectl remove quiet > /dev/null

# The same place twice, and two places in one function.
kprobectl add 'p:twice ksys_dup3 a1' > /dev/null 2>&1
is "the same once more: an event of its own" 4 "$(events_of)"
puppet dup3 10
check "... both see it" until_true 10 count_is twice 10
is "... each once" 450 "$(count dup)"
kprobectl remove twice > /dev/null

# Another tool takes a line out of the live event.
PLACE=$(grep ' vfs_statfs ' $T/kprobe_events | sed 's/^.:/-:/')
echo "$PLACE" >> $T/kprobe_events
check "a line that was taken away: set again" until_true 30 grep -q ' vfs_statfs ' $T/kprobe_events
check "... all are armed" until_true 10 sh -c '! kprobectl list -o json | grep -q "\"state\":\"retried\""'
before=$(count dup)
puppet dup3 10
check "... and record" until_true 10 count_is dup $((before + 10))

# Idle: nobody wakes.
kprobectl remove --all > /dev/null
kprobectl add 'p:rare vfs_fallocate a1' > /dev/null 2>&1
sleep 4
before=$(wakeups)
sleep 10
after=$(wakeups)
echo "# idle: $((after - before)) wakeups in 10 s"
check "an idle daemon sleeps" test $((after - before)) -le 40

# A probe that gets busy goes to the other ring. (An emulated CPU may run for 100 ms while the other one, and kprobed
# on it, stands still: what finds no room then is counted.)
told() { grep '"type":"lost"' /tmp/stream | sed 's/.*"count":\([0-9]*\).*/\1/' | awk '{ n += $1 } END { print n + 0 }'; }
# Before 6.0 the kernel tells of a loss with the next record on that CPU, and not otherwise.
all_told() {
    LOST=$(number flood lost)
    [ -n "$LOST" ] || { puppet dup3 0; LOST=$(told); }
    # The shell's own calls may be among the lost.
    [ $(($(count flood) + LOST)) -ge 20000 ]
}
kprobectl add 'p:flood ksys_dup3 a1' > /dev/null 2>&1
puppet dup3 20000
check "busy: each event comes, or is told as lost" until_true 30 all_told
echo "# $(count flood) of 20000 came, $(told) were told as lost, $(number flood lost) known of the probe"
kprobectl ledger flood -o json | cut -c1-900 | sed "s/^/# /"
kprobectl remove --all > /dev/null

# Many of a kind.
many_functions "$COUNT" | sed '/^vfs_fallocate$/d; s/.*/p & a1/' > /tmp/many
COUNT=$(wc -l < /tmp/many)
some_are_armed() { grep -q '^p:kprobed/' $T/kprobe_events; }
begin=$(now_ms)
kprobectl add -f /tmp/many > /tmp/add 2>&1 & ADD=$!
until_true 20 some_are_armed
before=$(now_ms)
kprobectl add 'p:between vfs_fallocate a1 a2' > /dev/null 2>&1
after=$(now_ms)
check "one is added between them" kill -0 $ADD
echo "# that took $((after - before)) ms"
wait $ADD
is "many of a kind: status 0" 0 $?
end=$(now_ms)
kprobectl remove between > /dev/null 2>&1
[ -s /tmp/add ] && tail -3 /tmp/add | sed 's/^/# /'
echo "# $COUNT armed in $((end - begin)) ms"
is "... lines" "$COUNT" "$(grep -c '^p:kprobed/' $T/kprobe_events)"
is "... of one event" 1 "$(events_of)"
check "all are armed" sh -c '! kprobectl list -o json | grep -q "\"state\":\"\(failed\|retried\)\""'
begin=$(now_ms)
kprobectl remove --all > /dev/null 2>&1 & REMOVE=$!
sleep 0.3
before=$(now_ms)
kprobectl add 'p:meanwhile vfs_fallocate a1 a2' > /dev/null 2>&1
is "an add meanwhile: status 0" 0 $?
after=$(now_ms)
echo "# an add meanwhile took $((after - before)) ms"
check "the removal was still going on" kill -0 $REMOVE
wait $REMOVE
end=$(now_ms)
echo "# $COUNT removed in $((end - begin)) ms"
is "the other one stays alone" 1 "$(wc -l < $T/kprobe_events)"

# Who switches all off or removes all means those on their way, too.
kprobectl remove --all > /dev/null 2>&1
for word in disable remove; do
    kprobectl add -f /tmp/many > /tmp/add 2>&1 & ADD=$!
    until_true 20 some_are_armed
    kprobectl $word --all > /dev/null 2>&1
    is "$word --all while many are added" 0 $?
    wait $ADD
    STATUS=$?
    if [ $word = disable ]; then
        is "... all are added" 0 $STATUS
        is "... and disabled" "disabled" "$(kprobectl list -o json | grep -o '"state":"[a-z]*"' | sort -u | cut -d'"' -f4)"
        kprobectl remove --all > /dev/null
    else
        is "... the others are not added" 1 $STATUS
        check "... why" grep -q 'all probes were removed' /tmp/add
    fi
    check "... nothing is left" until_true 60 sh -c "! grep -q ':kprobed/' $T/kprobe_events"
    is "... nor listed" "" "$(kprobectl list -o names)"
done
kprobectl add 'p:meanwhile vfs_fallocate a1 a2' > /dev/null 2>&1

# What is known to find no room is refused before anything is armed.
awk '{ print "p:apart_" $2 " " $2 " x" NR "=a1" }' /tmp/many > /tmp/apart
puppet limit $DAEMON files $(($(ls /proc/$DAEMON/fd | wc -l) + 120))
kprobectl add -f /tmp/apart > /tmp/add 2>&1
is "descriptors for some of them: refused" 1 $?
check "... why" grep -q "no file descriptor left for $COUNT events of the kernel's on" /tmp/add
check "... nothing of it was armed" sh -c '! grep -q apart_ /tmp/stream'
is "... nor is" 1 "$(wc -l < $T/kprobe_events)"
puppet limit $DAEMON files max

# All or none, also where the kernel refuses one when others record already.
kprobectl add -f /tmp/apart > /tmp/add 2>&1 & ADD=$!
until_true 10 grep -q '"probe":"apart_[^"]*","state":"armed"' /tmp/stream
puppet limit $DAEMON files $(($(ls /proc/$DAEMON/fd | wc -l) + 20))
wait $ADD
is "descriptors run out meanwhile: refused" 1 $?
check "... why" grep -q 'no file descriptor left' /tmp/add
puppet limit $DAEMON files max
check "... the first have recorded" grep -q '"probe":"apart_[^"]*","state":"armed"' /tmp/stream
check "... and were removed" grep -q '"probe":"apart_[^"]*","state":"removed","reason":"another one of the same request' /tmp/stream
check "... none of them is left" until_true 60 sh -c "[ \$(wc -l < $T/kprobe_events) = 1 ]"
is "... nor listed" "meanwhile" "$(kprobectl list -o names)"

kill -INT $STREAM; wait $STREAM
stop
is "nothing is left" "" "$(cat $T/kprobe_events)"
summary
