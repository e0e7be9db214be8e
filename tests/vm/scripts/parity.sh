# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Each line of parity_rows.py is offered to the kernel, in a group of its own, and to `kprobectl check`;
# parity.py compares.
. /lib/guest.sh
T=/sys/kernel/tracing
mkdir -p /out
modprobe dummy

# The file that takes such a line.
file_of() {
    case $1 in
    [ft]*) echo $T/dynamic_events ;;
    *" /"*) echo $T/uprobe_events ;;
    *) echo $T/kprobe_events ;;
    esac
}

# Only our own group, in whichever file lists it.
remove_event() {
    sed -n 's/^[a-z][0-9]*:\(parity\/[^ ]*\).*/-:\1/p; s/^[a-z][0-9]*:\(g*\/e\) .*/-:\1/p' $T/dynamic_events > /tmp/away
    while read -r away; do echo "$away" >> $T/dynamic_events; done < /tmp/away
}

n=0
while IFS= read -r line; do
    : > $T/error_log
    if printf '%s\n' "$line" 2> /dev/null >> "$(file_of "$line")"; then echo takes; else echo refuses; fi > /out/$n.kernel
    cat $T/error_log > /out/$n.log
    remove_event
    kprobectl check -o json "$line" > /out/$n.json 2> /out/$n.err
    echo $? > /out/$n.status
    n=$((n + 1))
done < /test/parity/lines
is "nothing left" "" "$(cat $T/dynamic_events)"
summary
