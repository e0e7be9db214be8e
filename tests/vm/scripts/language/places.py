# SPDX-License-Identifier: Apache-2.0
"""Where a probe can stand (system calls, patterns, duplicates, programs, tracepoints), conditions,
and what must be refused."""
from .row import ANY, EMPTY, TRACEPOINT_PROBES, Batch, Like, OfLine, Refused, Row, event
from .words import ALL, DFD, FLAGS, LONG, O_PATH, PATH, RESULT, TEXT, TOP

# The ninth call fails before do_sys_openat2: its `how` cannot be read.
CALL_DFD = DFD + [9]
CALL_TEXT = TEXT + ["/puppet/badhow"]
CALL_RESULT = RESULT + [-14]
CALL = "__x64_sys_openat2"


def of_calls(make):
    return [event(_symbol=CALL, **make(i)) for i in range(len(CALL_DFD))]


def where(keep, make):
    """Of the calls that reach do_sys_openat2, those that a condition lets through."""
    return [event(**make(i)) for i in range(len(DFD)) if keep(i)]


CALLS = Batch("calls", "puppet known openat2", [
    Row("p:l/named sys_openat2 dfd filename usize",
        of_calls(lambda i: {"dfd": CALL_DFD[i], "filename": CALL_TEXT[i], "usize": 24})),
    Row("p:l/bare openat2 a1:int a2:ustring a4:u64 $arg2",
        of_calls(lambda i: {"a1": CALL_DFD[i], "a2": CALL_TEXT[i], "a4": 24,
                            "arg4": Like("0x[0-9a-f]+")})),
    Row("p:l/every openat2 $args",
        of_calls(lambda i: {"dfd": CALL_DFD[i], "filename": CALL_TEXT[i], "how": ANY, "usize": 24})),
    Row("p:l/field openat2 how->flags",
        of_calls(lambda i: {"flags": (FLAGS + [0])[i]})),
    Row("r:l/result sys_openat2 rv:int", of_calls(lambda i: {"rv": CALL_RESULT[i]})),
    # The wrapper itself: its argument points to the caller's registers.
    Row("p:l/wrapper __x64_sys_openat2 dfd=+112(%di):s32 size=+56(%di):u64 path=+0(+104(%di)):ustring",
        of_calls(lambda i: {"dfd": CALL_DFD[i], "size": 24, "path": CALL_TEXT[i]}),
        twin="same"),
])

CONDITIONS = Batch("conditions", "puppet known openat2", [
    Row('p:l/both do_sys_openat2 dfd if dfd >= 0 && comm ~ "pup*"',
        where(lambda i: DFD[i] >= 0, lambda i: {"dfd": DFD[i]})),
    Row("p:l/negative do_sys_openat2 dfd if dfd < -5",
        where(lambda i: DFD[i] < -5, lambda i: {"dfd": DFD[i]})),
    Row("p:l/word do_sys_openat2 a1:int if a1 == -100", [event(a1=-100)]),
    Row("p:l/hex do_sys_openat2 a1:x32 if a1 == 0x7 || a1 == 0xfffffffa",
        [event(a1="0x7"), event(a1="0xfffffffa")]),
    Row("p:l/two do_sys_openat2 a1:x32 if a1 == -5", [event(a1="0xfffffffb")]),
    Row("p:l/tree do_sys_openat2 dfd if !(dfd == 3 || dfd < 0) && (dfd != 7 || cpu == 1)",
        [event(dfd=2**31 - 1)]),
    Row('p:l/text do_sys_openat2 filename:ustring if filename == "/puppet/two"',
        [event(filename="/puppet/two")]),
    Row('p:l/glob do_sys_openat2 filename:ustring if filename ~ "/puppet/*"',
        [event(filename="/puppet/one"), event(filename="/puppet/two")]),
    Row('p:l/not do_sys_openat2 dfd a2:ustring if a2 != "" && a2 != "/puppet/one" && dfd > 0',
        [event(dfd=3, a2=PATH[3]), event(dfd=7, a2=LONG)]),
    Row("p:l/bit do_sys_openat2 how->flags if how->flags & 0x8000000000000000",
        [event(flags=TOP | O_PATH), event(flags=ALL)]),
    Row("p:l/extreme do_sys_openat2 dfd how->flags if flags == 18446744073709551615",
        [event(dfd=2**31 - 1, flags=ALL)]),
    Row("p:l/place do_sys_openat2 dfd if cpu == 1", []),
    Row('p:l/nobody do_sys_openat2 dfd if comm == "nobody"', []),
    Row("r:l/failed do_sys_openat2 rv:int if rv == -36 || rv == -14",
        [event(rv=-36), event(rv=-14), event(rv=-14)]),
])

