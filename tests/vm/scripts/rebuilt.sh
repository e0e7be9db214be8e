# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# A module that comes back as another build, in which a structure has changed: what is read of it is where it lies
# now, nobody ever sees a value from where it lay, and a build without it makes the probe fail and says why.
. /lib/guest.sh
T=/sys/kernel/tracing
M=/test/rebuilt

state() { kprobectl list -o json | sed 's/{"name"/\n&/g' | sed -n "s/^{\"name\":\"$1\".*\"state\":\"\([a-z]*\)\".*/\1/p"; }
state_is() { [ "$(state "$1")" = "$2" ]; }
reason_is() { kprobectl status -o table | grep -q "$1"; }
count() { grep -c "$1" /tmp/stream; }
count_is() { [ "$(count "$1")" = "$2" ]; }
call() { echo > /sys/module/rebuilt/parameters/call; }
values() { grep '"type":"event".*"probe":"part"' /tmp/stream | sed 's/.*"wanted":\([0-9-]*\).*/\1/' | sort -u | tr '\n' ' '; }

kprobed > /tmp/kprobed.log 2>&1 & DAEMON=$!
until_true 20 kprobectl list > /dev/null 2>&1 || fail "the daemon starts" "$(cat /tmp/kprobed.log)"
insmod $M/1/rebuilt.ko
kprobectl add 'p:part rebuilt:rebuilt_call part->wanted' 'p:call rebuilt:rebuilt_call a1' > /tmp/add 2>&1
status=$?
if [ ! -e /sys/kernel/btf/rebuilt ]; then
    # A kernel that knows no types of modules (5.10): the probe cannot be asked for, and says so.
    check "types of modules unknown: refused" [ $status -ne 0 ]
    check "... why" grep -q "this kernel does not tell the C types of module 'rebuilt'" /tmp/add
    kill -TERM $DAEMON; wait $DAEMON
    is "nothing is left" "" "$(cat $T/kprobe_events)"
    summary
    exit
fi
is "a field of a structure of the module's own: status 0" 0 $status
[ $status -eq 0 ] || cat /tmp/add
kprobectl stream --all > /tmp/stream 2> /tmp/stream.err & STREAM=$!
until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'
call
check "the first build: its value" until_true 10 count_is '"probe":"part".*"wanted":1000' 1
rmmod rebuilt
check "gone" until_true 10 state_is part gone

# The field lies elsewhere. The module's init function has called before anybody could look.
insmod $M/2/rebuilt.ko
check "the second build: resolved anew" until_true 20 grep -q '"probe":"part","state":"armed","reason":"set anew for the build' /tmp/stream
call
check "... its value" until_true 10 count_is '"probe":"part".*"wanted":2000' 1
is "... nothing was read from where it lay" "1000 2000 " "$(values)"
check "... what the old line has recorded is discarded and counted" until_true 10 grep -q '"type":"discarded".*"probe":"part"' /tmp/stream
check "a probe that both builds fit has its init function's call" until_true 10 count_is '"type":"event".*"probe":"call"' 3
rmmod rebuilt
until_true 10 state_is part gone

# The field is no longer there.
insmod $M/3/rebuilt.ko
check "the third build, without the field: failed" until_true 20 state_is part failed
check "... why" reason_is "failed: it does not fit the module .rebuilt. that was loaded now: .*wanted"
check "... the other one is armed" until_true 10 state_is call armed
call
check "... and heard" until_true 10 count_is '"type":"event".*"probe":"call"' 5
is "... nothing was read from where it lay" "1000 2000 " "$(values)"
rmmod rebuilt
# A build that fits.
insmod $M/1/rebuilt.ko
check "the first build again: armed by itself" until_true 20 state_is part armed
call
check "... its value" until_true 10 count_is '"probe":"part".*"wanted":1000' 2

# Again and again under the stream, the builds in turn.
i=0
while [ $i -lt 10 ]; do
    rmmod rebuilt; insmod $M/$((1 + i % 2))/rebuilt.ko
    i=$((i + 1))
done
until_true 20 state_is part armed
sleep 1.5 # a look
call
check "in turns: the last one's value" until_true 10 grep -q '"probe":"part".*"wanted":2000' /tmp/stream
is "... never another one" "1000 2000 " "$(values)"

grep '"type":"discarded"' /tmp/stream | head -3 | sed 's/^/# /'
kill -INT $STREAM; wait $STREAM
kill -TERM $DAEMON; wait $DAEMON
is "nothing is left" "" "$(cat $T/kprobe_events)"
summary
