# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# A probe that costs more than its budget is sampled, then only counted, then taken out, and comes back when the load
# is low; each step is told with the numbers to rescale by.
. /lib/guest.sh
T=/sys/kernel/tracing
level() { grep '"type":"sampling"' /tmp/stream | grep "\"probe\":\"$1\"" | tail -n 1 | sed 's/.*"level":"\([a-z]*\)".*/\1/'; }
level_is() { [ "$(level "$1")" = "$2" ]; }
levels() { grep '"type":"sampling"' /tmp/stream | grep "\"probe\":\"$1\"" | sed 's/.*"level":"\([a-z]*\)".*/\1/' | uniq | tr '\n' ' '; }
begin() {
    mkdir -p /etc/kprobed
    printf '[governor]\n%s\n' "$1" > /etc/kprobed/kprobed.conf
    start
    kprobectl stream -o json 2> /tmp/stream.err | awk '/"type":"sampling"/ { print; fflush() }' > /tmp/stream & STREAM=$!
    until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'
}
end() {
    stop  # ends the stream
    wait $STREAM
}

# Over the budget: sampled, and back.
begin 'probe_cpu = 1000%
total_cpu = 1000%
probe_events = 2000'
kprobectl add 'p:busy ksys_dup3 a1' 'p:calm vfs_fsync a1' > /dev/null 2>&1
is "two of a kind share an event" 1 "$(sed -n 's/^p:kprobed\/\([a-z0-9]*\) .*/\1/p' $T/kprobe_events | sort -u | wc -l)"
puppet flood 14 & FLOOD=$!
is_sampled() { [ "$(number "$1" period)" -gt 1 ] 2> /dev/null; }
check "a busy one is sampled" until_true 12 is_sampled busy
is "in an event of its own" 2 "$(sed -n 's/^p:kprobed\/\([a-z0-9]*\) .*/\1/p' $T/kprobe_events | sort -u | wc -l)"
check "status says so" sh -c 'kprobectl status -o json | grep -q "\"period\":[0-9]"'
check "... and why" sh -c 'kprobectl list -o json | grep -q "one hit in [0-9]* is recorded: [0-9]* hits a second"'
is "it is armed all the same" armed "$(state busy)"
wait $FLOOD
check "when it is calm again: every hit" until_true 60 level_is busy full
before=$(number busy published)
puppet dup3 50
all_came() { [ "$(number busy published)" -ge $((before + 50)) ]; }
check "... each of them comes" until_true 10 all_came
is "nothing was said of the calm one" "" "$(level calm)"
# What was counted between two notes and what came in between go together as the period says.
grep '"type":"sampling"' /tmp/stream > /tmp/notes
cut -c1-250 /tmp/notes | sed 's/^/# /'
check "hits are counted while it is sampled" awk -F'"hits":|,"events":|,"reason"' '
    { hits += $2; events += $3 } END { exit !(hits > 4 * events && events > 0) }' /tmp/notes
end

# What the kernel left out is counted, and the ledger adds up.
term() { kprobectl ledger alone -o json | grep -o "\"$1\":[0-9-]*" | head -n 1 | cut -d: -f2; }
begin 'probe_cpu = 1000%
total_cpu = 1000%
probe_events = 2000'
kprobectl add 'p:alone ksys_dup3 a1' > /dev/null 2>&1
puppet flood 7 & FLOOD=$!
check "one that is alone is sampled" until_true 12 is_sampled alone
wait $FLOOD
kprobectl disable alone > /dev/null
echo "# hits $(term hits), sampled_out $(term sampled_out), published $(term published), lost $(term lost)"
check "what its samples left out is counted" [ "$(term sampled_out)" -gt 1000 ]
is "... and all adds up" 0 "$(term unexplained)"
end

# Never one in N: counted only.
begin 'probe_cpu = 1000%
total_cpu = 1000%
probe_events = 2000'
kprobectl add --exact 'p:busy ksys_dup3 a1' > /dev/null 2>&1
puppet flood 8 & FLOOD=$!
check "an exact one is not sampled, but counted" until_true 20 level_is busy counted
check "... at once" sh -c "case '$(levels busy)' in 'counted '*) true ;; *) false ;; esac"
wait $FLOOD
check "... and recorded whole again" until_true 60 level_is busy full
end

# Too dear even to be counted.
begin 'probe_cpu = 1%
total_cpu = 1000%'
kprobectl add 'p:busy ksys_dup3 a1' > /dev/null 2>&1
puppet flood 8 & FLOOD=$!
dear() { [ "$(level busy)" = off ] || [ "$(level busy)" = counted ]; }
check "a dear one is counted at most" until_true 20 dear
if level_is busy off; then
    is "taken out" retried "$(state busy)"
    check "out of the kernel" until_true 10 sh -c "! grep -q ksys_dup3 $T/kprobe_events"
    check "comes back, counted at first, and then whole" until_true 90 level_is busy full
else
    ok "counting fits"
fi
wait $FLOOD
end

# Switched off.
begin 'governor = off'
kprobectl add 'p:busy ksys_dup3 a1' > /dev/null 2>&1
puppet flood 4
is "off: nothing is sampled" "" "$(level busy)"
end
is "nothing is left" "" "$(cat $T/kprobe_events)"
summary
