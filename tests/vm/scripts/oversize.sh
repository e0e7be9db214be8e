# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# A record over PERF_MAX_TRACE_SIZE: announced when it is armed, refused where the kernel's WARN about it would be a
# panic, armed there on demand. The last check provokes that WARN (the harness is told to expect it).
. /lib/guest.sh
T=/sys/kernel/tracing
SPEC='p do_sys_openat2 x=+0(%si):ustring y=+0(%si):ustring z=+0(%si):ustring'

kprobectl check "$SPEC" > /tmp/out 2> /tmp/err
is "check: status 0" 0 $?
check "check announces the worst case" grep -q '12,3[0-9][0-9]' /tmp/err
check "check shows it in the record row" grep -q '12,3[0-9][0-9]' /tmp/out

echo 1 > /proc/sys/kernel/panic_on_warn
kprobectl run --for 1s "$SPEC" > /tmp/out 2> /tmp/err
is "panic_on_warn: refused" 2 $?
check "panic_on_warn: says so" grep -q panic_on_warn /tmp/err
is "panic_on_warn: nothing armed" "" "$(cat $T/kprobe_events)"
kprobectl check "$SPEC" > /tmp/out 2> /tmp/err
is "panic_on_warn: check refuses too" 2 $?
kprobectl run --for 300ms --allow-oversize "$SPEC" > /tmp/out 2> /tmp/err
is "--allow-oversize: armed" 0 $?
kprobectl run --for 300ms 'p do_sys_openat2 a1' > /tmp/out 2> /tmp/err
is "panic_on_warn: a small record is armed" 0 $?
echo 0 > /proc/sys/kernel/panic_on_warn

# Provoked: the event is dropped by the kernel and counted as a hit; the others arrive.
kprobectl run "$SPEC" > /tmp/out 2> /tmp/err &
RUN=$!
check "armed" until_true 20 grep -q ' armed on ' /tmp/err
puppet path 100
puppet path 4000
puppet path 100
kill -INT $RUN
wait $RUN
is "ended well" 0 $?
short=$(awk 'BEGIN{printf "/"; for(i=1;i<100;i++) printf "x"}')
is "the two short ones arrived" 2 "$(grep -c "\"x\":\"$short\"" /tmp/out)"
is "the long one did not" 0 "$(grep -c 'x\{3000\}' /tmp/out)"
dmesg | grep -q "perf buffer not large enough" && ok "the kernel has warned" || fail "the kernel has warned"
is "nothing left" "" "$(cat $T/kprobe_events)"
summary
