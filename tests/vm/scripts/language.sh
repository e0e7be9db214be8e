# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Every production of the language on this kernel: language_stage.py has written the tables that are armed here,
# batch by batch, while the puppet makes its known calls; language.py judges what came of it, and of the twins in
# the kernel's trace.
. /lib/guest.sh
T=/sys/kernel/tracing
STAGED=/test/language
TAB=$(printf '\t')

mkdir -p /out
cp $T/README /out/README
uname -r > /out/release
modprobe dummy
find /sys/kernel/btf -type f > /out/files
echo 16384 > $T/buffer_size_kb
: > /out/refused.jsonl

add_twins() {
    while IFS=$TAB read -r needs line; do
        can "$needs" || continue
        file=kprobe_events
        case $line in *" /"*) file=uprobe_events ;; esac
        printf '%s\n' "$line" >> $T/$file || fail "the kernel takes: $line" "$(cat $T/error_log)"
    done < "$STAGED/$1.twins"
    echo > $T/trace
    [ ! -d $T/events/oracle ] || echo 1 > $T/events/oracle/enable
}

remove_twins() {
    [ ! -d $T/events/oracle ] || echo 0 > $T/events/oracle/enable
    for file in kprobe_events uprobe_events; do
        sed -n 's/^[pr][0-9]*:\(oracle\/[^ ]*\).*/-:\1/p' $T/$file > /tmp/away
        while read -r line; do echo "$line" >> $T/$file; done < /tmp/away
    done
}

# arm BATCH SPECS: the specs of a file; RUN is the process that streams.
arm() {
    kprobectl run --all -f "$2" > "/out/$1.jsonl" 2> "/out/$1.err" &
    RUN=$!
    until_true 90 armed_or_dead "/out/$1.err"
    grep -q ' armed on ' "/out/$1.err"
}

# One bad row must not hide the others: those that `check` refuses are left out, and fail.
keep_good_rows() {
    : > /tmp/good
    while IFS= read -r spec; do
        if kprobectl check "$spec" > /dev/null 2> /tmp/err; then
            printf '%s\n' "$spec" >> /tmp/good
        else
            fail "refused: $spec" "$(cat /tmp/err)"
        fi
    done < "$1"
}

batch() {
    : > /tmp/specs
    while IFS=$TAB read -r needs spec; do
        if can "$needs"; then
            printf '%s\n' "$spec" >> /tmp/specs
        else
            told "$spec"
        fi
    done < "$STAGED/$1.rows"
    add_twins "$1"
    if ! arm "$1" /tmp/specs; then
        keep_good_rows /tmp/specs
        arm "$1" /tmp/good || fail "$1 is armed" "$(cat "/out/$1.err")"
    fi
    cp $T/dynamic_events "/out/$1.lines"
    # shellcheck disable=SC2086
    $2 &
    PUPPET=$!
    wait $PUPPET
    echo $PUPPET > "/out/$1.pid"
    kill -INT "$RUN"
    wait "$RUN"
    is "$1: status 0" 0 $?
    cp $T/trace "/out/$1.trace"
    remove_twins
    is "$1: nothing left" "" "$(cat $T/dynamic_events)"
}

while IFS=$TAB read -r name command; do batch "$name" "$command"; done < $STAGED/batches
while IFS= read -r spec; do told "$spec"; done < $STAGED/refused
summary
