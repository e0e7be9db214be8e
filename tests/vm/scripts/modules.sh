# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Probes in modules that come and go: none of their calls is missed, init functions included; another build of a
# module is noticed before anybody sees an event that means something else.
. /lib/guest.sh
T=/sys/kernel/tracing
ROUNDS=${ROUNDS:-20}

count() { grep -c "$1" /tmp/stream; }
count_is() { [ "$(count "$1")" = "$2" ]; }
dummy() { find "/lib/modules/$(uname -r)" -name dummy.ko; }

start
kprobectl stream --all > /tmp/stream 2> /tmp/stream.err & STREAM=$!
until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'

# Before the modules exist.
kprobectl add 'p:init dummy:dummy_init_module' 'p:setup dummy:dummy_setup' 'p:free ifb:ifb_dev_free' > /tmp/add 2>&1
is "probes in a module that is not loaded: status 0" 0 $?
check "... pending" grep -q "^init: pending on 2 CPUs: module 'dummy' is not loaded" /tmp/add
modprobe dummy
check "its init function is caught" until_true 200 count_is '"type":"event".*"probe":"init"' 1
check "so is what that calls" until_true 20 count_is '"type":"event".*"probe":"setup"' 1
check "armed" until_true 10 state_is setup armed
check "the stream says so" until_true 10 grep -q '"type":"probe".*"probe":"setup","state":"armed"' /tmp/stream
check "the first stay" grep -q '"probe":"init".*"generation":1' /tmp/stream
is "the other module is still awaited" pending "$(state free)"
rmmod dummy
check "gone" until_true 10 state_is setup gone
check "why" sh -c 'kprobectl list -o json | grep -q "\"state\":\"gone\",[^}]*\"reason\":\"module .dummy. is not loaded\""'
modprobe dummy
check "back: armed" until_true 10 state_is setup armed
check "the second stay" until_true 10 grep -q '"probe":"init".*"generation":2' /tmp/stream
rmmod dummy
# ifb makes two devices when it comes, and frees them when it goes.
modprobe ifb
check "another module" until_true 10 state_is free armed
rmmod ifb
check "... and what it calls when it goes" until_true 20 count_is '"type":"event".*"probe":"free"' 2

# A spec without a module finds the one that is loaded, and stays with it.
modprobe dummy
until_true 10 state_is setup armed
kprobectl add 'p:xmit dummy_xmit a1' > /dev/null 2>&1
check "a symbol of a loaded module: MOD: in the line" grep -q 'p:kprobed/d[0-9]* dummy:dummy_xmit' $T/kprobe_events
ADDRESS=$(awk '$3 == "dummy_xmit" { print $1 }' /proc/kallsyms)
kprobectl add "p:address 0x$ADDRESS" > /tmp/add 2>&1
check "an address in a module says what it follows" grep -q 'follows' /tmp/add
check "... and is listed as that" sh -c 'kprobectl list -o table | grep "^address" | grep -q dummy:dummy_xmit'
rmmod dummy
check "gone with it" until_true 10 state_is address gone

# Loaded and unloaded again and again, under the stream: as many events as calls.
before_init=$(count '"type":"event".*"probe":"init"')
before_free=$(count '"type":"event".*"probe":"free"')
i=0
while [ $i -lt "$ROUNDS" ]; do
    modprobe dummy && modprobe ifb && rmmod dummy && rmmod ifb || fail "round $i"
    i=$((i + 1))
done
want_init=$((before_init + ROUNDS)) want_free=$((before_free + 2 * ROUNDS))
until_true 30 count_is '"type":"event".*"probe":"init"' $want_init
is "$ROUNDS rounds: each init" $want_init "$(count '"type":"event".*"probe":"init"')"
until_true 10 count_is '"type":"event".*"probe":"free"' $want_free
is "$ROUNDS rounds: each free" $want_free "$(count '"type":"event".*"probe":"free"')"
is "none discarded" 0 "$(count '"type":"discarded"')"
is "each in a stay of its own" $want_init "$(grep '"probe":"init"' /tmp/stream | grep -o '"generation":[0-9]*' | sort -u | wc -l)"

# Another build in which all is where it was: looked at anew, and nothing is lost.
before=$(count '"type":"event".*"probe":"init"')
cp "$(dummy)" /tmp/rebuilt.ko
check "another build can be made" puppet rebuild /tmp/rebuilt.ko
insmod /tmp/rebuilt.ko
check "another build that fits: armed" until_true 20 state_is init armed
check "... and its init function is given out" until_true 10 count_is '"type":"event".*"probe":"init"' $((before + 1))
rmmod dummy
until_true 10 state_is init gone

# Another build without one of the functions: that probe fails and says why, and takes no other with it.
before=$(count '"type":"event".*"probe":"init"')
check "a build without dummy_setup" puppet patch /tmp/rebuilt.ko dummy_setup dummy_sftup
check "... is another build" puppet rebuild /tmp/rebuilt.ko
insmod /tmp/rebuilt.ko
check "a build that does not fit: failed" until_true 20 state_is setup failed
check "... why" sh -c 'kprobectl status -o table | grep -q "failed: it does not fit the module .dummy. that was loaded now: no symbol .dummy_setup. in module"'
check "the others are armed" until_true 10 state_is init armed
check "... with their init function" until_true 10 count_is '"type":"event".*"probe":"init"' $((before + 1))
check "out of the kernel" until_true 10 sh -c "! grep -q dummy_setup $T/kprobe_events"
rmmod dummy
# The build that fits comes again: the failed one is tried again.
modprobe dummy
check "the first build again: armed again" until_true 20 state_is setup armed
rmmod dummy

# A disabled one stays silent through it all.
kprobectl disable init > /dev/null
before=$(count '"type":"event".*"probe":"init"')
modprobe dummy
until_true 10 state_is setup armed
rmmod dummy
until_true 10 state_is setup gone
is "disabled: its module comes and goes unseen" "$before" "$(count '"type":"event".*"probe":"init"')"
is "... and its state stays" disabled "$(state init)"
kprobectl enable init > /dev/null
is "enabled while the module is not there: pending" pending "$(state init)"
modprobe dummy
check "... and then armed" until_true 10 state_is init armed

kill -INT $STREAM; wait $STREAM
stop
is "nothing is left" "" "$(cat $T/kprobe_events)"
summary
