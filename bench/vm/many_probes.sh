# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# COUNT kprobes of equal signature, which share events ("alike"), and as many that have an event each, since the names
# of their arguments differ ("apart"): armed and removed in one request, while somebody else adds single probes, each
# to an event of its own. Prints `figure NAME MS [MS...]`; bench/vm_probes.py reads it.
. /lib/guest.sh

COUNT=${COUNT:-1000}
EACH=8 # of somebody else's adds in each of the four phases

now() { # centiseconds; no process is started for it
    read -r _up _ < /proc/uptime
    echo "${_up%.*}${_up#*.}"
}

# $1 probes of others, one every 1.5 s, until $2 (a command) says that it is over.
others() {
    _figures=
    for _i in $(seq "$1"); do
        sleep 1.5
        "$2" || break
        other=$((other + 1))
        _spec="p:other_$other $(sed -n "${other}p" /tmp/others) o$other=a1"
        _begin=$(now)
        kprobectl add "$_spec" > /tmp/other 2>&1 || fail "somebody else's add" "$_spec" "$(cat /tmp/other)"
        _figures="$_figures $((($(now) - _begin) * 10))"
    done
}

lines() { grep -c '[ :/]kprobed/' /sys/kernel/tracing/kprobe_events; }
adding() { kill -0 "$ADD" 2> /dev/null; }
removing() { [ "$(lines)" -gt "$other" ]; }
removed() { ! removing; }

mkdir -p /etc/kprobed
# This machine has little memory; 1,000 events of their own take more than a hundredth of it.
printf '[daemon]\nmax_probes = %s\n[stream]\nkernel_memory = 32M\n' $((COUNT + 100)) > /etc/kprobed/kprobed.conf
start
other=0
many_functions $((COUNT + 4 * EACH + 4)) > /tmp/all
head -n "$COUNT" /tmp/all > /tmp/functions
tail -n "+$((COUNT + 1))" /tmp/all > /tmp/others
is 'there are enough functions' "$((COUNT + 4 * EACH + 4))" "$(wc -l < /tmp/all)"
sed 's/.*/p:many_& & a1/' /tmp/functions > /tmp/alike
awk '{ printf "p:many_%s %s x%d=a1\n", $1, $1, NR }' /tmp/functions > /tmp/apart

# What an add takes while nothing else happens; the daemon's first one reads kallsyms.
kprobectl add 'p:first vfs_fsync a1' > /dev/null 2>&1
kprobectl remove first > /dev/null 2>&1
others 4 true
echo "figure alone$_figures"

for kind in alike apart; do
    begin=$(now)
    kprobectl add -f /tmp/$kind > /tmp/add 2>&1 &
    ADD=$!
    others "$EACH" adding
    echo "figure ${kind}_others_up$_figures"
    wait "$ADD" || fail "$kind: all are armed" "$(head -c 600 /tmp/add)"
    echo "figure ${kind}_up $((($(now) - begin) * 10))"
    is "$kind: as many lines as probes" $((COUNT + other)) "$(lines)"
    echo "figure ${kind}_events $(sed -n 's/^p:kprobed\/\([^ ]*\) .*/\1/p' /sys/kernel/tracing/kprobe_events | sort -u | wc -l)"

    begin=$(now)
    kprobectl remove 'many_*' > /tmp/remove 2>&1 &
    REMOVE=$!
    others "$EACH" removing
    echo "figure ${kind}_others_down$_figures"
    wait "$REMOVE" || fail "$kind: all are removed" "$(head -c 600 /tmp/remove)"
    until_true 900 removed || fail "$kind: all lines are gone" "$(lines) lines"
    echo "figure ${kind}_down $((($(now) - begin) * 10))"
done
stop
is 'nothing is left' 0 "$(lines)"
summary
