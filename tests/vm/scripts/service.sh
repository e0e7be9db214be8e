# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# The package on a Debian with systemd: start, add, three clients at once, users, stop, kill -9, purge. service.py
# compares what the clients got with the calls made and with the kernel's own trace of them.
#   tests/vm/run --kernel 6.1 --image debian --deb BUILD/package/kprobed_*.deb --bin BUILD/tests/puppet
#       --bin BUILD/tests/example_client --out /out:FOLDER --timeout 600 tests/vm/scripts/service.sh
. /lib/guest.sh
T=/sys/kernel/tracing
SOCKET=/run/kprobed/kprobed.sock
EXAMPLES=/usr/share/doc/kprobed/examples
N=100
mkdir -p /out

# ends DESC STATUS PATTERN CMD...: CMD ends with that status and says something like that.
ends() {
    _title=$1 _want=$2 _pattern=$3
    shift 3
    _answer=$("$@" 2>&1)
    _got=$?
    if [ $_got -eq "$_want" ] && echo "$_answer" | grep -q -e "$_pattern"; then
        ok "$_title"
    else
        fail "$_title" "'$*' ended with $_got, wanted $_want and '$_pattern'" "$_answer"
    fi
}
has() { grep -q -e "$1" "$2"; }
user() { # user NAME CMD...
    _name=$1
    shift
    runuser -u "$_name" -- "$@"
}
# The daemon's reply to one request, without any program of ours between.
ask() {
    python3 -c '
import socket, sys
daemon = socket.socket(socket.AF_UNIX)
daemon.connect(sys.argv[1])
lines = daemon.makefile("rw", encoding="utf-8")
lines.readline()
print(sys.argv[2], file=lines, flush=True)
print(lines.readline(), end="")' $SOCKET "$1"
}
subscribed() {
    [ "$(ask '{"id":1,"method":"status"}' | jq '[.result.clients[] | select(.subscribed)] | length')" = "$1" ]
}
states() { ask '{"id":1,"method":"list"}' | jq -r '.result.probes[].state' | sort | uniq -c | sed 's/^ *//'; }
ours() { grep -c ':kprobed/' $T/kprobe_events; }
foreign() { grep -v ':kprobed/' $T/kprobe_events; }
main_pid() { systemctl show -p MainPID --value kprobed; }
restarted() { # by systemd, after process $1
    [ "$(main_pid)" != "$1" ] && [ "$(main_pid)" != 0 ] && systemctl is-active -q kprobed
}
running() { # what the journal says, if it is not
    systemctl is-active -q kprobed || journalctl -u kprobed --no-pager 2>&1 | tail -n 40
}
all_are() { [ "$(states)" = "$1" ]; }

# Others' probes, which stay as they are; one is the twin that the kernel's own trace file shows.
echo 4096 > $T/buffer_size_kb
echo 'p:oracle/p do_sys_openat2 a1=%di:x64 a2=%si:x64 s=+0(%si):ustring' >> $T/kprobe_events
echo 'p:someone/else vfs_read' >> $T/kprobe_events
foreign > /tmp/foreign
useradd -m outside
useradd -m -G kprobed inside

# ---- installed ------------------------------------------------------------------------------------
is 'the package enables the service' enabled "$(systemctl is-enabled kprobed)"
is '... and leaves the start to the user' inactive "$(systemctl is-active kprobed)"
ends 'not running: status 4, the systemctl line' 4 'systemctl start kprobed' kprobectl add 'p vfs_read'
ends 'not running, a member of the group: the same' 4 'systemctl start kprobed' user inside kprobectl list
systemctl cat kprobed > /dev/null || fail 'the unit is there'

# ---- the three lines ------------------------------------------------------------------------------
check 'systemctl start kprobed' systemctl start kprobed
running
is 'the folder is for the group' '750 root kprobed' "$(stat -c '%a %U %G' /run/kprobed)"
is 'the socket is for the group' '660 root kprobed' "$(stat -c '%a %U %G' $SOCKET)"
ends 'add do_sys_open: done, and says which function does its work' 0 do_sys_openat2 \
    kprobectl add 'p do_sys_open a1 a2'
