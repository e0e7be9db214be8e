# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# scripts/demo on a machine that has kprobes and whose user is root: it must show the main job right there, without a
# virtual machine.
. /lib/guest.sh
T=/sys/kernel/tracing

bash /test/scripts/demo --built /usr/bin > /tmp/demo.out 2> /tmp/demo.err
is "the demo ends well" 0 $?
cat /tmp/demo.out /tmp/demo.err
check "no virtual machine" sh -c '! grep -q "virtual machine" /tmp/demo.err'
check "a table of events" grep -qE '^[0-9:.]+ +[0-9]+ +[0-9]+ [^ ]+ +do_sys_openat2 +a1=0x[0-9a-f]+ a2="[^"]+"$' /tmp/demo.out
is "twelve of them" 12 "$(grep -cE '^[0-9]{2}:[0-9.:]+ +[0-9]+ ' /tmp/demo.out)"
check "JSON" grep -q '^{"type":"event","seq":1,' /tmp/demo.out
check "check names the living function" grep -q do_sys_openat2 /tmp/demo.err
is "nothing left" "" "$(cat $T/kprobe_events)"
summary
