# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# The daemon without systemd: what it does to the kernel, what it leaves, and what comes back after it was killed.
. /lib/guest.sh
T=/sys/kernel/tracing

start() { # start [OPTION...]: in the background, until it answers
    kprobed "$@" > /tmp/kprobed.log 2>&1 &
    DAEMON=$!
    until_true 20 kprobectl list > /dev/null 2>&1 || fail "the daemon starts" "$(cat /tmp/kprobed.log)"
}
stop() { kill -TERM $DAEMON; wait $DAEMON; }
ours() { grep -c ':kprobed/' $T/kprobe_events; }
names() { kprobectl list -o names | tr '\n' ' '; }
has() { grep -q -e "$1" "$2"; }
now_ms() { awk '{printf "%d", $1 * 1000}' /proc/uptime; }

echo 'p:foreign/one do_sys_openat2' >> $T/kprobe_events
cp $T/kprobe_events /tmp/before

# Not running: says so, with what to do.
kprobectl list > /tmp/out 2>&1
is "not running: status 4" 4 $?
check "not running: the systemctl line" has 'systemctl start kprobed' /tmp/out

start
kprobectl add 'p do_sys_open a1 a2' > /tmp/add 2>&1
is "add: status 0" 0 $?
check "add says what it did" has 'do_sys_open: armed on 2 CPUs' /tmp/add
check "add names the living function" has do_sys_openat2 /tmp/add
kprobectl add --resolve 'p do_sys_open a1 a2:ustring' > /tmp/add 2>&1
check "add --resolve takes it" has '^do_sys_openat2: armed' /tmp/add
is "names" "do_sys_open do_sys_openat2 " "$(names)"
is "two lines in tracefs" 2 "$(ours)"

# The stream: N calls, N lines, each once, for two clients and one that speaks the protocol itself.
kprobectl stream do_sys_openat2 > /tmp/s1 2> /tmp/s1.err & S1=$!
kprobectl stream --all > /tmp/s2 2> /tmp/s2.err & S2=$!
until_true 10 sh -c 'kprobectl status -o json | grep -o "\"subscribed\":true" | wc -l | grep -q 2'
puppet open 300 /daemon/
until_true 10 sh -c 'grep -c /daemon/ /tmp/s1 | grep -q 300'
until_true 10 sh -c 'grep -c /daemon/ /tmp/s2 | grep -q 300'
kill -INT $S1; wait $S1; is "stream: SIGINT is status 0" 0 $?
kill -INT $S2; wait $S2
sed -n 's/.*"a2":"\/daemon\/\([0-9]*\)".*/\1/p' /tmp/s1 > /tmp/got
awk 'BEGIN{for(i=0;i<300;i++) print i}' > /tmp/want
check "300 calls, 300 lines, in order" cmp /tmp/got /tmp/want
check "--all begins with hello" sh -c 'head -n 1 /tmp/s2 | grep -q "^{\"type\":\"hello\""'
is "--all: one schema line" 1 "$(grep -c '"type":"schema".*"probe":"do_sys_openat2"' /tmp/s2)"
check "without --all: only events" sh -c '! grep -v "\"type\":\"event\"" /tmp/s1'

# disable: silent at once; enable: there again.
kprobectl stream do_sys_openat2 > /tmp/s3 2>/dev/null & S3=$!
until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'
kprobectl disable do_sys_openat2 > /dev/null
puppet open 20 /silent/
kprobectl enable do_sys_openat2 > /dev/null
puppet open 20 /loud/
until_true 10 sh -c 'grep -c /loud/ /tmp/s3 | grep -q 20'
is "disabled: nothing" 0 "$(grep -c /silent/ /tmp/s3)"
kill $S3; wait $S3

# --for
kprobectl add --for 1s 'p vfs_read' > /tmp/add 2>&1
check "--for: said" has '1s' /tmp/add
check "--for: gone after it" until_true 10 sh -c '! kprobectl list -o names | grep -q vfs_read'
check "--for: also in tracefs" until_true 5 sh -c "! grep -q vfs_read $T/kprobe_events"

# apply: the set is the file; all or nothing.
printf '# mine\np do_sys_openat2 a1 a2:ustring\nr do_sys_openat2 rv:s64\n' > /tmp/set
kprobectl apply /tmp/set > /tmp/applied 2>&1
is "apply: status 0" 0 $?
is "apply: the set" "do_sys_openat2 do_sys_openat2_ret " "$(names)"
check "apply: what was kept" has '=do_sys_openat2$' /tmp/applied
check "apply: what was removed" has '^-do_sys_open$' /tmp/applied
kprobectl disable do_sys_openat2_ret > /dev/null
kprobectl apply /tmp/set > /dev/null 2>&1
check "apply: what it keeps is armed" sh -c 'kprobectl list -o table | grep -q "do_sys_openat2_ret *armed"'
printf 'p vfs_read\np nosuchfunction\n' > /tmp/bad
kprobectl apply /tmp/bad > /tmp/applied 2>&1
is "apply with a mistake: status 2" 2 $?
check "apply with a mistake: file:line" has '/tmp/bad:2:3' /tmp/applied
is "apply with a mistake: nothing changed" "do_sys_openat2 do_sys_openat2_ret " "$(names)"
: > /tmp/empty
kprobectl apply /tmp/empty > /dev/null 2>&1
is "apply of an empty file: status 0" 0 $?
is "apply of an empty file clears" "" "$(names)"
check "... also tracefs" until_true 5 cmp $T/kprobe_events /tmp/before

