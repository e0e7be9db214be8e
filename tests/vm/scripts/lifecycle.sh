# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# However a run ends, tracefs is afterwards as it was before; and nobody else's probes are touched.
. /lib/guest.sh
T=/sys/kernel/tracing

start_run() { # start_run NAME [OPTION...] SPEC...: in the background, until it says that it is armed
    _name=$1
    shift
    kprobectl run "$@" > "/tmp/$_name.out" 2> "/tmp/$_name.err" &
    RUN=$!
    until_true 20 grep -q ' armed on ' "/tmp/$_name.err" || fail "$_name armed" "$(cat "/tmp/$_name.err")"
}
ours() { grep -c ":kprobed_run_[0-9]*_[0-9]*/" $T/kprobe_events; }
has_line() { grep -q "$1" "$2"; }

echo 'p:foreign/one do_sys_openat2' >> $T/kprobe_events
echo 'r:foreign/two do_sys_openat2 rv=$retval' >> $T/kprobe_events
echo 'p:kprobed_runner/three vfs_read' >> $T/kprobe_events
echo 'p:kprobed_run_1x_2/four vfs_read' >> $T/kprobe_events
cp $T/kprobe_events /tmp/before

for signal in INT TERM HUP; do
    start_run "$signal" 'p do_sys_openat2 a1 a2' 'r do_sys_openat2 rv rp' 'p vfs_read'
    is "$signal: three probes armed" 3 "$(ours)"
    puppet open 20 /life/
    kill -$signal $RUN
    wait $RUN
    is "SIG$signal: status 0" 0 $?
    check "SIG$signal: tracefs as before" cmp $T/kprobe_events /tmp/before
    check "SIG$signal: events were streamed" has_line '"probe":"do_sys_openat2"' /tmp/$signal.out
done

# Killed: its probes stay, until the next run or sweep takes exactly them.
start_run killed 'p do_sys_openat2 a1 a2' 'r do_sys_openat2 rv rp'
kill -9 $RUN
wait $RUN
start_run living 'p vfs_read a1'
LIVING=$RUN
check "the next run says what it removed" has_line 'removed 2 probes' /tmp/living.err
is "only the living run's probe is left" 1 "$(ours)"
kprobectl sweep > /tmp/sweep.out 2>&1
is "sweep with nothing to do: status 0" 0 $?
is "sweep does not touch a living run" 1 "$(ours)"

# Two runs at once do not know of each other.
start_run second 'p do_sys_openat2 a1'
is "two runs, two groups" 2 "$(ours)"
kill -INT $RUN; wait $RUN
is "the second took only its own" 1 "$(ours)"
kill -9 $LIVING; wait $LIVING
kprobectl sweep > /tmp/sweep.out 2>&1
is "sweep after kill -9: status 0" 0 $?
check "sweep says what it removed" has_line 'removed 1 probe' /tmp/sweep.out
check "sweep: tracefs as before" cmp $T/kprobe_events /tmp/before

# Killed while it arms a hundred: whatever is there is taken away.
for delay in 0.2 0.6 1.0; do
    awk '$2 ~ /^[tT]$/ && $3 ~ /^vfs_[a-z]+$/ {print "p " $3}' /proc/kallsyms | sort -u | head -60 > /tmp/many
    kprobectl run -f /tmp/many > /dev/null 2> /tmp/many.err &
    RUN=$!
    sleep $delay # at whatever it is doing then
    kill -9 $RUN; wait $RUN 2>/dev/null
    kprobectl sweep > /tmp/sweep.out 2>&1 || fail "sweep after $delay s" "$(cat /tmp/sweep.out)"
    check "killed after $delay s of arming: tracefs as before" cmp $T/kprobe_events /tmp/before
done
# The same with SIGINT: taken back by itself.
kprobectl run -f /tmp/many > /dev/null 2> /tmp/many.err &
RUN=$!
sleep 0.6
kill -INT $RUN; wait $RUN
is "SIGINT while arming: status 0" 0 $?
check "SIGINT while arming: tracefs as before" cmp $T/kprobe_events /tmp/before

# The reader goes away.
(kprobectl run 'p do_sys_openat2 a1' 2> /tmp/pipe.err; echo $? > /tmp/pipe.status) | head -n 1 > /tmp/pipe.out &
PIPE=$!
until_true 20 has_line ' armed on ' /tmp/pipe.err
puppet open 5 /pipe/
until_true 10 test -s /tmp/pipe.status
wait $PIPE
is "closed pipe: status 0" 0 "$(cat /tmp/pipe.status)"
check "closed pipe: tracefs as before" cmp $T/kprobe_events /tmp/before

# A reader that sits still does not keep our probes in the kernel.
mkfifo /tmp/fifo
sleep 1000 < /tmp/fifo &
SLEEPER=$!
kprobectl run 'p do_sys_openat2 a1 s=+0(%si):ustring' > /tmp/fifo 2> /tmp/stuck.err &
RUN=$!
until_true 20 has_line ' armed on ' /tmp/stuck.err
puppet open 2000 /stuck/
kill -INT $RUN
check "a stuck reader: ends all the same" until_true 10 grep -q "^State:.Z" /proc/$RUN/status
kill $SLEEPER
check "a stuck reader: tracefs as before" cmp $T/kprobe_events /tmp/before

# nohup: a SIGHUP that the caller ignores does not end it.
trap '' HUP
start_run nohup 'p do_sys_openat2 a1'
trap - HUP
kill -HUP $RUN
puppet open 5 /nohup/
until_true 20 has_line '"comm":"puppet"' /tmp/nohup.out
kill -0 $RUN && ok "nohup: goes on" || fail "nohup: goes on"
kill -INT $RUN
wait $RUN
check "nohup: tracefs as before" cmp $T/kprobe_events /tmp/before

# A limit on the size of files, which the output reaches.
sh -c "ulimit -f 8; exec kprobectl run 'p do_sys_openat2 a1' > /tmp/limit.out" 2> /tmp/limit.err &
RUN=$!
until_true 20 has_line ' armed on ' /tmp/limit.err
puppet open 60 /limit/
wait $RUN
is "output over RLIMIT_FSIZE: status 1" 1 $?
check "output over RLIMIT_FSIZE: tracefs as before" cmp $T/kprobe_events /tmp/before

# Without standard output and error: what is meant for them must not reach the files that take their numbers.
kprobectl run --for 300ms 'p do_sys_openat2 a1' >&- 2>&- <&-
is "closed descriptors: status 0" 0 $?
check "closed descriptors: tracefs as before" cmp $T/kprobe_events /tmp/before

# -n and --for.
start_run count -n 3 'p do_sys_openat2 a1'
puppet open 10 /count/
wait $RUN
is "-n 3: status 0" 0 $?
is "-n 3: three lines" 3 "$(wc -l < /tmp/count.out)"
kprobectl run --for 300ms 'p do_sys_openat2 a1' > /dev/null 2>&1
is "--for 300ms: status 0" 0 $?
check "at the end: tracefs as before" cmp $T/kprobe_events /tmp/before

# tracefs is found where it is, and mounted where it is not.
umount $T
kprobectl run --for 100ms 'p vfs_read' > /dev/null 2> /tmp/mount.err
is "tracefs not mounted: run mounts it" 0 $?
check "tracefs is there again" test -e $T/kprobe_events
summary
