# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the daemon does when something runs out or is taken away: it says which and why, goes on with what it has,
# tries again, and is whole by itself once the limit is lifted. Nothing stays behind, and it never dies.
. /lib/guest.sh
T=/sys/kernel/tracing

start() { # start [COMMAND...]: kprobed, by that command
    "$@" kprobed > /tmp/kprobed.log 2>&1 &
    DAEMON=$!
    until_true 30 grep -q 'serving on' /tmp/kprobed.log || fail "the daemon starts" "$(cat /tmp/kprobed.log)"
}
alive() {
    check "$1: the daemon lives" kill -0 $DAEMON
    kill -0 $DAEMON 2> /dev/null || { summary; exit 1; } # all that follows would wait for it
}
ours() { grep -c ':kprobed/' $T/kprobe_events; }
ours_are() { [ "$(ours)" = "$1" ]; }
because() { kprobectl status -o table | grep -q "$1"; }
calls() { grep -c "\"a2\":\"$1" /tmp/stream; }
calls_are() { [ "$(calls "$1")" = "$2" ]; }
hear() { # hear DESC: are five calls heard?
    _number=$((_number + 1))
    puppet spread 5 /hear$_number/
    check "$1" until_true 10 calls_are /hear$_number/ 5
}
_number=0
refuses() { # refuses DESC SPEC WHY HINT: where $lines were set before
    kprobectl add "$2" > /tmp/add 2>&1
    is "$1: add is refused" 1 $?
    check "... why" grep -q "$3" /tmp/add
    check "... what to do" grep -q "$4" /tmp/add
    is "... nothing of it is left" "$lines" "$(ours)"
    hear "... what is armed goes on"
}
cpus_are() { kprobectl status -o table | grep -q "^rings .* on $1 CPU"; }
rings_are() { [ "$(grep -c 'anon_inode:.perf_event' /proc/$DAEMON/maps)" = "$1" ]; } # three a CPU
spare() { # spare KIB: so much more may the daemon map than it does now
    mapped=$(sed -n 's/^VmSize:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$DAEMON/status)
    puppet limit $DAEMON memory $(((mapped + $1) * 1024))
}
descriptors() { ls /proc/$DAEMON/fd | wc -l; }
crashes_forgotten() { sed -i 's/"crash_times_ms":\[[^]]*\]/"crash_times_ms":[]/' /run/kprobed/state.json; }
listen() {
    kprobectl stream > /tmp/stream 2> /tmp/stream.err & STREAM=$!
    until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'
}
deaf() { kill -INT $STREAM; wait $STREAM; }

echo 'p:foreign/one vfs_read' >> $T/kprobe_events
cp $T/kprobe_events /tmp/before
start

# Memory: what it may map suffices for small things, and not for the rings.
spare 1024
kprobectl add 'p:opens do_sys_openat2 a2:ustring' > /tmp/add 2>&1
is "no memory for the rings: add is refused" 1 $?
check "... why" grep -q "no memory for [0-9]* bytes of the ring of CPU 0" /tmp/add
is "... nothing of it is left" 0 "$(ours)"
alive "memory"
puppet limit $DAEMON memory max
check "memory again: add works" kprobectl add 'p:opens do_sys_openat2 a2:ustring' 'p:several vfs_f*'
listen
lines=$(ours)
several=$(sed -n 's/^p:kprobed\/\(d[0-9]*\) vfs_f.*/\1/p' $T/kprobe_events | head -n 1)

# File descriptors: a new probe is refused, and clients are let in all the same.
before=$(descriptors)
puppet limit $DAEMON files $((before + 10))
refuses "no descriptors" 'p:more vfs_write' 'no file descriptor left' LimitNOFILE
# A probe that must be set anew while there are none waits for them.
(echo "-:kprobed/$several" >> $T/kprobe_events) 2> /dev/null
check "set anew without descriptors: retried" until_true 10 state_is several retried
check "... why" because 'retried: no file descriptor left'
puppet limit $DAEMON files max
check "... with descriptors: armed by itself" until_true 20 state_is several armed
is "... all its lines" "$lines" "$(ours)"
check "... add works" kprobectl add 'p:more vfs_write'
kprobectl remove more > /dev/null
# Not even one: what cannot be saved is saved later, and nothing is mistaken for gone.
before=$(descriptors)
puppet limit $DAEMON files 3
sleep 2.5 # two looks
puppet limit $DAEMON files max
is "not one descriptor: probes stay armed" armed "$(state opens)"
check "... what could not be read is no standing warning" until_true 10 sh -c '! kprobectl status -o table | grep -q "warning: tracefs"'
is "... no descriptor is lost" "$before" "$(descriptors)"
hear "... events flow"
alive "descriptors"

# The same when a CPU comes.
echo 0 > /sys/devices/system/cpu/cpu1/online
check "a CPU that goes is noticed" until_true 10 rings_are 3
spare 1024
echo 1 > /sys/devices/system/cpu/cpu1/online
check "no memory: one that comes cannot be heard" until_true 10 grep -q '"type":"cpu".*not seen: .*no memory for' /tmp/stream
taskset 1 puppet open 5 /one/
check "... the other one is" until_true 10 calls_are /one/ 5
alive "memory"
puppet limit $DAEMON memory max
check "memory again: both CPUs" until_true 20 cpus_are 2
hear "... events flow"

# Somebody uses an event of ours when it is removed: the line goes when they let it.
line=$(ours)
echo 1 > $T/events/kprobed/"$(sed -n 's/^p:kprobed\/\(d[0-9]*\) vfs_f.*/\1/p' $T/kprobe_events | head -n 1)"/enable
kprobectl remove several > /dev/null 2>&1
check "an event in use: its lines stay" [ "$(ours)" -gt 1 ]
check "... said" until_true 15 because 'warning: lines of removed probes are still in tracefs.*busy'
for enable in $T/events/kprobed/*/enable; do echo 0 > "$enable"; done
check "... no longer in use: gone by themselves" until_true 15 ours_are 1
check "... no longer said" until_true 10 sh -c '! kprobectl status -o table | grep -q "warning: lines of removed"'
alive "in use"

# Event ids: 16 bits of them, and a module takes all that are left.
kprobectl add 'p:several vfs_f*' > /dev/null 2>&1
lines=$(ours)
several=$(sed -n 's/^p:kprobed\/\(d[0-9]*\) vfs_f.*/\1/p' $T/kprobe_events | head -n 1)
insmod /test/exhaustion/event_ids.ko
refuses "no event ids" 'p:more do_sys_openat2 a3' 'the kernel has no event ids left' dynamic_events
# One whose event somebody else uses as well: its id is not free when its lines are set anew.
echo 1 > $T/events/kprobed/"$several"/enable
for line in $(seq 1 9); do (echo "-:kprobed/$several" >> $T/kprobe_events) 2> /dev/null || break; done
check "set anew without event ids: retried" until_true 15 state_is several retried
check "... why" until_true 15 because 'retried: the kernel has no event ids left'
rmmod event_ids
check "... with event ids: armed by itself" until_true 30 state_is several armed
echo 0 > $T/events/kprobed/"$several"/enable
check "... the old event goes when it is let" until_true 15 ours_are "$lines"
hear "... events flow"
kprobectl remove several > /dev/null
alive "event ids"

# tracefs mounted read-only.
mount -o remount,ro $T
kprobectl add 'p:more vfs_write' > /tmp/add 2>&1
is "read-only: add is refused" 3 $?
check "... what to do" grep -q 'tracefs is mounted read-only here: remount it' /tmp/add
hear "... events flow"
mount -o remount,rw $T
kprobectl add 'p:more vfs_write' > /dev/null 2>&1
mount -o remount,ro $T
check "read-only: removed is silent" kprobectl remove more
is "... its line stays" 2 "$(ours)"
mount -o remount,rw $T
check "writable: the line is gone by itself" until_true 15 ours_are 1
# The daemon comes back after a crash, and can write nothing.
mount -o remount,ro $T
deaf
kill -9 $DAEMON; wait $DAEMON 2> /dev/null
crashes_forgotten
start
check "a start while it is read-only: retried" state_is opens retried
check "... why" because 'Read-only file system'
check "... said as a warning" because 'warning: no probe can be set'
mount -o remount,rw $T
check "writable: armed by itself" until_true 20 state_is opens armed
check "... the leftover of the crash is gone" until_true 10 ours_are 1
check "... no longer a warning" sh -c '! kprobectl status -o table | grep -q "warning: no probe can be set"'
listen
hear "... events flow"
alive "read-only"

# tracefs is not there: it is mounted when it is needed.
umount -l $T
kprobectl add 'p:more vfs_write' > /tmp/add 2>&1
is "unmounted: add works" 0 $?
hear "... events flow"
kprobectl remove more > /dev/null
is "... nothing is left of it" 1 "$(ours)"
alive "unmounted"

# Memory of its control group: the kernel's memory for probes is not counted there, only the daemon's own, and what
# it does about that is to kill it. That is a crash, from which all comes back.
if mkdir -p /tmp/cg && mount -t cgroup2 none /tmp/cg && grep -q memory /tmp/cg/cgroup.controllers; then
    deaf
    echo +memory > /tmp/cg/cgroup.subtree_control
    mkdir /tmp/cg/k
    echo $DAEMON > /tmp/cg/k/cgroup.procs
    echo 0 > /tmp/cg/k/memory.max
    check "no memory in its control group: killed" until_true 30 sh -c "! kill -0 $DAEMON 2> /dev/null || grep -q '^State:.Z' /proc/$DAEMON/status"
    wait $DAEMON
    crashes_forgotten
    start
    check "... comes back with its probes" until_true 20 state_is opens armed
    is "... and no others" 1 "$(ours)"
    listen
    hear "... events flow"
fi

# Locked memory: without CAP_IPC_LOCK the rings count.
deaf
stop
is "nothing is left" "" "$(diff $T/kprobe_events /tmp/before)"
mlock=$(cat /proc/sys/kernel/perf_event_mlock_kb)
echo 64 > /proc/sys/kernel/perf_event_mlock_kb
mkdir -p /etc/kprobed/probes.d
printf 'p:opens do_sys_openat2 a2:ustring\n' > /etc/kprobed/probes.d/opens.probes
start puppet unlocked
check "no memory to lock: retried" state_is opens retried
check "... why" because 'retried: .*perf_event_mlock_kb'
echo "$mlock" > /proc/sys/kernel/perf_event_mlock_kb
puppet limit $DAEMON locked 268435456
check "it may lock: armed by itself" until_true 20 state_is opens armed
listen
hear "... events flow"
alive "locked memory"

# Lockdown, which nobody takes back before the next boot: the last thing here.
if mount -t securityfs none /sys/kernel/security 2> /dev/null && [ -e /sys/kernel/security/lockdown ]; then
    echo confidentiality > /sys/kernel/security/lockdown
    kprobectl add 'p:more vfs_write' > /tmp/add 2>&1
    is "lockdown: add is refused" 3 $?
    check "... why" grep -q 'lockdown is in confidentiality mode' /tmp/add
    alive "lockdown"
    deaf
    stop
    is "... and it stops" 0 $?
else
    deaf
    stop
    is "nothing is left" "" "$(diff $T/kprobe_events /tmp/before)"
fi
summary
