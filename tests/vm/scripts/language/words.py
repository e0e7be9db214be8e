# SPDX-License-Identifier: Apache-2.0
"""Words of 2009 and of the kernel, every type, every way into memory. Names need BTF: names.py."""
from .row import ANY, EMPTY, FPROBES, HEX, RETURN_ARGUMENTS, SYMSTR, Batch, Like, OfLine, Row, event

# puppet_calls.c, openat2_calls: what reaches do_sys_openat2.
O_PATH, TOP, ALL = 0x200000, 1 << 63, (1 << 64) - 1
LONG = "/" + "x" * 299
BAD = "/bad/\ufffd\ufffd\ufffdend"
DFD = [-100, -2**31, 2**31 - 1, 3, 7, -5, -6]
PATH = ["/puppet/one", "/puppet/two", "", BAD, LONG, None, None]
FLAGS = [O_PATH, TOP | O_PATH, ALL, O_PATH, O_PATH, O_PATH, O_PATH]
MODE = [0, TOP, ALL, 0, 0, 0, 0]
RESOLVE = [0, ALL, 1, 0, 0, 0, 0]
RESULT = [-2, -22, -22, -2, -36, -14, -14]
CALLS = range(len(DFD))
# The path as text; PATH is what bounded text makes of it.
TEXT = [EMPTY if path == "" else path for path in PATH]


def signed(value, bits):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def unsigned(value, bits):
    return value & ((1 << bits) - 1)


def calls(make):
    """One event for each call; `make` gives its args."""
    return [event(_symbol="do_sys_openat2", **make(i)) for i in CALLS]


