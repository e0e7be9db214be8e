# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Booted with kprobed.off on the kernel's command line: the way out for a machine that a probe keeps from booting.
. /lib/guest.sh

check "the command line says so" grep -qw kprobed.off /proc/cmdline
systemctl start kprobed
is "start: not an error" 0 $?
check "start: it does not run" sh -c '! systemctl is-active --quiet kprobed'
check "status names the condition" sh -c 'systemctl status kprobed --no-pager | grep -q "kprobed.off"'
kprobectl list > /tmp/out 2>&1
is "kprobectl: status 4" 4 $?
summary
