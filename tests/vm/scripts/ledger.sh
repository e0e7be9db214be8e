# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Every hit is accounted for: whatever keeps it from the stream is counted by whoever does so, and at rest nothing is
# left over. (The harness is told to expect the kernel's WARN about a record that is too large.)
. /lib/guest.sh
T=/sys/kernel/tracing

row() { kprobectl ledger -o json | sed 's/{"\(name\|event\)":/\n&/g' | grep "^{\"$1\":\"$2\""; }
# A term of a probe, or of an event; "" where it is not known.
term() { row name "$1" | sed -n "s/.*\"$2\":\(-\?[0-9]*\).*/\1/p"; }
event_of() { row name "$1" | sed -n 's/.*"event":"\([a-z0-9]*\)".*/\1/p'; }
event_term() { row event "$1" | sed -n "s/.*\"$2\":\(-\?[0-9]*\).*/\1/p"; }
# At rest: read twice, equal, not live, and nothing unexplained.
# What stands still once a probe is disabled and drained. The kernel goes on to count the shell's own calls of what is
# still registered: those are hits, and unattached.
settled() { sed 's/}\],"events".*//; s/},$//; s/"hits":[0-9]*,//; s/"unattached":[0-9]*,//'; }
at_rest() {
    _first=$(row name "$1")
    is "$1: at rest" "$(echo "$_first" | settled)" "$(row name "$1" | settled)"
    case $_first in
    *'"live":true'*) fail "$1: not live" "$_first" ;;
    *'"unexplained":0'*) ok "$1: adds up" ;;
    *) fail "$1: adds up" "$_first" "$(row event "$(event_of "$1")")" ;;
    esac
    echo "# $_first" | cut -c 1-400
}

start
kprobectl stream --all > /tmp/stream 2> /tmp/stream.err & STREAM=$!
until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'

# A condition: what it leaves out is counted by an event beside the one that has it.
kprobectl add --exact 'p:odd ksys_dup3 a2:u64 if a2 == 5 && comm == "puppet"' > /tmp/add 2>&1 || fail "armed" "$(cat /tmp/add)"
puppet dup3 40
puppet dup3 40
kprobectl disable odd > /dev/null
puppet dup3 10
at_rest odd
is "odd: two passed" 2 "$(term odd published)"
check "odd: 78 were left out" test "$(term odd filtered)" -ge 78
check "odd: ten came after that, and some of the shell's" test "$(term odd unattached)" -ge 10
is "odd: none was dropped" 0 "$(term odd kernel_dropped)"
ODD=$(row name odd)
one_of() { echo "$ODD" | sed 's/}\],"events".*//' | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
is "odd: hits" "$(one_of hits)" $(($(one_of unattached) + $(one_of filtered) + $(one_of read)))
kprobectl enable odd > /dev/null
puppet dup3 40
kprobectl disable --all > /dev/null
puppet dup3 10
at_rest odd
is "odd: out of the kernel, nothing is forgotten" 3 "$(term odd published)"
kprobectl remove odd > /dev/null
check "odd: its last line" until_true 10 grep -q '"type":"ledger".*"probe":"odd".*"published":3,"unexplained":0}' /tmp/stream

# A return probe with one place: of four that sleep at a time three are missed. (5.10 does not count those.)
kprobectl add --exact 'r1:one hrtimer_nanosleep rv' > /tmp/add 2>&1 || fail "armed" "$(cat /tmp/add)"
for i in 1 2 3 4; do sleep 1 & SLEEPS="$SLEEPS $!"; done
for pid in $SLEEPS; do wait "$pid"; done
kprobectl disable one > /dev/null
at_rest one
check "one: followed" test "$(term one published)" -ge 1
echo "# one: missed '$(term one missed)'"
case $(uname -r) in
5.10.*) is "one: what this kernel does not count is not 0" "" "$(term one missed)" ;;
*) check "one: missed" test "$(term one missed)" -ge 3 ;;
esac
is "one: the number is the user's" 1 "$(grep -c '^r1:kprobed/' $T/kprobe_events)"
kprobectl remove one > /dev/null

# Without one, it grows by itself.
kprobectl add --exact 'r:many hrtimer_nanosleep rv' > /tmp/add 2>&1 || fail "armed" "$(cat /tmp/add)"
nap() {
    SLEEPS=
    for i in $(seq 1 30); do sleep 1 & SLEEPS="$SLEEPS $!"; done
    for pid in $SLEEPS; do wait "$pid"; done
}
grown() { nap; grep -q '"probe":"many","state":"armed","reason":"missed' /tmp/stream; }
case $(uname -r) in
5.10.*) ok "many: this kernel does not say that they are missed" ;;
*)
    check "many: gets more places, and says so" until_true 60 grown
    check "many: in the kernel" grep -q '^r[1-9][0-9]*:kprobed/' $T/kprobe_events
    check "many: one line" until_true 20 sh -c "[ \$(grep -c hrtimer_nanosleep $T/kprobe_events) = 1 ]"
    ;;
esac
kprobectl disable many > /dev/null
at_rest many
kprobectl remove many > /dev/null

# A record that is too large for the kernel.
kprobectl add --exact 'p:large do_sys_openat2 x=+0(%si):ustring y=+0(%si):ustring z=+0(%si):ustring' > /tmp/add 2>&1 ||
    fail "armed" "$(cat /tmp/add)"
