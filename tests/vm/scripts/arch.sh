# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# The same specs on every architecture (arch/table.py): armed, hit by known calls, and written a second time into
# the kernel's own trace. arch.py judges. riscv64's trace file stays empty for kprobes (KERNEL-FACTS 22).
. /lib/guest.sh
T=/sys/kernel/tracing
STAGED=/test/arch
TAB=$(printf '\t')

mkdir -p /out
uname -rm > /out/machine
ifconfig lo up
echo 16384 > $T/buffer_size_kb
: > /out/refused.jsonl
: > /out/lacking

# A kernel without return probes at entries refuses this itself; the rows that need them assert our sentence.
RETURNS=yes
echo 'r:trial/returns vfs_read' >> $T/kprobe_events 2> /dev/null || RETURNS=
[ -z "$RETURNS" ] || echo '-:trial/returns' >> $T/kprobe_events

has() {
    case $1 in
    returns) [ -n "$RETURNS" ] ;;
    data) grep -q ' linux_banner$' /proc/kallsyms ;;
    *) can "$1" ;;
    esac
}

: > /tmp/specs
while IFS=$TAB read -r needs spec; do
    if has "$needs"; then
        printf '%s\n' "$spec" >> /tmp/specs
    else
        echo "$needs" >> /out/lacking
        told "$spec"
    fi
done < $STAGED/rows
cat $STAGED/registers >> /tmp/specs

kprobectl run --all -f /tmp/specs > /out/events.jsonl 2> /out/run.err &
RUN=$!
until_true 120 armed_or_dead /out/run.err
check "all are armed" grep -q ' armed on ' /out/run.err
cp $T/dynamic_events /out/lines

# The twins: the very fetches that were armed, for the kernel to print.
n=0
for file in kprobe_events uprobe_events; do
    grep kprobed_run_ $T/$file | sed 's|:kprobed_run_[^/]*/|:oracle/|' > /tmp/twins
    while IFS= read -r line; do
        case $line in r*=* | p*) ;; *) continue ;; esac  # nothing to compare
        n=$((n + 1))
        printf '%s\n' "$line" >> $T/$file || fail "the kernel takes: $line" "$(tail -n 3 $T/error_log)"
    done < /tmp/twins
done
check "there are twins" [ $n -gt 15 ]
# Registers by the kernel's own names, where our line has the names that our table gave.
point=$(sed -n 's|^p:oracle/[^ ]* \(ip_append_data+[0-9]*\) .*|\1|p;s|^p:oracle/[^ ]* \(ip_append_data\) .*|\1|p' $T/kprobe_events | head -n 1)
check "every register's name is accepted" sh -c "echo 'p:oracle/registers $point $(cat $STAGED/registers.twin)' >> $T/kprobe_events"
echo > $T/trace
echo 1 > $T/events/oracle/enable

puppet known abi &
PUPPET=$!
wait $PUPPET
echo $PUPPET > /out/pid
puppet known user &
PUPPET=$!
wait $PUPPET
echo $PUPPET > /out/user_pid
modprobe dummy
ip link set dummy0 up 2> /dev/null || ifconfig dummy0 up
echo 0 > /sys/class/net/dummy0/carrier
echo 1 > /sys/class/net/dummy0/carrier
kill -INT $RUN
wait $RUN
is "status 0" 0 $?
cp $T/trace /out/trace
echo 0 > $T/events/oracle/enable
for file in kprobe_events uprobe_events; do
    sed -n 's/^[pr][0-9]*:\(oracle\/[^ ]*\).*/-:\1/p' $T/$file > /tmp/away
    while read -r line; do echo "$line" >> $T/$file; done < /tmp/away
done
is "nothing left" "" "$(cat $T/dynamic_events)"
cat /out/run.err

# The service too.
kprobed > /tmp/kprobed.log 2>&1 &
DAEMON=$!
check "the service starts" until_true 30 kprobectl list
check "... takes a probe" kprobectl add 'p:service do_sys_ftruncate a1:int a2:s64'
kprobectl stream > /tmp/stream 2> /tmp/stream.err &
STREAM=$!
until_true 30 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'
puppet known abi
until_true 30 sh -c 'grep -c "\"probe\":\"service\"" /tmp/stream | grep -q 2'
kill -INT $STREAM
wait $STREAM
is "... and serves what came of it" '"args":{"a1":-7,"a2":-5000000000}}' "$(grep -o '"args":.*' /tmp/stream | head -n 1)"
kill -TERM $DAEMON
wait $DAEMON
is "... and ends with status 0" 0 $?
is "... leaving nothing" "" "$(cat $T/dynamic_events)"
summary
