# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Guest script of capture-fixtures: the grammar of this kernel, in /out. `refusals` has every line of
# scripts/parity_rows.py, taken or refused; the rest is how probes other than kprobes are listed and laid out.
set -e
. /test/refuse.sh
taken_back() {
    sed -n 's/^[a-z][0-9]*:\([a-z]*\/[^ ]*\) .*/-:\1/p' dynamic_events >/tmp/away
    while read -r line; do echo "$line" >>dynamic_events; done </tmp/away
}
cd /sys/kernel/tracing
mkdir -p /out/format
uname -a >/out/uname
modprobe dummy

# The file that takes such a line.
file_of() {
    case $1 in
    [ft]*) echo dynamic_events ;;
    *" /"*) echo uprobe_events ;;
    *) echo kprobe_events ;;
    esac
}

number=0
while IFS= read -r line; do
    number=$((number + 1))
    refuse "line $number" "$line" "$(file_of "$line")" >/dev/null
done </test/parity/lines

# Each definition as written, in the order written; f and t only where the kernel has them.
grep -qF 'f[:' README && known='[prft]' || known='[pr]'
grep "^$known" >/out/definitions <<'END'
p:fix/user /usr/bin/puppet:0x2020 a=%di:s32 text=+0(%r8):ustring bytes=+0(%r8):u8[3] from=$stack0:x64
r:fix/user_ret /usr/bin/puppet:0x2020 rv=$retval:s32
p:fix/user_counted /usr/bin/puppet:0x2030(0x10) a=%di:x32
f:fix/entry do_sys_openat2 dfd=$arg1:s32 path=+0($arg2):ustring
f:fix/exit do_sys_openat2%return rv=$retval:s32
t:fix/raw sched_process_exit task=$arg1:x64
END
while IFS= read -r line; do
    printf '%s\n' "$line" >>"$(file_of "$line")"
done </out/definitions
for event in events/fix/*/; do
    cp "${event}format" "/out/format/$(basename "$event")"
done
cp dynamic_events /out/dynamic_events
cp uprobe_events /out/uprobe_events
taken_back
[ ! -s dynamic_events ]
