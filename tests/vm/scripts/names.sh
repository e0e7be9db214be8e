# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# The kernel's symbols are held while they are needed: callers in lines have their names also after the table that
# probes are resolved with has gone, those in modules that came later as well; and the memory goes back.
. /lib/guest.sh

anonymous() { awk '$1 == "RssAnon:" { print $2 }' "/proc/$DAEMON/status"; }
has_shrunk() { [ "$(anonymous)" -lt $(($1 - 4096)) ]; }
# The caller that the last event of a probe names, and its module.
caller() {
    sed -n "s/.*\"type\":\"event\".*\"probe\":\"$1\".*\"caller\":\"\([^\"]*\)\".*/\1/p" /tmp/stream | tail -n 1
}
caller_is() { [ "$(caller "$1")" = "$2" ]; }
# One more device, which dummy_setup has ether_setup make up; until the new module's names have been read its name is
# not known.
devices=0
next_is_named() {
    devices=$((devices + 1))
    ip link add name "dummy1$devices" type dummy
    sleep 0.5
    caller_is "$1" dummy_setup
}

start
kprobectl stream > /tmp/stream 2> /tmp/stream.err & STREAM=$!
until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'
kprobectl add 'p:plain vfs_fsync_range a1' > /tmp/add 2>&1
is "without addresses to name: status 0" 0 $?
full=$(anonymous)
check "what resolving needed goes back" until_true 30 has_shrunk "$full"
echo "# anonymous memory: $full KiB, then $(anonymous)"

kprobectl add 'r:named ether_setup' > /tmp/add 2>&1
is "a return probe: status 0" 0 $?
sleep 14 # ten seconds after the last add, at the next look
modprobe dummy numdummies=0
check "a caller in a module that came later" until_true 20 next_is_named named
rmmod dummy
kprobectl remove named > /dev/null
kprobectl add 'r:again ether_setup' > /tmp/add 2>&1
is "none, and one again: status 0" 0 $?
modprobe dummy numdummies=0
check "... its caller is named" until_true 20 next_is_named again
kprobectl add 'r:opened do_sys_openat2' > /tmp/add 2>&1
puppet open 3 /named/
check "a caller in the kernel itself" until_true 10 caller_is opened __x64_sys_openat
kprobectl disable again opened > /dev/null
kprobectl enable again opened > /dev/null
named=$(grep -c '"probe":"again".*"caller":"dummy_setup"' /tmp/stream)
ip link add name dummy9 type dummy
check "disabled and enabled: named" until_true 10 sh -c \
    "[ \"\$(grep -c '\"probe\":\"again\".*\"caller\":\"dummy_setup\"' /tmp/stream)\" = $((named + 1)) ]"

kill -INT $STREAM; wait $STREAM
stop
summary
