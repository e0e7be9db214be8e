# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Modules that are not loaded: found by their files, plain and compressed; and symbols that nobody knows yet.
. /lib/guest.sh
T=/sys/kernel/tracing
M=/lib/modules/$(uname -r)
D=/etc/kprobed/probes.d

count() { grep -c "$1" /tmp/stream; }
count_is() { [ "$(count "$1")" = "$2" ]; }
refused() { # NAME, words that the error has, then what is to be refused
    name=$1 words=$2
    shift 2
    "$@" > /tmp/out 2>&1 && fail "$name" "it was taken: $(cat /tmp/out)"
    check "$name" grep -q "$words" /tmp/out
}
mkdir -p $D
start
kprobectl stream --all > /tmp/stream 2> /tmp/stream.err & STREAM=$!
until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'

# Found by its file.
kprobectl add 'p:init dummy_init_module x=$arg1' 'p:setup dummy_setup $arg1' > /tmp/add 2>&1
is "a function of a module that is not loaded: status 0" 0 $?
check "... pending" grep -q "^setup: pending" /tmp/add
check "... says where it was found" grep -q "'dummy_setup' was found in module 'dummy', which is not loaded" /tmp/add
check "... armed in advance, in a register" grep -q 'dummy:dummy_setup.* \(arg1\)=%di' $T/kprobe_events
modprobe dummy
check "its init function is caught" until_true 200 count_is '"type":"event".*"probe":"init"' 1
check "and what that calls" until_true 20 count_is '"type":"event".*"probe":"setup"' 1
check "armed" until_true 10 state_is setup armed
is "nothing was discarded" 0 "$(count '"type":"discarded"')"
rmmod dummy
until_true 10 state_is setup gone
kprobectl remove --all > /dev/null

# What the file does not have.
refused "MOD:SYM that the file lacks: names that are near" "did you mean 'dummy_setup'" kprobectl add 'p dummy:dummy_setub'
kprobectl add 'p:by_hand nosuch:some_function' > /tmp/add 2>&1
is "a module that nobody knows is waited for" 0 $?
check "... pending" grep -q "^by_hand: pending" /tmp/add
check "... says that nobody knows it" grep -q "there is no module 'nosuch'" /tmp/add
kprobectl remove by_hand > /dev/null
refused "a symbol that nothing has" "kprobectl add --pending waits for it" kprobectl add 'p quite_unknown_function'

# Names of parameters before the module is there: where its file has its types.
if [ -e /sys/kernel/btf/vmlinux ] && grep -q '\.BTF' "$(find "$M" -name dummy.ko)"; then
    check "names of parameters in advance" kprobectl add 'p:named dummy_setup dev'
    check "... as a register" grep -q 'dummy:dummy_setup.* dev=%di' $T/kprobe_events
    before=$(count '"type":"event".*"probe":"named"')
    modprobe dummy
    check "... recorded from the first call on" until_true 30 count_is '"type":"event".*"probe":"named"' $((before + 1))
    rmmod dummy
    until_true 10 state_is named gone
    kprobectl remove named > /dev/null
else
    refused "no types in the module's file: said so" "does not tell the C types of module 'dummy'" kprobectl add 'p dummy_setup dev'
fi

# The same file compressed, and listed as depmod would.
FILE=$(cd "$M" && find . -name dummy.ko | sed 's|^\./||')
cp "$M/modules.dep" /tmp/modules.dep
cp "$M/$FILE" /tmp/dummy.ko
for kind in gz xz zst; do
    cp "/test/module_files/dummy.ko.$kind" "$M/$FILE.$kind" || continue
    rm -f "$M/$FILE"
    sed "s|^$FILE:|$FILE.$kind:|" /tmp/modules.dep > "$M/modules.dep"
    kprobectl add 'p:setup dummy_setup a1' > /tmp/add 2>&1
    check ".ko.$kind is read" grep -q "^setup: pending" /tmp/add
    insmod /tmp/dummy.ko
    check "... and armed when it comes" until_true 20 state_is setup armed
    rmmod dummy
    until_true 10 state_is setup gone
    kprobectl remove setup > /dev/null
    rm "$M/$FILE.$kind"
done
# Damaged files are no more than files that are not read.
head -c 5000 /tmp/dummy.ko > "$M/$FILE"
cp /tmp/modules.dep "$M/modules.dep"
touch "$M/modules.dep"
refused "a file that is cut off" "kprobectl add --pending waits for it" kprobectl add 'p dummy_setup'
cp /tmp/dummy.ko "$M/$FILE"

# Unknown, and waited for: without its file nobody knows the module.
rm "$M/$FILE"
grep -v "^$FILE:" /tmp/modules.dep > "$M/modules.dep"
refused "without its file it is unknown" "no symbol 'dummy_setup'" kprobectl add 'p dummy_setup'
kprobectl add --pending --persist 'p:waits dummy_xmit a1' 'p:init dummy:dummy_init_module' > /tmp/add 2>&1
is "--pending: status 0" 0 $?
check "... pending, and why" grep -q "^waits: pending: no symbol 'dummy_xmit' in this kernel: it is waited for" /tmp/add
check "... listed only" sh -c "! grep -q dummy_xmit $T/kprobe_events"
check "... with its module's name it is in the kernel" grep -q dummy:dummy_init_module $T/kprobe_events
check "enabling all leaves it waiting" kprobectl enable --all
is "... pending" pending "$(state waits)"
printf 'pending p:of_file dummy_setup\np:of_kernel vfs_fsync_range\n' > $D/a.probes
kill -HUP $DAEMON
check "the word in a file of probes" until_true 20 state_is of_file pending
check "... the other line is armed" until_true 10 state_is of_kernel armed
# kill -9, and a new daemon: the wishes are the same.
kill -INT $STREAM
wait $STREAM
kill -KILL $DAEMON
wait $DAEMON
start
check "after a crash: still waiting" until_true 20 state_is waits pending
check "... the file's, too" until_true 20 state_is of_file pending
kprobectl stream --all > /tmp/stream 2> /tmp/stream.err & STREAM=$!
until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'
insmod /tmp/dummy.ko
check "its module comes: armed" until_true 30 state_is waits armed
check "... the file's, too" until_true 30 state_is of_file armed
check "... and the init function was caught" until_true 10 count_is '"type":"event".*"probe":"init"' 1
check "... with its module's name from now on" grep -q dummy:dummy_xmit $T/kprobe_events
ip link add name dummy7 type dummy
check "its calls are recorded" until_true 20 count_is '"type":"event".*"probe":"of_file"' 1
rmmod dummy
check "gone with it" until_true 10 state_is waits gone
check "status counts what was discarded" sh -c 'kprobectl status -o json | grep -q "\"events_discarded\":0"'

# A file of more probes than there may be says which line is too many, and takes nothing with it.
i=0
while [ $i -lt 1001 ]; do
    echo "p vfs_read"
    i=$((i + 1))
done > $D/b.probes
kill -HUP $DAEMON
check "too many lines: which" until_true 20 sh -c 'kprobectl status -o json | grep -q "b.probes:1001:.*1,001 probes"'
is "... the other file's stay" armed "$(state of_kernel)"

kill -INT $STREAM
wait $STREAM
stop
is "nothing is left" "" "$(cat $T/kprobe_events)"
summary
