# SPDX-License-Identifier: Apache-2.0
# Guest script of capture-fixtures: the records of known calls with known arguments, in /out.
set -e
capture_kprobes /out \
    'p do_sys_openat2 a1 a2 s=+0(%si):ustring a3:s32' \
    'r do_sys_openat2 rv rp rv32=$retval:s32' \
    -- puppet open 3 /fixture/

# The user's registers are in memory, where struct pt_regs has them: as numbers, then as texts. Those
# of di (-1, -2, -3) are no UTF-8 and no address, that of si begins empty, that of cx is code.
capture_kprobes /out \
    'p __x64_sys_dup3 di=+112(%di):s32 si=+104(%di):s16 dx=+96(%di):u8 x=+96(%di):x16 w=+96(%di):x32 c=$comm' \
    'p __x64_sys_dup3 s=+0(+0(%di)):string e=+0($stack):x8' \
    'p __x64_sys_dup3 fault=+0(+112(%di)):string empty=+104(%di):string raw=+112(%di):string code=+0(+88(%di)):ustring' \
    -- puppet dup3 3
uname -a >/out/uname
