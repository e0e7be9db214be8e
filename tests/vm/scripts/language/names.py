# SPDX-License-Identifier: Apache-2.0
"""Names and C types out of BTF, on every kernel, 5.10 included."""
from .row import BTF_NAMES, FPROBES, HEX, RETURN_ARGUMENTS, Batch, Begins, Like, OneOf, Row, event
from .words import ADDRESS, ALL, DFD, FLAGS, FUTEX, MODE, PATH, RESOLVE, RESULT, TEXT, TOP, VAL, calls, numbers

NAMES = Batch("names", "puppet known openat2", [
    Row("p:l/names do_sys_openat2 dfd filename:ustring how->flags how->mode r=how->resolve",
        calls(lambda i: {"dfd": DFD[i], "filename": TEXT[i], "flags": FLAGS[i], "mode": MODE[i],
                         "r": RESOLVE[i]}),
        schema={"dfd": {"type": "number", "c_type": "int"}, "flags": {"unreadable": "zero"}}),
    # Where the kernel knows names itself, it says the same.
    Row("p:l/kernel do_sys_openat2 dfd how->flags how->mode",
        calls(lambda i: {"dfd": DFD[i], "flags": FLAGS[i], "mode": MODE[i]}),
        twin="p do_sys_openat2 dfd=dfd:s32 flags=how->flags:u64 mode=how->mode:u64",
        twin_needs=BTF_NAMES),
    Row("p:l/all do_sys_openat2 $args",
        calls(lambda i: {"dfd": DFD[i], "filename": TEXT[i], "how": HEX})),
    Row("p:l/star do_sys_openat2 $arg*",
        calls(lambda i: {"dfd": DFD[i], "filename": TEXT[i], "how": HEX})),
    Row("p:l/dollar do_sys_openat2 $dfd path=$filename:ustring $how",
        calls(lambda i: {"dfd": DFD[i], "path": TEXT[i], "how": HEX})),
    Row("p:l/position do_sys_openat2 a3->flags $arg3->mode a3:x64",
        calls(lambda i: {"flags": FLAGS[i], "mode": MODE[i], "a3": HEX})),
    Row("p:l/typed do_sys_openat2 dfd:x32 filename:ptr how->flags:x64 m=how->mode:s64 "
        "low=how->resolve:u8",
        calls(lambda i: {"dfd": hex(DFD[i] & 0xffffffff), "filename": HEX, "flags": hex(FLAGS[i]),
                         "m": MODE[i] - (1 << 64 if MODE[i] >> 63 else 0),
                         "low": RESOLVE[i] & 0xff})),
    Row("p:l/wrapped do_sys_openat2 f=+0(how):u64 m=+8(how):u64 c=+0(filename):char "
        "t=filename:ustring{8}",
        calls(lambda i: {"f": FLAGS[i], "m": MODE[i], "c": (PATH[i] or "\0")[0],
                         "t": (PATH[i] or "")[:8]})),
    Row("p:l/index do_sys_openat2 filename[0] how[0].flags",
        calls(lambda i: {"filename_0": (PATH[i] or "\0")[0], "flags": FLAGS[i]})),
    Row("r:l/back do_sys_openat2 rv:int dfd filename how->flags",
        calls(lambda i: {"rv": RESULT[i], "dfd": DFD[i], "filename": TEXT[i], "flags": FLAGS[i]}),
        needs=RETURN_ARGUMENTS),
    Row("f:l/fnames do_sys_openat2 dfd filename how->flags",
        calls(lambda i: {"dfd": DFD[i], "filename": TEXT[i], "flags": FLAGS[i]}), needs=FPROBES),
])

FUTEX_NAMES = Batch("futexes", "puppet known futex", [
    Row("p:l/seven do_futex uaddr op val timeout uaddr2 val2 val3",
        [event(_symbol="do_futex", uaddr=hex(ADDRESS[i]), op=3, val=VAL[i], timeout="0x0",
               uaddr2="0x10000060", val2=0x80000002, val3=0xfffffffe) for i in FUTEX]),
    # u32 *: the first four bytes of the address of "known text".
    Row("p:l/pointed do_futex uaddr[0] third=uaddr[2]",
        numbers({"uaddr_0": 0x10000040, "third": 0x44332211}, {"uaddr_0": 0, "third": 0})),
])