DUP3 = 292
SYSCALLS = Batch("syscalls", "puppet known syscalls", [
    # One probe on several functions: the event says which.
    Row("p:l/dups __x64_sys_dup* first=+112(%di):s32",
        [event(_symbol=f"__x64_sys_{name}", first=n)
         for name, n in (("dup3", -1), ("dup2", -2), ("dup", -3), ("dup3", -1))]),
    Row("r:l/dupsback __x64_sys_dup[23] rv:int",
        [event(_symbol=f"__x64_sys_{name}", rv=rv)
         for name, rv in (("dup3", -22), ("dup2", -9), ("dup3", -22))]),
    Row("p:l/one __x64_sys_dup[3] first=+112(%di):s32",
        [event(_symbol="__x64_sys_dup3", first=-1)] * 2),
    # vfs_statfs and what the compiler has split from it.
    # What statfs(2) calls is not vfs_statfs itself but what the compiler has split from it.
    Row("p:l/parts vfs_statfs%all", [event(_symbol="vfs_statfs.part.0.isra.0")]),
    Row("p:l/call dup3 oldfd newfd flags",
        [event(_symbol="__x64_sys_dup3", oldfd=0xffffffff, newfd=5, flags=0x80001),
         event(_symbol="__x64_sys_dup3", oldfd=0xffffffff, newfd=0, flags=3)]),
    Row("p:l/mode openat dfd filename flags mode",
        [event(dfd=-100, filename="/puppet/openat", flags=0o200000, mode=0)]),
    # Tracepoints that are there already.
    Row("t:l/enter syscalls/sys_enter_dup3",
        [event(_symbol="syscalls/sys_enter_dup3", __syscall_nr=DUP3, oldfd=ANY, newfd=5, flags=0x80001),
         # The registers hold more than the two "unsigned int" that the call takes.
         event(__syscall_nr=DUP3, oldfd=0xffffffff, newfd=0, flags=3)]),
    Row(f"t:l/raw raw_syscalls/sys_enter id args if id == {DUP3}",
        [event(id=DUP3, args=ANY), event(id=DUP3, args=[ALL, TOP, 3, 4, 5, 6])]),
    Row("t:l/exit sched/sched_process_exit comm pid p=prio:x32",
        [event(comm="renamed-puppet", pid=OfLine("pid"), p="0x78")]),
    Row("t:l/every sched/sched_process_exit $args",
        [event(comm="renamed-puppet", pid=OfLine("pid"), prio=120)]),
    Row('t:l/rename task/task_rename newcomm oom_score_adj if newcomm == "renamed-puppet"',
        [event(newcomm="renamed-puppet", oom_score_adj=0)]),
    # A probe of our own on a raw tracepoint.
    Row("t:l/rawexit sched_process_exit p->comm p->static_prio",
        [event(comm="renamed-puppet", static_prio=120)], needs=TRACEPOINT_PROBES),
])

# A module's functions, by position everywhere, by name where its BTF is.
MODULE = Batch("module", "ip link add dummy9 type dummy", [
    Row("p:l/positional dummy:dummy_dev_init a1", [event(_symbol="dummy_dev_init", a1=Like("0x[0-9a-f]{16}"))],
        twin="p dummy:dummy_dev_init a1=%di:x64"),
    Row("p:l/device dummy:dummy_dev_init dev->name dev->mtu", [event(name="dummy9", mtu=1500)],
        needs="/sys/kernel/btf/dummy"),
])

PUPPET = "/usr/bin/puppet"
EIGHT = [event(_path=PUPPET, _symbol="puppet_eight", a1=-5, a2=4000000000, a3=-2**63, a4=ALL,
               a5="plain text", a6=EMPTY, a7=-6000000000, a8=65535),
         event(_path=PUPPET, a1=0, a2=0, a3=2**63 - 1, a4=1, a5="\u00e9t\u00e9",
               a6=None, a7=6, a8=7)]


