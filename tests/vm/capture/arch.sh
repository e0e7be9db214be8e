# SPDX-License-Identifier: Apache-2.0
# Guest script of capture-fixtures --arch: some rows of scripts/arch/table.py as raw records, in /out.
set -e
ifconfig lo up
mkdir -p /out
returns=yes
echo 'r:trial/returns vfs_read' >> /sys/kernel/tracing/kprobe_events 2> /dev/null || returns=
[ -z "$returns" ] || echo '-:trial/returns' >> /sys/kernel/tracing/kprobe_events
set -- 'p:words do_sys_openat2 a1:int a2:ustring low=a1:u8' \
    'p:nine ip_append_data a5:int a6:int a9:x32 b=a9:u16' \
    'p:length do_sys_ftruncate a1:int a2:s64' \
    'p:allocate vfs_fallocate a1:ptr a2:int a3:s64 a4:s64' \
    'p:seek shmem_file_llseek a2:x64 a3:int' \
    'p:call dup3 a1:int a2:int a3:x32 w=a3:x16'
[ -z "$returns" ] || set -- "$@" 'r:opened do_sys_openat2 rv:int wide=rv:long' 'r:sought shmem_file_llseek rv:s64'
capture_kprobes /out "$@" -- puppet known abi
uname -a > /out/uname