ends 'add do_sys_openat2: done' 0 do_sys_openat2 kprobectl add 'p do_sys_openat2 a1 a2 path=a2:ustring'
is 'two probes' 'do_sys_open do_sys_openat2' "$(kprobectl list -o names | sort | paste -sd' ' -)"
is 'two lines in the kernel' 2 "$(ours)"

kprobectl stream > /out/all.jsonl 2> /out/all.err &
ALL=$!
kprobectl stream do_sys_openat2 > /out/one.jsonl 2> /out/one.err &
ONE=$!
echo '{"id":1,"method":"subscribe"}' | nc -U $SOCKET > /out/nc.jsonl 2> /out/nc.err &
NC=$!
check 'three clients are subscribed' until_true 60 subscribed 3
echo 1 > $T/events/oracle/enable
puppet spread $N /service/first/
echo 0 > $T/events/oracle/enable
for client in all one nc; do
    check "$client: the last call arrives" until_true 60 has "/service/first/$((N - 1))\"" /out/$client.jsonl
    is "$client: each call once" $N "$(grep -c '"path":"/service/first/' /out/$client.jsonl)"
done
cp $T/trace /out/trace
kill $ALL $ONE $NC
wait $ALL
is 'stream: SIGTERM ends it with status 0' 0 $?
wait $ONE $NC
check 'nobody is subscribed any more' until_true 60 subscribed 0

