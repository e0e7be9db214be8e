# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# One event's whole way: a puppet makes known calls on two CPUs, `kprobectl run` streams them, and the
# kernel's own trace file records the same calls through a twin probe. first_event.py compares all three.
. /lib/guest.sh
T=/sys/kernel/tracing
N=200

mkdir -p /out
echo 4096 > $T/buffer_size_kb
# The twins: another group, ftrace's ring instead of perf's.
echo 'p:oracle/p do_sys_openat2 a1=%di:x64 a2=%si:x64 s=+0(%si):ustring a4=%dx:x64 sp0=$stack0:x64 r14=%di:x64' >> $T/kprobe_events
echo 'r:oracle/r do_sys_openat2 rv=$retval:x64 rv32=$retval:s32' >> $T/kprobe_events
echo 1 > $T/events/oracle/enable
cp $T/kprobe_events /out/events_before

kprobectl run 'p do_sys_openat2 a1 a2 s=+0(%si):ustring a3 s0 r14' \
    'r do_sys_openat2 rv rp rv32=$retval:s32' > /out/events.jsonl 2> /out/run.err &
RUN=$!
check "run arms two probes" until_true 20 grep -q '2 probes armed' /out/run.err
grep kprobed_run_ $T/kprobe_events > /out/lines_armed
is "two lines in a group of its own" 2 "$(wc -l < /out/lines_armed)"
puppet spread $N /puppet/first/
puppet comm renamed-puppet /puppet/comm
kill -INT $RUN
wait $RUN
is "SIGINT ends it with status 0" 0 $?
cat /out/run.err
cp $T/trace /out/trace
cmp $T/kprobe_events /out/events_before && ok "nothing left in kprobe_events" || fail "nothing left" "$(cat $T/kprobe_events)"
check "no group left" test ! -d "$(echo $T/events/kprobed_run_*)"
grep -m1 do_sys_openat2 /proc/kallsyms > /out/symbol
grep -E ' [tT] ' /proc/kallsyms > /out/kallsyms
summary
