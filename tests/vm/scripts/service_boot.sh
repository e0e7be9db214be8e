# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Two boots of one disk (tests/vm/run ... --disk FILE, twice the same command): the first leaves probes in a
# running daemon, the second finds the daemon running again, and without them. --deb of the second boot is an
# upgrade of a running service.
. /lib/guest.sh
T=/sys/kernel/tracing
MARK=/var/tmp/kprobed-first-boot

if [ ! -e $MARK ]; then
    check 'first boot: start' systemctl start kprobed
    check 'first boot: add' kprobectl add 'p do_sys_openat2 a1' 'r do_sys_openat2 rv'
    is 'first boot: probes are set' 2 "$(grep -c ':kprobed/' $T/kprobe_events)"
    touch $MARK
else
    check 'second boot: the service runs by itself, upgraded or not' systemctl is-active kprobed
    is 'second boot: without probes' '' "$(kprobectl list -o names)"
    is 'second boot: none in the kernel' '' "$(cat $T/kprobe_events)"
    check 'second boot: add' kprobectl add 'p do_sys_openat2 a1'
fi
summary
