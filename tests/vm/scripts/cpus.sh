# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# CPUs that go offline and come back, under load, while probes are armed, and in suspend: what the kernel has
# delivered arrives, and the newcomer is heard.
. /lib/guest.sh
T=/sys/kernel/tracing
CPU1=/sys/devices/system/cpu/cpu1/online

cpus() { kprobectl status -o json | sed -n 's/.*"uptime_ms":[0-9]*,.*"cpus":\([0-9]*\),"ring_bytes".*/\1/p'; }
cpus_are() { [ "$(cpus)" = "$1" ]; }
calls() { grep -c "\"a2\":\"$1" /tmp/stream; }
calls_are() { [ "$(calls "$1")" = "$2" ]; }
slept() { grep -q '"type":"cpu".*"state":"online","reason":"its events had ended' /tmp/stream.after; }
line() { grep -q "\"type\":\"cpu\".*\"cpu\":1,\"state\":\"$1\"" /tmp/stream; }

start
kprobectl add 'p:opens do_sys_openat2 a1 a2:ustring' 'r:ret do_sys_openat2 rv:s32' > /dev/null 2>&1
kprobectl stream > /tmp/stream 2> /tmp/stream.err & STREAM=$!
until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'
check "two CPUs" cpus_are 2

# Off and on again.
puppet spread 50 /before/
echo 0 > $CPU1
check "offline is noticed" until_true 20 cpus_are 1
check "... and said" until_true 10 line offline
puppet open 50 /one/
echo 1 > $CPU1
check "online is noticed" until_true 20 cpus_are 2
check "... and said" until_true 10 line online
puppet spread 50 /after/
check "before it went: 50 of 50" until_true 20 calls_are /before/ 50
check "on the CPU that was left: 50 of 50" until_true 20 calls_are /one/ 50
check "on both again: 50 of 50" until_true 20 calls_are /after/ 50
is "... half of them on the one that came back" 25 "$(grep '"a2":"/after/' /tmp/stream | grep -c '"cpu":1')"
# The name of what was forked since then.
puppet comm newcomer /named/ > /dev/null 2>&1
until_true 10 grep -q '"a2":"/named/' /tmp/stream
check "names of tasks are right" grep -q '"comm":"newcomer".*"a2":"/named/' /tmp/stream

# Again and again under load, which stays on the CPU that stays.
(i=0; while [ $i -lt 25 ]; do taskset 1 puppet open 40 /load/; i=$((i + 1)); done) & LOAD=$!
i=0
while [ $i -lt 50 ]; do
    echo 0 > $CPU1
    [ $i -ge 5 ] || until_true 10 cpus_are 1
    echo 1 > $CPU1
    [ $i -ge 5 ] || until_true 10 cpus_are 2
    i=$((i + 1))
done
wait $LOAD
check "after 50 times: two CPUs" until_true 20 cpus_are 2
sleep 3 # rings that died without a message are found by their leaders, which takes two looks
check "... still" cpus_are 2
puppet spread 100 /fifty/
check "after 50 times: 100 of 100" until_true 20 calls_are /fifty/ 100
check "the load of the meantime: 1000 of 1000" until_true 20 calls_are /load/ 1000

# While probes are armed.
awk '$2 ~ /^[tT]$/ && $3 ~ /^vfs_[a-z]+$/ {print "p " $3}' /proc/kallsyms | sort -u | head -20 > /tmp/many
(i=0; while [ $i -lt 50 ]; do echo 0 > $CPU1; echo 1 > $CPU1; i=$((i + 1)); done) & FLIP=$!
adds=0
refused=0
while :; do
    kprobectl add -f /tmp/many > /tmp/add 2>&1 || refused=$((refused + 1))
    adds=$((adds + 1))
    kill -0 $FLIP 2> /dev/null || break
    kprobectl remove 'vfs_*' > /dev/null 2>&1
done
echo "# 20 probes armed $adds times"
is "adding while a CPU goes and comes 50 times: none is refused" 0 "$refused"
wait $FLIP
check "each of them is on both CPUs in the end" until_true 30 sh -c \
    'kprobectl list -o json | grep -o "\"cpus\":[0-9]*" | sort | uniq -c | grep -q "22 .cpus.:2$"'
kprobectl remove 'vfs_*' > /dev/null 2>&1

# Suspend to RAM: the other CPU's events end without a message.
if grep -q mem /sys/power/state && [ -e /sys/class/rtc/rtc0/wakealarm ]; then
    kprobectl stream > /tmp/stream.after 2> /dev/null & AFTER=$!
    until_true 10 sh -c 'kprobectl status -o json | grep -o "\"subscribed\":true" | wc -l | grep -q 2'
    echo 0 > /sys/class/rtc/rtc0/wakealarm
    echo +5 > /sys/class/rtc/rtc0/wakealarm
    if echo mem > /sys/power/state; then
        # Where the firmware cannot, the CPUs only idle (arm64 here), and nothing of theirs ends.
        if grep -q '\[deep\]' /sys/power/mem_sleep; then
            check "after resume: the CPU's rings are replaced" until_true 30 slept
        fi
        check "... on both CPUs" cpus_are 2
        puppet spread 7 /resumed/
        check "after resume: 7 of 7" until_true 20 calls_are /resumed/ 7
    else
        echo "# this kernel does not suspend here"
    fi
    kill -INT $AFTER; wait $AFTER
fi

is "no event is said to be lost" 0 "$(grep -c '"type":"lost"' /tmp/stream)"
kill -INT $STREAM; wait $STREAM
stop
is "nothing is left" "" "$(cat $T/kprobe_events)"
summary