TASK = Batch("task", "puppet known task", [
    # Bit-fields, char arrays, pointers followed, arrays of structures.
    Row("p:l/nice set_user_nice nice p->sched_reset_on_fork p->comm p->policy "
        "p->signal->rlim[7].rlim_cur max=p->signal->rlim[7].rlim_max",
        [event(nice=n, sched_reset_on_fork=bit, comm=comm, policy=0, rlim_cur=123, max=456)
         for n, bit, comm in ((1, 0, "fifteen-bytes-x"), (2, 0, ""), (-3, 1, "fifteen-bytes-x"))],
        schema={"comm": {"type": "string", "c_type": "char[16]"}}),
    # An empty text in the kernel's memory is no fault.
    Row("p:l/letters set_user_nice p->comm[0] last=p->comm[14] cut=p->comm:string{7} all=p->comm:string",
        [event(comm_0="f", last="x", cut="fifteen", all="fifteen-bytes-x"),
         # What is behind the NUL is kept by 5.10 (strlcpy) and cleared by later ones (strscpy_pad).
         event(comm_0="\0", last=OneOf("\0", "x"), cut="", all=""),
         event(comm_0="f", last="x", cut="fifteen", all="fifteen-bytes-x")]),
    # bool, and 64-bit extremes in a structure.
    Row("p:l/sched __sched_setscheduler user pi attr->sched_policy attr->sched_nice "
        "attr->sched_flags attr->sched_runtime attr->sched_deadline",
        [event(user=True, pi=True, sched_policy=0, sched_nice=2, sched_flags=1, sched_runtime=0,
               sched_deadline=0),
         event(user=True, pi=True, sched_policy=3, sched_nice=-7, sched_flags=1, sched_runtime=TOP,
               sched_deadline=ALL)],
        schema={"user": {"type": "boolean"}}),
    # An array of 128 words is cut to the 64 that the kernel can fetch.
    Row("p:l/cpus sched_setaffinity pid in_mask->bits first=in_mask->bits[0]",
        [event(pid=0, bits=Begins(1, length=64), first=1), event(pid=0, bits=Begins(3, length=64), first=3)]),
    # Enumerations by name.
    Row("p:l/sleep hrtimer_nanosleep rqtp mode clockid",
        [event(rqtp=1000000234, mode="HRTIMER_MODE_ABS", clockid=1),
         event(rqtp=5, mode="HRTIMER_MODE_REL", clockid=0)],
        schema={"mode": {"type": "string", "c_type": "enum hrtimer_mode"}}),
    Row("p:l/digits hrtimer_nanosleep mode:int n=a2:u8", [event(mode=0, n=0), event(mode=1, n=1)]),
    Row("p:l/relative hrtimer_nanosleep rqtp mode if mode == HRTIMER_MODE_REL",
        [event(rqtp=5, mode="HRTIMER_MODE_REL")]),
    # Pointers to functions, of the kernel and of a program.
    Row("p:l/wake do_nanosleep mode t->timer.function",
        [event(mode=m, function=Like(r"hrtimer_wakeup\+0x0/0x[0-9a-f]+"))
         for m in ("HRTIMER_MODE_ABS", "HRTIMER_MODE_REL")]),
    Row("p:l/action do_sigaction sig act->sa.sa_handler act->sa.sa_flags mask=act->sa.sa_mask.sig "
        "restorer=act->sa.sa_restorer",
        [event(sig=12, sa_handler="0x1234560", sa_flags=0x14000000, mask=[0x8000000000000001],
               restorer="0x7654320")]),
    # Through four structures, with members of anonymous unions; names of files.
    Row("p:l/read vfs_read count pos[0] file->f_inode->i_size file->f_inode->i_nlink "
        "fs=file->f_inode->i_sb->s_id file->f_inode->i_sb->s_magic type=file->f_inode->i_sb->s_type->name "
        "file->f_path.dentry->d_name.name:string file->f_path.dentry->d_name.len",
        [event(count=7, pos_0=5, i_size=37, i_nlink=1, fs="tmpfs", s_magic=0x1021994, type="tmpfs",
               name="puppet-file", len=11)]),
    Row("p:l/files vfs_read f=file:%pD d=file->f_path.dentry:%pd",
        [event(f="puppet-file", d="puppet-file")]),
    Row("p:l/write vfs_write buf count begin=buf:ustring{12}",
        [event(buf="thirty-seven bytes stand in this file", count=37, begin="thirty-seven")]),
    Row("r:l/count vfs_write rv:long", [event(rv=37)]),
    # A returned structure.
    Row("r:l/opened do_filp_open rv rv->f_inode->i_size name=rv->f_path.dentry->d_name.name:string",
        [event(rv=HEX, i_size=0, name="puppet-file")]),
])
