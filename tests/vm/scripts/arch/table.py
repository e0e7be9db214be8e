# SPDX-License-Identifier: Apache-2.0
"""What is asked of every architecture, and what must arrive: puppet_abi.c makes the calls. There is one list: where
a kernel cannot do a row, `needs` says what it lacks, and then its refusal and ours are what the row asserts."""
from language.row import ANY, EMPTY, HEX, Like, Row, event

# What the guest finds out by asking the kernel (arch.sh).
RETURNS = "returns"  # takes a return probe at a function's entry
BTF = "/sys/kernel/btf/vmlinux"
DATA = "data"        # tells where variables are (CONFIG_KALLSYMS_ALL)
NO_RETURNS = ("unsupported", "this kernel takes no return probes")
NO_BTF = ("unsupported", "this kernel has no BTF")
REFUSALS = {RETURNS: NO_RETURNS, BTF: NO_BTF, DATA: ("symbol_not_found", "no symbol 'linux_banner'")}

S64_MIN = -2**63
PROGRAM = "/usr/bin/puppet"


def hex64(value):
    return hex(value & (2**64 - 1))


ABI = [
    # Words of 32 bits in registers, negative ones, texts in user memory.
    Row("p:words do_sys_openat2 a1:int a2:ustring low=a1:u8",
        [event(a1=-100, a2="/puppet/openat", low=156), event(a1=-5, a2=EMPTY, low=251),
         event(a1=-100, a2="/tmp/puppet-file", low=156)]),
    # Six arguments: beyond the registers of i386 (three), armhf (four) and s390x (five).
    Row("p:six vm_mmap_pgoff a2:ptr a3:ulong a4:int a5:x32 a6:ulong n=a4:s8",
        [event(a2="0x20000000", a3=0x30000, a4=1, a5="0x12", a6=5, n=1)]),
    # Nine: beyond the eight of arm64, ppc64el, riscv64 and mips64el. 37 bytes and a header of 8, MSG_MORE.
    Row("p:nine ip_append_data a5:int a6:int a9:x32 b=a9:u16 $comm",
        [event(a5=45, a6=8, a9="0x8000", b=0x8000, arg5="puppet")]),
    # 64 bits: pairs of registers and of stack words where a word has 32, aligned or not.
    Row("p:length do_sys_ftruncate a1:int a2:s64",
        [event(a1=-7, a2=-5000000000), event(a1=-8, a2=S64_MIN)]),
    Row("p:truncate vfs_truncate a1:ptr a2:x64", [event(a1=HEX, a2="0x123456789abcdef")]),
    Row("p:allocate vfs_fallocate a1:ptr a2:int a3:s64 a4:s64",
        [event(a1=HEX, a2=0x12345, a3=-6000000000, a4=S64_MIN + 5)]),
    Row("p:advise generic_fadvise a1:ptr a2:x64 a3:s64 a4:int",
        [event(a1=HEX, a2="0x1122334455667788", a3=-0x0102030405060708, a4=3)]),
    Row("p:synchronize sync_file_range a1:ptr a2:s64 a3:s64 a4:x32",
        [event(a1=HEX, a2=-9000000000, a3=0x7fffffff00000001, a4="0x80000007")]),
    Row("p:seek shmem_file_llseek a1:ptr a2:s64 a3:int",
        [event(a1=HEX, a2=0x123456789a, a3=0), event(a1=HEX, a2=-3, a3=2)]),
    # A signed word of the machine, text and a byte in the kernel's memory.
    Row("p:nice set_user_nice a2:long", [event(a2=-7)]),
    Row("p:rename __set_task_comm a2:string a3:bool", [event(a2="renamed-puppet", a3=False)]),
    Row("p:global ip_append_data banner=@linux_banner:string{13} $comm",
        [event(banner="Linux version", arg2="puppet")], needs=DATA),
    # Stack and registers: the twin in the kernel's trace says the same.
    Row("p:stack ip_append_data s0 s1 s2 sp=$stack", [event(s0=HEX, s1=HEX, s2=HEX, sp=HEX)]),
    # System calls by name, wherever this machine has their arguments.
    Row("p:call dup3 a1:int a2:int a3:x32",
        [event(a1=-1 - i, a2=i, a3=hex(0x80000 | i)) for i in range(3)]),
    Row("p:named dup3 oldfd newfd flags",
        [event(oldfd=2**32 - 1 - i, newfd=i, flags=0x80000 | i) for i in range(3)]),
    Row("p:filename openat dfd filename",
        [event(dfd=-100, filename="/puppet/openat"), event(dfd=-5, filename=EMPTY),
         event(dfd=-100, filename="/tmp/puppet-file")]),
    # What comes back: words, 64 bits, and to whom.
    Row("r:opened do_sys_openat2 rv:int wide=rv:long",
        [event(rv=-2, wide=-2), event(rv=-2, wide=-2), event(rv=3, wide=3)], needs=RETURNS),
    Row("r:sought shmem_file_llseek rv:s64 hex=rv:x64",
        [event(rv=0x123456789a, hex="0x123456789a"), event(rv=-22, hex=hex64(-22))], needs=RETURNS),
    # Without a twin: of two return probes on one function the first sees the trampoline of the other.
    Row("r:caller vfs_fallocate rp:symbol",
        [event(rp=Like(r"\w*sys_\w*fallocate\w*\+0x[0-9a-f]+/0x[0-9a-f]+"))], needs=RETURNS),
    # Names out of BTF, and a structure of two words passed by value.
    Row("p:names do_sys_openat2 dfd filename:ustring how->mode how->resolve:u8",
        [event(dfd=-100, filename="/puppet/openat", mode=0, resolve=0), event(dfd=-5, filename=EMPTY, mode=0, resolve=0),
         event(dfd=-100, filename="/tmp/puppet-file", mode=0o600, resolve=0)], needs=BTF),
    Row("p:byvalue ip_setsockopt level optname optlen", [event(level=0, optname=2, optlen=4)], needs=BTF),
]

# puppet_calls.c, user_calls: a program's function, called as the ABI says.
USER = [
    Row(f"p:eight {PROGRAM}:puppet_eight a1:int a2:u32 a3:s64 a4:u64 a5:string a7:s64 a8:u16",
        [event(a1=-5, a2=4000000000, a3=S64_MIN, a4=2**64 - 1, a5="plain text", a7=-6000000000, a8=65535),
         event(a1=0, a2=0, a3=2**63 - 1, a4=1, a5="\u00e9t\u00e9", a7=6, a8=7)]),
    Row(f"r:doubled {PROGRAM}:puppet_eight rv:int", [event(rv=-10), event(rv=0)]),
]

# arch.sh, on a module that comes after the probe: arguments by number, where the kernel knows no $argN.
MODULE = [
    Row("p:carrier dummy:dummy_change_carrier a2:bool", [event(a2=False), event(a2=True)]),
]

# Hit by the loader too, before the puppet begins: its calls are the last.
AT_THE_END = {"six"}

ALL = ABI + USER + MODULE