OPENAT2 = Batch("words", "puppet known openat2", [
    # Types of a register.
    Row("p:l/unsigned do_sys_openat2 a=%di:u8 b=%di:u16 c=%di:u32 d=a1:u32",
        calls(lambda i: {"a": unsigned(DFD[i], 8), "b": unsigned(DFD[i], 16),
                         "c": unsigned(DFD[i], 32), "d": unsigned(DFD[i], 32)}),
        twin="p do_sys_openat2 a=%di:u8 b=%di:u16 c=%di:u32 d=$arg1:u32"),
    Row("p:l/signed do_sys_openat2 a=%di:s8 b=%di:s16 c=%di:s32 d=$arg1:s32",
        calls(lambda i: {"a": signed(DFD[i], 8), "b": signed(DFD[i], 16),
                         "c": DFD[i], "d": DFD[i]}),
        twin="same"),
    Row("p:l/hex do_sys_openat2 a=%di:x8 b=%di:x16 c=%di:x32 d=%si:x64 $arg2",
        calls(lambda i: {"a": hex(unsigned(DFD[i], 8)), "b": hex(unsigned(DFD[i], 16)),
                         "c": hex(unsigned(DFD[i], 32)), "d": HEX, "arg5": HEX}),
        twin="p do_sys_openat2 a=%di:x8 b=%di:x16 c=%di:x32 d=%si:x64 arg5=$arg2:x64"),
    Row("p:l/ctypes do_sys_openat2 a1:int u=a1:uint s=a1:short us=a1:ushort p=a2:ptr t=a1:bool",
        calls(lambda i: {"a1": DFD[i], "u": unsigned(DFD[i], 32), "s": signed(DFD[i], 16),
                         "us": unsigned(DFD[i], 16), "p": HEX, "t": DFD[i] % 256 != 0})),
    Row("p:l/longs do_sys_openat2 l=+0(a3):long ul=+0(a3):ulong big=+8(a3):s64",
        calls(lambda i: {"l": signed(FLAGS[i], 64), "ul": FLAGS[i], "big": signed(MODE[i], 64)})),
    Row("p:l/bits do_sys_openat2 low=%di:b4@0/32 mid=%di:b8@8/32 top=+0(%dx):b1@63/64",
        calls(lambda i: {"low": DFD[i] & 15, "mid": (DFD[i] >> 8) & 255, "top": FLAGS[i] >> 63}),
        twin="same"),
    # Pointers, as 2009, as the kernel, and to the user's memory.
    Row("p:l/memory do_sys_openat2 flags=+0(a3):u64 mode=+8($arg3):x64 resolve=+16(%dx):u64",
        calls(lambda i: {"flags": FLAGS[i], "mode": hex(MODE[i]), "resolve": RESOLVE[i]}),
        twin="p do_sys_openat2 flags=+0(%dx):u64 mode=+8(%dx):x64 resolve=+16(%dx):u64"),
    Row("p:l/array do_sys_openat2 how=+0(a3):u64[3] hex=+0(%dx):x64[2] neg=-8(%dx):u8[64]",
        calls(lambda i: {"how": [FLAGS[i], MODE[i], RESOLVE[i]], "hex": [hex(FLAGS[i]), hex(MODE[i])],
                         "neg": ANY}),
        twin="p do_sys_openat2 how=+0(%dx):u64[3] hex=+0(%dx):x64[2] neg=-8(%dx):u8[64]"),
    Row("p:l/text do_sys_openat2 a2:ustring b=+0(%si):ustring c=+u0(%si):string d=a2:string",
        calls(lambda i: dict.fromkeys(("a2", "b", "c", "d"), TEXT[i])),
        twin="p do_sys_openat2 a2=+0(%si):ustring b=+0(%si):ustring c=+u0(%si):string d=+0(%si):string",
        schema={"a2": {"type": "string", "unreadable": "null"}}),
    Row("p:l/bounded do_sys_openat2 a2:ustring{8} all=a2:ustring{512} k=+0(a2):string{3}",
        calls(lambda i: {"a2": (PATH[i] or "")[:8], "all": PATH[i] or "", "k": (PATH[i] or "")[:3]}),
        schema={"a2": {"type": "string", "unreadable": "zero"}}),
    Row("p:l/letters do_sys_openat2 c=+0(a2):char s=+0(a2):char[4]",
        calls(lambda i: {"c": (PATH[i] or "\0")[0], "s": (PATH[i] or "")[:4]})),
    # The task, constants, variables.
    Row("p:l/task do_sys_openat2 $comm who=$comm:string",
        calls(lambda i: {"arg1": "puppet", "who": "puppet"}), twin="same"),
    Row(r'p:l/constant do_sys_openat2 a=\5:u32 b=\-3:s16 c=\0x10 d=\"hello":string',
        calls(lambda i: {"a": 5, "b": -3, "c": "0x10", "d": "hello"}), twin="same"),
    # The banner ends in a newline, which the trace shows as one.
    Row("p:l/global do_sys_openat2 j=@jiffies:u64 banner=@linux_banner:string word=@linux_banner+6:string",
        calls(lambda i: {"j": ANY, "banner": Like(r"Linux version \d.*\n"), "word": Like(r"version \d.*\n")}),
        grows="j"),
    Row("p:l/variable do_sys_openat2 some=@linux_banner:u8[5] word=@linux_banner+6:x32 j=@jiffies:u64",
        calls(lambda i: {"some": list(b"Linux"), "word": "0x73726576", "j": ANY}), twin="same", grows="j"),
    # Returns.
    Row("r:l/ret do_sys_openat2 rv:int wide=$retval:s64 rv2=$retval rp",
        calls(lambda i: {"rv": RESULT[i], "wide": RESULT[i], "rv2": hex(unsigned(RESULT[i], 64)),
                         "rp": HEX}),
        schema={"rv": {"type": "number"}, "wide": {"type": "number"}, "rv2": {"type": "string"}}),
    Row("r:l/kret do_sys_openat2 $retval:s32 w=$retval", calls(lambda i: {
        "arg1": RESULT[i], "w": hex(unsigned(RESULT[i], 64))}),
        twin="r do_sys_openat2 arg1=$retval:s32 w=$retval:x64"),
    Row("p:l/suffix do_sys_openat2%return rv:int", calls(lambda i: {"rv": RESULT[i]}),
        twin="p do_sys_openat2%return rv=$retval:s32", armed=r"^r\d*:\S+ do_sys_openat2"),
    Row("r7:l/active do_sys_openat2 rv:int", calls(lambda i: {"rv": RESULT[i]}),
        armed=r"^r7:\S+ do_sys_openat2"),
    Row("r:l/both do_sys_openat2 rv:int a1:int a2:ustring",
        calls(lambda i: {"rv": RESULT[i], "a1": DFD[i], "a2": TEXT[i]}), needs=RETURN_ARGUMENTS),
    # Other machinery of the kernel.
    Row("f:l/fentry do_sys_openat2 a1:int a2:ustring",
        calls(lambda i: {"a1": DFD[i], "a2": TEXT[i]}), needs=FPROBES),
    Row("f:l/fexit do_sys_openat2%return rv:int",
        calls(lambda i: {"rv": RESULT[i]}), needs=FPROBES),
    # Names of probes.
    Row("p do_sys_openat2+0 a1:int", calls(lambda i: {"a1": DFD[i]}), probe="do_sys_openat2"),
    Row("r do_sys_openat2 rv:int", calls(lambda i: {"rv": RESULT[i]}), probe="do_sys_openat2_ret"),
    Row("p:mine do_sys_openat2 a1:int", calls(lambda i: {"a1": DFD[i]})),
    Row("p:my-group/mine do_sys_openat2 a1:int", calls(lambda i: {"a1": DFD[i]})),
])

