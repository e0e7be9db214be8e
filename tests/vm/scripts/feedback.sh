# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Probes on what kprobed, its clients and the pipelines behind them do themselves: they settle.
. /lib/guest.sh
T=/sys/kernel/tracing
SECONDS_EACH=${SECONDS_EACH:-8}
# CPU time of the daemon and of the client's pipeline, in ms.
cpu_ms() {
    for p in "$DAEMON" $(pidof kprobectl) $(pidof cat); do
        cat "/proc/$p/task/"*/schedstat 2> /dev/null
    done | awk '{ n += $1 } END { printf "%d", n / 1000000 }'
}
excluded() { kprobectl status -o json | sed -n 's/.*"events_excluded":\([0-9]*\).*/\1/p'; }

start
for function in unix_stream_sendmsg vfs_write do_sys_openat2 do_epoll_wait ep_poll do_sys_poll; do
    grep -q " $function\$" /proc/kallsyms || continue
    kprobectl add "p:own $function" > /tmp/add 2>&1 || { fail "$function" "$(cat /tmp/add)"; continue; }
    # A terminal's pipeline: who reads what the client writes.
    (kprobectl stream -o json | cat | cat > /tmp/stream) 2> /tmp/stream.err & PIPELINE=$!
    until_true 10 sh -c 'kprobectl status -o json | grep -q "\"subscribed\":true"'
    sleep 2
    before=$(cpu_ms) lines=$(wc -l < /tmp/stream) size=$(wc -c < /tmp/stream)
    sleep "$SECONDS_EACH"
    after=$(cpu_ms) more=$(($(wc -l < /tmp/stream) - lines))
    spent=$(((after - before) * 100 / (SECONDS_EACH * 1000)))
    echo "# $function: $spent % of a CPU, $more lines in $SECONDS_EACH s, $(excluded) excluded"
    # An idle guest: what is left are this script's own commands.
    check "$function settles" test "$spent" -le 25
    check "... and the stream does not feed itself" test "$more" -le 1500
    PIDS=$(pidof cat | tr ' ' '|')
    is "... none of the pipeline's" 0 "$(grep -cE "\"pid\":($PIDS)," /tmp/stream)"
    is "... nor of the client's own" 0 "$(tail -c +$((size + 1)) /tmp/stream | grep '"comm":"kprobectl"' | grep -c "\"pid\":$(pidof kprobectl | cut -d' ' -f1),")"
    kprobectl remove own > /dev/null
    kill -INT "$(pidof kprobectl | cut -d' ' -f1)"
    wait $PIPELINE
done
check "what kprobed itself caused was counted" test "$(excluded)" -gt 0
stop
is "nothing is left" "" "$(cat $T/kprobe_events)"
summary