def user(offsets):
    """`offsets`: of the puppet's symbols, in its file."""
    entry = offsets["puppet_eight"]
    eight, counted = f"{PUPPET}:{entry:#x}", f"{PUPPET}:{offsets['puppet_counted']:#x}"
    return Batch("user", "puppet known user", [
        Row(f"p:l/eight {PUPPET}:puppet_eight a1:int a2:uint a3:long a4:ulong a5:string a6:ustring "
            "a7:long a8:ushort", EIGHT),
        Row(f"p:l/offset {eight} a=%di:s32 b=%si:u32 t=+0(%r8):ustring s=$stack1:s64 "
            "u=+0(%r8):u8[3] x=+0(%r8):x16 $comm",
            [event(_path=PUPPET, _symbol="puppet_eight", a=-5, b=4000000000, t="plain text",
                   s=-6000000000, u=[112, 108, 97], x="0x6c70", arg7="puppet"),
             event(a=0, b=0, t="\u00e9t\u00e9", s=6, u=[0xc3, 0xa9, 0x74], x="0xa9c3", arg7="puppet")],
            twin="same"),
        Row(f"p:l/entry {PUPPET}:puppet_eight+0 $arg1 s1:s64 b=a5:string{{5}}",
            [event(arg1=ANY, s1=-6000000000, b="plain"), event(arg1="0x0", s1=6, b="\u00e9t\u00e9")]),
        Row(f"r:l/ret {PUPPET}:puppet_eight rv:int rp", [event(rv=-10, rp=ANY), event(rv=0, rp=ANY)]),
        Row(f"p:l/suffix {eight}%return $retval:s32", [event(arg1=-10), event(arg1=0)], twin="same"),
        # Some kernels add OFFSET twice (seen on 6.12.95): the same memory, told from the instruction.
        Row(f"p:l/file {PUPPET}:puppet_eight machine=@+0x12:u16 elf=@+1:u8[3]",
            [event(machine=62, elf=[69, 76, 70])] * 2,
            twin=f"p {eight} machine=-{entry - 0x12}(%ip):u16 elf=-{entry - 1}(%ip):u8[3]"),
        Row(f"p:l/some {PUPPET}:puppet_eight a1:int if a1 == -5", [event(a1=-5)]),
        # The kernel counts a tracer in where the program asks for it.
        Row(f"p:l/counted {counted}({offsets['puppet_counter']:#x}) a1:int", [event(a1=1)]),
    ])


REFUSED = [
    Refused("p do_sys_openat2 no_such", "not_found", "filename", "no_such"),
    Refused("p do_sys_openat2 $no_such", "not_found", "filename", "$no_such"),
    Refused("p do_sys_openat2 how->flagz", "not_found", "flags", "->flagz"),
    Refused("p do_sys_openat2 how.flags", "wrong_place", "->", ".flags"),
    Refused("p do_sys_openat2 dfd->flags", "wrong_place", "int", "->flags"),
    Refused("p do_sys_openat2 a1 if dfd == 1", "not_found", "dfd", "dfd"),
    Refused('p do_sys_openat2 dfd if dfd ~ "x"', "wrong_place", "dfd", "~"),
    Refused("p do_sys_openat2 dfd if dfd > 99999999999", "bad_number", "", "99999999999"),
    Refused("p no_such_function_*", "symbol_not_found", "no_such_function_*", "no_such_function_*"),
    Refused("p *", "too_many", "", "*"),
    Refused(f"p {PUPPET}:puppet_nine", "symbol_not_found", "puppet_nine", "puppet_nine"),
    Refused(f"p {PUPPET}:puppet_eight filename", "unsupported", "a1", "filename"),
    Refused("p /no/such/file:main", "not_found", "/no/such/file", "/no/such/file"),
    Refused("t sched/sched_process_exot", "not_found", "sched_process_exit", "sched/sched_process_exot"),
    Refused("t sched/sched_process_exit commm", "not_found", "comm", "commm"),
    Refused("p sys_openat2 no_such", "not_found", "filename", "no_such"),
    Refused("p sys_no_such_call", "symbol_not_found", "sys_no_such_call", "sys_no_such_call"),
]
