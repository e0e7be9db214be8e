# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Probes that outlive the daemon: persistent ones, files of probes, and kill -9 at any moment.
. /lib/guest.sh
T=/sys/kernel/tracing
# By hand: --env ROUNDS=30 --env MANY=500; SEED as an earlier run has printed it.
ROUNDS=${ROUNDS:-5}
MANY=${MANY:-15}
SEED=${SEED:-$(date +%s)}

ours() { grep -c ':kprobed/' $T/kprobe_events; }
ours_are() { [ "$(ours)" = "$1" ]; }
names() { kprobectl list -o names | tr '\n' ' '; }
names_are() { [ "$(names)" = "$1" ]; }
reload() { kill -HUP $DAEMON; }

echo 'p:foreign/one do_sys_openat2' >> $T/kprobe_events
echo 'r:foreign/two do_sys_openat2 rv=$retval' >> $T/kprobe_events
cp $T/kprobe_events /tmp/before
mkdir -p /etc/kprobed/probes.d

# Files: read at start, their difference at reload; a broken one takes no other with it.
printf '# reads\np:reads vfs_read\n\np:writes vfs_write\n' > /etc/kprobed/probes.d/io.probes
printf 'p:opens do_sys_openat2 a2:ustring\n' > /etc/kprobed/probes.d/open.probes
start
check "files of probes are read at start" until_true 20 names_are "reads writes opens "
added=$(kprobectl list -o json | sed 's/{"name"/\n&/g' | grep '"reads"' | sed 's/.*"added":"\([^"]*\)".*/\1/')
printf 'p:reads vfs_read\np:syncs vfs_fsync\n' > /etc/kprobed/probes.d/io.probes
reload
check "reload applies the difference" until_true 20 names_are "reads opens syncs "
check "... what stays is the same probe" sh -c "kprobectl list -o json | grep -q '\"name\":\"reads\".*\"added\":\"$added\"'"
printf 'p:reads vfs_read\np:broken vfs_read nonsense(\n' > /etc/kprobed/probes.d/io.probes
printf 'p:opens do_sys_openat2 a2:ustring\np:closes nosuchfunction\np:stats vfs_statx\n' > /etc/kprobed/probes.d/open.probes
reload
check "a broken file: line and column are said" until_true 20 sh -c 'kprobectl status | grep -q "io.probes:2:"'
check "... its probes stay, the other file is applied" until_true 20 names_are "reads opens syncs closes stats "
check "one that cannot be set is listed as failed" sh -c 'kprobectl list -o table | grep -q "closes *failed"'
rm /etc/kprobed/probes.d/open.probes
printf 'p:reads vfs_read\n' > /etc/kprobed/probes.d/io.probes
reload
check "a file that is gone takes its probes along" until_true 20 names_are "reads "

# Persistent ones come back after a clean end, others do not.
kprobectl add --persist 'p:forever do_sys_openat2 a1' > /tmp/add 2>&1
is "add --persist: status 0" 0 $?
kprobectl add 'p:today vfs_write' > /dev/null 2>&1
kprobectl add --persist --for 1h 'p vfs_write' > /tmp/add 2>&1
is "--persist and --for: status 2" 2 $?
stop
check "a clean end: tracefs as before" cmp $T/kprobe_events /tmp/before
rm -f /run/kprobed/state.json # as a reboot does
start
check "after that: the persistent and the file's" until_true 20 names_are "forever reads "
kprobectl remove forever > /dev/null 2>&1
stop
start
check "removed: gone for good" until_true 20 names_are "reads "

# kill -9 at any moment of a scenario, also while it adds many.
scene() {
    (kprobectl add 'p:one vfs_write' 'p:two vfs_fsync'; kprobectl disable two; kprobectl add -f /tmp/many
     kprobectl remove 'many_*'; kprobectl enable two; kprobectl remove one two) > /dev/null 2>&1
}
many_functions "$MANY" | sed 's/.*/p:many_& &/' > /tmp/many
kprobectl add --persist 'r:forever do_sys_openat2 rv:s32' > /dev/null 2>&1
begin=$(now_ms)
scene
span=$(($(now_ms) - begin))
echo "# SEED=$SEED: $ROUNDS moments of $span ms in which $(wc -l < /tmp/many) probes come and go"
seed=$((SEED % 32768))
round=0
bad=0
while [ $round -lt "$ROUNDS" ]; do
    round=$((round + 1))
    seed=$(((seed * 1101 + 12345) % 32768))
    moment=$((seed * span / 32768))
    scene & SCENE=$!
    usleep $((moment * 1000))
    kill -9 $DAEMON; wait $DAEMON 2> /dev/null
    wait $SCENE
    # Each crash would count towards holding the probes back.
    sed -i 's/"crash_times_ms":\[[^]]*\]/"crash_times_ms":[]/' /run/kprobed/state.json 2> /dev/null
    cp /run/kprobed/state.json /tmp/state 2> /dev/null
    kprobed > /tmp/kprobed.log 2>&1 & DAEMON=$!
    if ! until_true 100 kprobectl list > /dev/null 2>&1; then
        fail "round $round: the daemon starts again" "$(cat /tmp/kprobed.log)"
        bad=$((bad + 1))
        continue
    fi
    echo "# round $round: killed after $moment ms"
    # Ready is said when all have been restored; each of them has its lines, and there are no others.
    until_true 100 grep -q 'serving on' /tmp/kprobed.log
    listed=$(kprobectl list -o json | sed 's/{"name"/\n&/g' | grep -c '"state":"\(armed\|disabled\)"')
    wanted=$(sed 's/{"spec"/\n&/g' /tmp/state | grep -c '^{"spec"')
    if [ "$listed" != "$(ours)" ] || [ "$listed" != "$wanted" ] || ! kprobectl list -o names | grep -q '^forever$' ||
       ! kprobectl list -o names | grep -q '^reads$' || ! grep -v ':kprobed/' $T/kprobe_events | cmp -s - /tmp/before; then
        fail "round $round, killed after $moment ms" "listed $listed, of $wanted; in tracefs $(ours)" "$(kprobectl list -o table)" "$(cat /tmp/kprobed.log)"
        bad=$((bad + 1))
    fi
    kprobectl list -o names | grep -v -e '^forever$' -e '^reads$' | xargs -r kprobectl remove > /dev/null 2>&1
done
is "killed $ROUNDS times: as before each time" 0 "$bad"
fds=$(ls /proc/$DAEMON/fd | wc -l)
check "the daemon has no descriptors but those of two probes" [ "$fds" -lt 40 ]
stop
check "at the end: tracefs as before" cmp $T/kprobe_events /tmp/before
summary