# A file of probes, and an add while they are removed.
awk '$2 ~ /^[tT]$/ && $3 ~ /^vfs_[a-z]+$/ {print "p " $3}' /proc/kallsyms | sort -u | head -40 > /tmp/many
kprobectl add -f /tmp/many > /tmp/add 2>&1
is "40 probes: status 0" 0 $?
is "40 probes" "$(wc -l < /tmp/many)" "$(ours)"
kprobectl remove --all > /tmp/removed 2>&1 & REMOVAL=$!
sleep 0.2 # so that the removal is under way
BEGIN=$(now_ms)
kprobectl add 'p do_sys_openat2 a1 a2:ustring' > /dev/null 2>&1
TOOK=$(($(now_ms) - BEGIN))
echo "# an add during mass removal: $TOOK ms, emulated, start of kprobectl included"
check "the removal was still going on" kill -0 $REMOVAL
wait $REMOVAL
is "the removed are gone, the new one is there" 1 "$(ours)"

# Killed: the next daemon removes the leftovers and brings the probes back.
kprobectl add --disabled 'r do_sys_openat2 rv:s64' > /dev/null 2>&1
kill -9 $DAEMON; wait $DAEMON
kprobectl list > /tmp/out 2>&1
is "killed: status 4" 4 $?
is "killed: its lines are still there" 2 "$(ours)"
cp $T/kprobe_events /tmp/stale
start
until_true 20 sh -c 'kprobectl list -o names | wc -l | grep -q 2'
is "killed, started: probes are back" "do_sys_openat2 do_sys_openat2_ret " "$(names)"
is "killed, started: no leftovers" 2 "$(ours)"
check "the disabled one is disabled" sh -c 'kprobectl list -o table | grep -q "do_sys_openat2_ret *disabled"'
check "the foreign probe is untouched" grep -q 'p:foreign/one' $T/kprobe_events
# A client can see the gap.
kprobectl stream --all --resume 0123456789abcdef:5 -n 1 > /tmp/gap 2> /tmp/gap.err & GAP=$!
until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'
puppet open 3 /gap/
wait $GAP
check "resume of another stream: a gap line" has '"type":"gap"' /tmp/gap

# Three crashes in a row: held back, and said.
for i in 1 2; do
    kill -9 $DAEMON; wait $DAEMON
    start
    sleep 0.3 # the restore is written down by then
done
is "after three crashes: nothing armed" 0 "$(ours)"
check "after three crashes: held" sh -c 'kprobectl list -o table | grep -q "do_sys_openat2 *held"'
check "status says so" sh -c 'kprobectl status | grep -qi "held"'
kprobectl enable --all > /dev/null 2>&1
is "enable --all arms them" 2 "$(ours)"

# A second daemon; a clean end.
kprobed > /tmp/second 2>&1
check "a second daemon refuses in a sentence" test $? -ne 0 -a -s /tmp/second
stop
is "SIGTERM: status 0" 0 $?
check "SIGTERM: tracefs as before" cmp $T/kprobe_events /tmp/before
check "SIGTERM: no socket left" test ! -e /run/kprobed/kprobed.sock
start
is "after a clean end nothing comes back" "" "$(names)"
kprobectl add 'p vfs_read' > /dev/null 2>&1
kill -9 $DAEMON; wait $DAEMON
kprobed --sweep > /tmp/swept 2>&1
is "--sweep: status 0" 0 $?
check "--sweep: tracefs as before" cmp $T/kprobe_events /tmp/before

# A wish that cannot come back stays listed, and says why; enable tries it again.
start
kprobectl remove --all > /dev/null 2>&1
kprobectl add 'p vfs_read' > /dev/null 2>&1
kill -9 $DAEMON; wait $DAEMON
sed -i 's/"probes":\[/"probes":[{"spec":"p nosuchfunction","name":"lost","owner_uid":0},/' /run/kprobed/state.json
start
is "not to be restored: listed" "lost vfs_read " "$(names)"
check "not to be restored: failed" sh -c 'kprobectl list -o table | grep -q "lost *failed"'
check "not to be restored: why" sh -c "kprobectl status -o table | grep -q \"failed: no symbol 'nosuchfunction'\""
kprobectl enable lost > /tmp/out 2>&1
is "enable of a failed one that still fails: status 1" 1 $?
kprobectl remove lost > /dev/null 2>&1
is "a failed one can be removed" "vfs_read " "$(names)"
stop

# Permission: nobody is not in the group, and may not even connect.
start
su nobody -s /bin/sh -c 'kprobectl list' > /tmp/out 2>&1
is "not in the group: status 3" 3 $?
check "not in the group: the usermod line" has 'usermod -aG kprobed' /tmp/out
stop
summary
