# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Checks for a guest script: `. /lib/guest.sh`, any number of checks, and `summary` as last line.
#
#   check DESC CMD...    run CMD; its success is the check, its output is shown if it fails
#   ok DESC              a check that the script made itself, passed
#   fail DESC            ... or failed
#   is DESC WANT GOT     two strings are equal
#   until_true SECONDS CMD...   wait for CMD to succeed; no sleeps of guessed length
#   summary              print the count; its status is the script's status
#
# For tests that are tables (language.sh, arch.sh):
#
#   can TEXT             does this kernel's README have the text, or is there such a /file? "-" asks
#                        for nothing
#   told SPEC            what `kprobectl check` says of SPEC, as a line of /out/refused.jsonl
#   armed_or_dead FILE   has the `kprobectl run` with pid $RUN said in FILE that all is armed, or ended?
#
# For tests of the daemon:
#
#   start | stop         it, as a child of ours: $DAEMON, /tmp/kprobed.log
#   state NAME           the state of a probe; state_is NAME WORD
#   number NAME FIELD    a number of a probe out of `kprobectl status`; "" where it is left out
#   many_functions N     N functions that this kernel probes, one a line
#   now_ms               since boot
#
# The output is TAP, readable as it is.

_checks=0
_failures=0

check() {
    _desc=$1
    shift
    if _said=$("$@" 2>&1); then
        ok "$_desc"
    else
        fail "$_desc" "'$*' ended with status $?" "$_said"
    fi
}

ok() {
    _checks=$((_checks + 1))
    echo "ok $_checks - $1"
}

fail() {
    _checks=$((_checks + 1))
    _failures=$((_failures + 1))
    echo "not ok $_checks - $1"
    shift
    for _detail in "$@"; do
        [ -z "$_detail" ] || printf '%s\n' "$_detail" | sed 's/^/#   /'
    done
    return 0
}

is() {
    if [ "$2" = "$3" ]; then
        ok "$1"
    else
        fail "$1" "wanted: $2" "got:    $3"
    fi
}

until_true() {
    _limit=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -lt "$_limit" ] || return 1
        sleep 0.1
    done
}

can() {
    case $1 in
    -) true ;;
    /*) [ -e "$1" ] ;;
    *) grep -qF -e "$1" /sys/kernel/tracing/README ;;
    esac
}

told() {
    kprobectl check -o json "$1" 2> /dev/null | tr '\n' ' ' >> /out/refused.jsonl
    echo >> /out/refused.jsonl
}

start() {
    kprobed > /tmp/kprobed.log 2>&1 &
    DAEMON=$!
    until_true 30 kprobectl list > /dev/null 2>&1 || fail "the daemon starts" "$(cat /tmp/kprobed.log)"
}

stop() {
    kill -TERM "$DAEMON"
    wait "$DAEMON"
}

_probe() { kprobectl "$1" -o json | sed 's/{"name"/\n&/g' | grep "^{\"name\":\"$2\""; }

state() { _probe list "$1" | sed -n 's/.*"state":"\([a-z]*\)".*/\1/p'; }

state_is() { [ "$(state "$1")" = "$2" ]; }

number() { _probe status "$1" | sed -n "s/.*\"$2\":\([0-9]*\).*/\1/p"; }

# What ftrace may stop in is not refused, unless there are several of that name.
many_functions() {
    awk 'NR == FNR { ++seen[$3]; next } NF == 1 && seen[$1] == 1' /proc/kallsyms \
        /sys/kernel/tracing/available_filter_functions |
        grep -E '^(ext4|vfs|tcp|ip|udp|inet|xfrm|bio|kernfs|sysfs|proc|security)_[a-z0-9_]*$' | sort | head -n "$1"
}

now_ms() { awk '{printf "%d", $1 * 1000}' /proc/uptime; }

armed_or_dead() { grep -q ' armed on ' "$1" || ! kill -0 "$RUN" 2> /dev/null; }

summary() {
    echo "1..$_checks"
    if [ "$_failures" -eq 0 ]; then
        echo "# all $_checks checks passed"
    else
        echo "# $_failures of $_checks checks FAILED"
    fi
    [ "$_failures" -eq 0 ] && [ "$_checks" -gt 0 ]
}