# puppet_calls.c, futex_calls: good memory, then a bad address, three times.
GOOD, FUTEX = 0x10000000, range(6)
ADDRESS = [GOOD, 0, GOOD, 0xdead000000000000, GOOD, 0xffffffffffe00000]
VAL = [0x80000001, 0x80000003] * 3
CALLER = Like(r"__x64_sys_futex\+0x[0-9a-f]+/0x[0-9a-f]+")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def readable(good, bad, last=None):
    """`good` where the memory is there, `bad` where it is not; `last` is of the last call."""
    return [event(_symbol="do_futex", **(last if i == 5 and last else bad if i % 2 else good)) for i in FUTEX]


def numbers(good, bad):
    """6.1 (built with gcc 12) stores what happens to be in a register where the kernel's own memory
    cannot be read: an asm goto's output of copy_from_kernel_nofault. Nothing can be asked of it."""
    return readable(good, bad, dict.fromkeys(bad, ANY))


MEMORY = Batch("memory", "puppet known futex", [
    # No return probe stands here, so that the stack has the real return address.
    Row("p:l/stack do_futex s0 s1:x64 $stack sp0=$stack0 r14 r12:x64 r19",
        [event(s0=HEX, s1=HEX, arg3=HEX, sp0=OfLine("args", "s0"), r14=hex(ADDRESS[i]), r12=hex(VAL[i]),
               r19=OfLine("args", "arg3")) for i in FUTEX],
        twin="p do_futex s0=$stack0:x64 s1=$stack1:x64 arg3=$stack:x64 sp0=$stack0:x64 r14=%di:x64 "
             "r12=%dx:x64 r19=%sp:x64"),
    Row("p:l/symbol do_futex from=$stack0:symbol s0:symbol no=%dx:symbol",
        [event(**{"from": CALLER, "s0": CALLER, "no": hex(VAL[i])}) for i in FUTEX],
        twin="p do_futex from=$stack0:symbol s0=$stack0:symbol no=%dx:symbol"),
    Row("p:l/symstr do_futex from=$stack0:symstr", [event(**{"from": CALLER})] * 6,
        twin="same", twin_needs=SYMSTR),
    # The seventh argument stands on the stack.
    Row("p:l/seven do_futex a1 a2:int a3:u32 a5 a6:u32 a7:u32 k=$arg7:x32 s1:u32 t=$stack1:s32",
        [event(a1=hex(ADDRESS[i]), a2=3, a3=VAL[i], a5="0x10000060", a6=0x80000002, a7=0xfffffffe,
               k="0xfffffffe", s1=0xfffffffe, t=-2) for i in FUTEX],
        twin="p do_futex a1=%di:x64 a2=%si:s32 a3=%dx:u32 a5=%r8:x64 a6=%r9:u32 a7=$arg7:u32 "
             "k=$arg7:x32 s1=$stack1:u32 t=$stack1:s32"),
    # A number behind a bad address is 0, never what the good call left there.
    Row("p:l/numbers do_futex n=+8(a1):u64 i=+16(a1):s32 s=+20(a1):s16 t=+22(a1):s8 b=+23(a1):u8",
        numbers({"n": 0x8877665544332211, "i": -5, "s": -2, "t": -1, "b": 200},
                 {"n": 0, "i": 0, "s": 0, "t": 0, "b": 0}),
        twin="p do_futex n=+8(%di):u64 i=+16(%di):s32 s=+20(%di):s16 t=+22(%di):s8 b=+23(%di):u8",
        stale=(1, 3, 5), schema={"n": {"type": "number", "unreadable": "zero"}}),
    Row("p:l/chain do_futex n=+0(+0(a1)):u64 never=+0(+56(a1)):u64 b=+1(+24(a1)):x8",
        numbers({"n": int.from_bytes(b"known te", "little"), "never": 0, "b": hex(ord("n"))},
                 {"n": 0, "never": 0, "b": "0x0"}),
        schema={"n": {"unreadable": "zero"}}),
    Row("p:l/plain do_futex n=+8(%di) x=+8(%di):x16 c=+64(%di):char f=+23(%di):bool",
        numbers({"n": "0x8877665544332211", "x": "0x2211", "c": "k", "f": True},
                 {"n": "0x0", "x": "0x0", "c": "\0", "f": False})),
    Row("p:l/arrays do_futex b=+64(a1):u8[4] x=+8(a1):x16[4] i=+16(a1):s32[1]",
        numbers({"b": [107, 110, 111, 119], "x": ["0x2211", "0x4433", "0x6655", "0x8877"], "i": [-5]},
                 {"b": [0] * 4, "x": ["0x0"] * 4, "i": [0]}),
        twin="p do_futex b=+64(%di):u8[4] x=+8(%di):x16[4] i=+16(%di):s32[1]", stale=(1, 3, 5),
        schema={"b": {"type": "array"}}),
    Row("p:l/bitfield do_futex low=+23(a1):b4@0/8 high=+23(a1):b4@4/8 r=a3:b1@31/32",
        numbers({"low": 8, "high": 12, "r": 1}, {"low": 0, "high": 0, "r": 1}),
        twin="p do_futex low=+23(%di):b4@0/8 high=+23(%di):b4@4/8 r=%dx:b1@31/32",
        stale=(1, 3, 5)),
    # A text behind a bad address is null with a reason; an empty one is "".
    Row("p:l/texts do_futex t=+0(+0(a1)):string l=+128(a1):ustring empty=+112(a1):string",
        readable({"t": "known text", "l": LETTERS, "empty": EMPTY}, {"t": None, "l": None, "empty": None}),
        twin="p do_futex t=+0(+0(%di)):string l=+128(%di):ustring empty=+112(%di):string"),
    Row("p:l/textarray do_futex good=+24(a1):string[2] half=+40(a1):ustring[2]",
        readable({"good": ["known text", "second"], "half": ["known text", None]}, {"good": ANY, "half": ANY}),
        twin="p do_futex good=+24(%di):string[2] half=+40(%di):ustring[2]", stale=(1, 3, 5)),
    # Bounded text cannot tell: "".
    Row("p:l/bounds do_futex a=+128(a1):string{10} b=+128(a1):ustring{64} c=+128(a1):string{26} "
        "d=+128(a1):ustring{100} e=+112(a1):string{8}",
        numbers({"a": LETTERS[:10], "b": LETTERS, "c": LETTERS, "d": LETTERS, "e": ""},
                 dict.fromkeys("abcde", ""))),
    Row("p:l/pointer do_futex a1:string{4} p=a1:ptr",
        [event(a1=ANY if i == 5 else "" if i % 2 else "@", p=hex(ADDRESS[i])) for i in FUTEX]),
])
