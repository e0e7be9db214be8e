# SPDX-License-Identifier: Apache-2.0
# Guest script of capture-fixtures: what this kernel's kprobe interface says, word for word, in /out.
set -e
. /test/refuse.sh
taken_back() { echo '-:fix/e' >>kprobe_events; }
cd /sys/kernel/tracing
mkdir -p /out/format
cp README /out/README
uname -a >/out/uname

# Each definition as written, in the order written; the event names are the fixtures' names.
cat >/out/definitions <<'END'
p:fix/x64x3 do_sys_openat2 dfd=$arg1:x64 filename=$arg2:x64 how=$arg3:x64
p:fix/mixed do_sys_openat2 small=$arg1:u8 wide=$arg3:u64 dfd=$arg1:s32 kstr=+0(@saved_command_line):string path=+0($arg2):ustring
r:fix/ret do_sys_openat2 rv=$retval:s64
r7:fix/ret_maxactive do_sys_openat2 rv=$retval:s32
p:fix/bare vfs_read
p:fix/default_names vfs_read %di %si
p:fix/array vfs_read words=+0($stack):x64[4] bytes=+0($stack):u8[3] tail=%dx:u64
p:fix/string_array vfs_open names=@envp_init:string[2]
p:fix/bitfield vfs_read low=%dx:b4@0/32 high=%dx:b8@8/64 n=%dx:u64
p:fix/symbol vfs_read caller=+0($stack):symbol
p:fix/extras vfs_read comm=$comm imm=\77:u32 sp=$stack text=\"fixed":string
p:fix/multi vfs_read count=$arg3:u64
p:fix/multi vfs_write count=$arg3:u64
p:fix/deferred dummy:dummy_xmit skb=%di:x64
END
while IFS= read -r line; do
    printf '%s\n' "$line" >>kprobe_events
done </out/definitions

for event in events/fix/*/; do
    cp "${event}format" "/out/format/$(basename "$event")"
done

modprobe dummy
echo 1 >events/fix/enable
ip link set dummy0 up
for path in /test /etc/passwd /no/such/file; do cat "$path" >/dev/null 2>&1 || true; done
echo 0 >events/fix/enable
cp kprobe_events /out/kprobe_events
cp kprobe_profile /out/kprobe_profile
# ftrace's own rendering of the first hits, to compare a decoder's text with.
head -n 60 trace >/out/trace

# ---- refusals -----------------------------------------------------------------------------------
# Lower case t: a static function; a name that stands there more than once is not unique.
twice=$(awk 'tolower($2) == "t" { n[$3]++ } END { for (s in n) if (n[s] > 1) print s }' \
    /proc/kallsyms | grep -E '^[a-z_]+$' | sort | head -n 1)

refuse 'unknown symbol' 'p:fix/e no_such_symbol'
refuse 'unknown symbol of a module' 'p:fix/e dummy:no_such_symbol'
refuse 'symbol that is not unique' "p:fix/e $twice"
refuse 'not an instruction boundary' 'p:fix/e vfs_read+1'
refuse 'notrace function' 'p:fix/e sched_clock'
refuse 'blacklisted function' 'p:fix/e notify_die'
refuse 'return probe away from the entry' 'r:fix/e vfs_read+9'
refuse 'return probe behind ENDBR' 'r:fix/e vfs_read+4'
refuse 'maxactive too big' 'r9999:fix/e vfs_read'
refuse 'bad register' 'p:fix/e vfs_read a=%nosuch'
refuse 'bad type' 'p:fix/e vfs_read a=%di:u7'
refuse 'retval on an entry probe' 'p:fix/e vfs_read a=$retval'
refuse 'argument number out of range' 'p:fix/e vfs_read a=$arg0'
refuse 'argument away from the entry' 'p:fix/e vfs_read+9 a=$arg1'
refuse 'argument of an unloaded module' 'p:fix/e no_such_module:function a=$arg1'
refuse 'unknown variable' 'p:fix/e vfs_read a=$nothing'
refuse 'bad stack number' 'p:fix/e vfs_read a=$stack99999'
refuse 'dereference without brace' 'p:fix/e vfs_read a=+8(%di'
refuse 'dereference with bad offset' 'p:fix/e vfs_read a=+x(%di)'
refuse 'string of a register' 'p:fix/e vfs_read a=%di:string'
refuse 'array too big' 'p:fix/e vfs_read a=+0(%di):x64[65]'
refuse 'array not closed' 'p:fix/e vfs_read a=+0(%di):x64[4'
refuse 'bad bitfield' 'p:fix/e vfs_read a=%di:b40@0/32'
refuse 'argument name of 33 characters' 'p:fix/e vfs_read abcdefghijklmnopqrstuvwxyz0123456=%di'
refuse 'argument name that is no identifier' 'p:fix/e vfs_read 1a=%di'
refuse 'argument name used twice' 'p:fix/e vfs_read a=%di a=%si'
refuse 'reserved argument name' 'p:fix/e vfs_read common_pid=%di'
refuse 'argument without expression' 'p:fix/e vfs_read a='
refuse 'argument of 64 bytes' 'p:fix/e vfs_read a=+1111111111(+1111111111(+1111111111(+1111111111(+1111111(%di)))))'
refuse 'bad group name' 'p:fix.x-1+/e vfs_read'
refuse 'bad event name' 'p:fix/e-1 vfs_read'
refuse 'event name of 65 characters' \
    'p:fix/abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz012 vfs_read'
refuse 'the same probe again' 'p:fix/bare vfs_read'
refuse 'event exists with other arguments' 'p:fix/ret do_sys_openat2 a=%di'
refuse 'event exists with other types' 'p:fix/multi vfs_open count=$arg3:u32'
refuse 'unknown command letter' 'x:fix/e vfs_read'
refuse 'delete of an unknown event' '-:fix/nothing'
echo 1 >events/fix/bare/enable
refuse 'delete of an event in use' '-:fix/bare'
echo 0 >events/fix/bare/enable

# ---- symbols ------------------------------------------------------------------------------------
# The functions the tests name, with a neighbour on either side, the marks of the text sections, and
# one module. Boots with nokaslr, so that the addresses are those of the package's System.map.
grep -E -B 1 -A 1 ' (do_sys_open|__(x64|ia32)_sys_open|vfs_|kernel_clone)' /proc/kallsyms >/tmp/k
grep -E " (_stext|_etext|_text|_sinittext|_einittext|$twice)\$|\[dummy\]" /proc/kallsyms >>/tmp/k
grep -v '^--' /tmp/k | sort -u >/out/kallsyms
modprobe -r dummy || true
echo '-:fix/deferred' >>kprobe_events
echo >kprobe_events