# ---- examples, as a member of the group -------------------------------------------------------------
# A probe that only the puppet hits: a client that ends after so many events must not end before its time.
echo 'p __x64_sys_dup3' > /tmp/dup3
check 'apply' kprobectl apply /tmp/dup3
is 'apply: this probe and no other' __x64_sys_dup3 "$(kprobectl list -o names)"
for example in "python3 $EXAMPLES/client.py" "bash $EXAMPLES/client.sh" example_client; do
    name=${example##*/}
    # shellcheck disable=SC2086 # a command and its argument
    user inside $example 3 > "/out/$name.out" 2> "/out/$name.err" &
    EXAMPLE=$!
    check "example $name subscribes" until_true 60 subscribed 1
    puppet dup3 5
    if ! until_true 60 test ! -d /proc/$EXAMPLE; then kill $EXAMPLE; fi
    wait $EXAMPLE
    is "example $name: status 0" 0 $?
    is "example $name: three events" 3 "$(grep -c __x64_sys_dup3 "/out/$name.out")"
    cat "/out/$name.err"
done

# ---- users ----------------------------------------------------------------------------------------
for command in list stream status "add 'p vfs_read'"; do
    ends "outside the group: $command: status 3, the usermod line" 3 'usermod -aG kprobed' \
        runuser -u outside -- sh -c "kprobectl $command"
done
ends 'inside: list' 0 __x64_sys_dup3 user inside kprobectl list
ends 'inside: status' 0 __x64_sys_dup3 user inside kprobectl status
ends 'inside: check' 0 do_sys_openat2 user inside kprobectl check 'p do_sys_openat2 a1'
user inside kprobectl stream -n 1 > /tmp/inside.jsonl 2>&1 &
INSIDE=$!
until_true 60 subscribed 1
puppet dup3 3
wait $INSIDE
is 'inside: stream -n 1 ends with status 0' 0 $?
check 'inside: stream shows an event' has '"type":"event"' /tmp/inside.jsonl
cp $T/kprobe_events /tmp/before_refusals
for command in "add 'p vfs_write'" 'remove --all' 'disable __x64_sys_dup3' 'enable --all' 'apply /dev/null'; do
    ends "inside: $command: refused, status 3" 3 . runuser -u inside -- sh -c "kprobectl $command"
done
check '... and nothing has changed' cmp $T/kprobe_events /tmp/before_refusals
is '... in the daemon either' '1 armed' "$(states)"

# ---- reload, stop, start -----------------------------------------------------------------------------
PID=$(main_pid)
check 'reload' systemctl reload kprobed
is 'reload keeps the process' "$PID" "$(main_pid)"
is '... and the probes' '1 armed' "$(states)"
ends 'reload: members can still connect' 0 __x64_sys_dup3 user inside kprobectl list
check 'stop' systemctl stop kprobed
is 'stop: succeeded' success "$(systemctl show -p Result --value kprobed)"
check "stop: only others' probes are left" cmp $T/kprobe_events /tmp/foreign
check 'stop: no group is left' test ! -d $T/events/kprobed
ends 'stopped: status 4, the systemctl line' 4 'systemctl start kprobed' kprobectl list
ends 'stopped, a member: the same' 4 'systemctl start kprobed' user inside kprobectl list
check 'start' systemctl start kprobed
is 'start: stopped is forgotten' '' "$(kprobectl list -o names)"
check 'start: also in the kernel' cmp $T/kprobe_events /tmp/foreign

# ---- kill -9 --------------------------------------------------------------------------------------
check 'add' kprobectl add 'p do_sys_openat2 a1 a2:ustring' 'r __x64_sys_dup3 rv:s32'
STREAM=$(ask '{"id":1,"method":"status"}' | jq -r .result.stream)
kprobectl stream > /tmp/orphan.jsonl 2> /tmp/orphan.err &
ORPHAN=$!
until_true 60 subscribed 1
PID=$(main_pid)
kill -9 "$PID"
wait $ORPHAN
is 'killed: the client ends with status 1' 1 $?
check 'killed: the client says so' has kprobed /tmp/orphan.err
check 'killed: systemd starts it again' until_true 120 restarted "$PID"
running
check 'killed: the probes come back' until_true 60 all_are '2 armed'
is 'killed: under their names' '__x64_sys_dup3_ret do_sys_openat2' \
    "$(kprobectl list -o names | LC_ALL=C sort | paste -sd' ' -)"
is 'killed: no leftovers' 2 "$(ours)"
foreign > /tmp/foreign_now
check "killed: others' probes are untouched" cmp /tmp/foreign_now /tmp/foreign

# The third crash within two minutes: one of the probes may be the cause.
for crash in second third; do
    PID=$(main_pid)
    kill -9 "$PID"
    check "$crash kill: systemd starts it again" until_true 120 restarted "$PID"
done
check 'third crash in two minutes: the probes are held back' until_true 60 all_are '2 held'
is 'third crash: none is in the kernel' 0 "$(ours)"
ends 'third crash: status says so' 0 held kprobectl status
check 'enable --all' kprobectl enable --all
is 'enable --all: armed again' '2 armed' "$(states)"
is '... in the kernel too' 2 "$(ours)"

# Who resumes an older stream is told.
kprobectl stream --all -n 1 --resume "$STREAM:1" '*_ret' > /tmp/resumed.jsonl 2>&1 &
RESUMED=$!
until_true 60 subscribed 1
puppet dup3 3
wait $RESUMED
is 'a resumed stream goes on, status 0' 0 $?
check '... and shows the gap' has '"type":"gap".*"reason":"restart"' /tmp/resumed.jsonl
check '... and events' has '"rv":-' /tmp/resumed.jsonl

# ---- without the group, and away -----------------------------------------------------------------
systemctl stop kprobed
systemctl reset-failed kprobed
gpasswd -d inside kprobed > /dev/null
groupdel kprobed
check 'without the group it starts' systemctl start kprobed
running
ends '... for root' 0 . kprobectl status
ends '... and says what is missing' 0 kprobed sh -c 'journalctl -u kprobed | grep -i group'
kprobectl add 'p do_sys_openat2 a3' > /dev/null 2>&1
check 'purge while it runs' dpkg -P kprobed
is 'purge: it has ended' '' "$(pidof kprobed)"
check "purge: only others' probes are left" cmp $T/kprobe_events /tmp/foreign
is 'purge: no file is left' '' "$(find / -xdev -name '*kprobe[cd]*' ! -path '/proc/*' ! -path '/out/*' ! -path '/tmp/*' ! -path '/test/*' \
    ! -path '/.vm/*' ! -path '/usr/lib/modules/*' ! -path '/var/log/*' 2>/dev/null)"
check 'purge: nor the folder of the socket' test ! -e /run/kprobed
summary