i=0
while [ $i -lt 50 ]; do puppet path 4000; i=$((i + 1)); done
puppet path 100
kprobectl disable large > /dev/null
at_rest large
# kprobed opens files while it looks; what of these can have been seen is not said to have been dropped.
check "large: the kernel has dropped 50, of which some" test "$(term large kernel_dropped)" -ge 30
check "large: ... cannot be told from those before and after" \
    test $(($(term large kernel_dropped) + $(term large unattached))) -ge 50
check "large: none more" test "$(term large kernel_dropped)" -le 50
kprobectl remove large > /dev/null

# Three that share an event.
kprobectl add --exact 'p:open do_sys_openat2 a1' 'p:dup ksys_dup3 a1' 'p:sync vfs_fsync a1' > /dev/null 2>&1
puppet dup3 100
kprobectl disable dup > /dev/null
until_true 10 sh -c "! grep -q ksys_dup3 $T/kprobe_events"
puppet dup3 10
at_rest dup
check "dup: all of its own" test "$(term dup published)" -ge 100
kprobectl enable dup > /dev/null
puppet dup3 200 & PUPPET=$!
kprobectl disable dup > /dev/null
wait $PUPPET
kprobectl enable dup > /dev/null
puppet dup3 200 & PUPPET=$!
kprobectl disable --all > /dev/null
wait $PUPPET
for probe in open dup sync; do at_rest $probe; done
EVENT=$(event_of open)
[ -z "$EVENT" ] || is "their event adds up" 0 "$(event_term "$EVENT" unexplained)"
kprobectl remove --all > /dev/null

# In the middle of everything that runs, with a condition, and too much for the rings on a busy machine.
kprobectl add --exact 'p:wake try_to_wake_up a1' > /tmp/add 2>&1 || fail "armed" "$(cat /tmp/add)"
kprobectl add --exact 'p:some try_to_wake_up a2:u64 if cpu == 0' > /tmp/add 2>&1 || fail "armed" "$(cat /tmp/add)"
i=0
while [ $i -lt 150 ]; do /bin/true; i=$((i + 1)); done
kprobectl add --exact 'p:flood ksys_dup3 a1' > /dev/null 2>&1
puppet dup3 20000 & PUPPET=$!
i=0
while [ $i -lt 100 ]; do /bin/true | /bin/true; i=$((i + 1)); done
wait $PUPPET
kprobectl disable 'wake' > /dev/null
kprobectl disable 'some' 'flood' > /dev/null
for probe in wake some flood; do at_rest $probe; done
check "wake: many" test "$(term wake published)" -gt 200
check "some: some were left out" test "$(term some filtered)" -gt 0

# What was lost was told, the end of a burst included, where the kernel counts it.
lost() { grep '"type":"lost"' /tmp/stream | sed 's/.*"count":\([0-9]*\).*/\1/' | awk '{ n += $1 } END { print n + 0 }'; }
sum() { echo $(($(term wake lost) + $(term some lost) + $(term flood lost))); }
told() { [ "$(lost)" -ge "$1" ]; }
if [ -n "$(term flood lost)" ] && [ -n "$(term wake lost)" ]; then
    check "$(sum) lost, and told" until_true 10 told "$(sum)"
fi

# The stream's reader: each line of the log has become something.
CLIENT=$(kprobectl ledger -o json | sed 's/.*"clients":\[{/{/; s/}.*/}/')
echo "# $CLIENT"
check "the client's lines add up" sh -c "echo '$CLIENT' | grep -q '\"subscribed\":true.*\"unexplained\":0'"

kill -INT $STREAM; wait $STREAM
stop

# All at once: a condition, records too large, and sampling, while everything that runs is recorded, and sampled, too.
mkdir -p /etc/kprobed
printf '[governor]\nprobe_cpu = 1000%%\ntotal_cpu = 1000%%\nprobe_events = 300\n' > /etc/kprobed/kprobed.conf
start
kprobectl stream --all > /tmp/stream 2> /tmp/stream.err & STREAM=$!
kprobectl add 'p:all do_sys_openat2 x=+0(%si):ustring y=+0(%si):ustring z=+0(%si):ustring if comm == "puppet"' > /tmp/add 2>&1 ||
    fail "armed" "$(cat /tmp/add)"
kprobectl add 'p:wake try_to_wake_up a1' > /tmp/add 2>&1 || fail "armed" "$(cat /tmp/add)"
puppet spread 400000 /short & PUPPET=$!
sampled() { [ "$(number "$1" period)" -gt 1 ] 2> /dev/null; }
check "all: sampled" until_true 20 sampled all
busy() { for i in $(seq 1 60); do /bin/true | /bin/true; puppet path 4000; done; sampled wake; }
check "wake: sampled" until_true 30 busy
kill $PUPPET; wait $PUPPET 2> /dev/null
kprobectl disable all wake > /dev/null
for probe in all wake; do at_rest $probe; done
for term in filtered sampled_out published; do
    check "all: $term" test "$(term all $term)" -gt 20
done
check "all: dropped by the kernel" test $(($(term all kernel_dropped) + $(term all unattached))) -ge 60
check "wake: sampled_out" test "$(term wake sampled_out)" -gt 20
kill -INT $STREAM; wait $STREAM
stop
is "nothing left" "" "$(cat $T/kprobe_events)"
summary
