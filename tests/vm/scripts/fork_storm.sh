# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Hundreds of processes that fork, rename themselves, are hit and end, while another probe is busy: fork_storm.py looks
# whether each event has the name of its moment. There are few numbers for all of them, so that each is soon somebody
# else's.
. /lib/guest.sh
MOTHERS=6
CHILDREN=${CHILDREN:-80}

mkdir -p /out /etc/kprobed
# It would only count what the other one does so often.
printf '[governor]\ngovernor = off\n' > /etc/kprobed/kprobed.conf
start
kprobectl stream storm -o json > /out/stream 2> /tmp/stream.err & STREAM=$!
until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'
kprobectl add --exact 'p:storm ksys_fchown a2:u32 a3:u32' 'p:flood ksys_dup3 a1' > /tmp/add 2>&1 ||
    fail "armed" "$(cat /tmp/add)"
echo 420 > /proc/sys/kernel/pid_max
puppet flood 60 > /dev/null & FLOOD=$!
check "the storm" puppet storm $MOTHERS "$CHILDREN"
kill $FLOOD
kprobectl disable '*' > /dev/null
PUBLISHED=$(number storm published)
# The other one may find a ring full.
kprobectl status -o json | sed -n 's/.*"events_lost":\([0-9]*\).*/\1/p' > /out/lost
check "the other probe was busy" test "$(number flood published)" -gt 10000
read_all() { [ "$(grep -c '"type":"event"' /out/stream)" = "$PUBLISHED" ]; }
check "all are in the stream" until_true 20 read_all
kill -INT $STREAM; wait $STREAM
stop
summary
