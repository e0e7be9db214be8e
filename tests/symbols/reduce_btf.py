#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cuts a kernel's BTF down to what a test needs: reduce_btf.py /sys/kernel/btf/vmlinux OUT.

Kept are the roots below and all that they hold by value; a structure that they only point to
becomes a forward declaration. The kernel's own encodings (bit-fields, enumerations, sections) stay
as they are, byte by byte; only ids and string offsets are new.
"""
import struct
import sys

INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FUNC_PROTO, \
    VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64 = range(1, 20)
ROOTS = [(FUNC, "do_sys_openat2"), (FUNC, "vfs_read"), (FUNC, "tcp_v4_rcv"), (FUNC, "printk"),
         (FUNC, "_printk"), (FUNC, "hrtimer_init"), (STRUCT, "open_how"), (STRUCT, "sk_buff_head"),
         (STRUCT, "iphdr"), (STRUCT, "tcphdr"), (STRUCT, "qstr"), (ENUM, "hrtimer_mode"),
         (ENUM, "tcp_ca_ack_event_flags"), (VAR, "cpu_number"), (VAR, "numa_node"),
         (TYPEDEF, "umode_t"), (TYPEDEF, "u8"), (TYPEDEF, "bool"), (STRUCT, "rlimit64")]


class Btf:
    def __init__(self, data):
        magic, _, _, header, type_at, type_len, str_at, str_len = struct.unpack_from("<HBBIIIII", data)
        assert magic == 0xEB9F
        self.strings = data[header + str_at:header + str_at + str_len]
        self.types = [None]
        at, end = header + type_at, header + type_at + type_len
        while at < end:
            name, info, size = struct.unpack_from("<III", data, at)
            kind, vlen = info >> 24 & 31, info & 0xFFFF
            extra = {INT: 4, ARRAY: 12, STRUCT: 12 * vlen, UNION: 12 * vlen, ENUM: 8 * vlen,
                     FUNC_PROTO: 8 * vlen, VAR: 4, DATASEC: 12 * vlen, DECL_TAG: 4,
                     ENUM64: 12 * vlen}.get(kind, 0)
            self.types.append((name, info, size, data[at + 12:at + 12 + extra]))
            at += 12 + extra

    def text(self, at):
        return self.strings[at:self.strings.index(b"\0", at)]

    def kind(self, number):
        return self.types[number][1] >> 24 & 31


class Cut:
    def __init__(self, source):
        self.source, self.strings, self.known, self.new, self.out = source, b"\0", {}, {0: 0}, []

    def string(self, at):
        word = self.source.text(at)
        if not word:
            return 0
        if word not in self.known:
            self.known[word] = len(self.strings)
            self.strings += word + b"\0"
        return self.known[word]

    def type(self, number, behind_pointer=False):
        source = self.source
        if number in self.new:
            return self.new[number]
        name, info, size, extra = source.types[number]
        kind, vlen = source.kind(number), info & 0xFFFF
        if behind_pointer and kind in (STRUCT, UNION) and name and number not in self.roots:
            self.out.append(struct.pack("<III", self.string(name),
                                        FWD << 24 | (kind == UNION) << 31, 0))
            self.new[number] = len(self.out)
            return self.new[number]
        self.out.append(b"")
        mine = self.new[number] = len(self.out)
        words = list(struct.unpack(f"<{len(extra) // 4}I", extra))
        pointer = behind_pointer and kind in (CONST, VOLATILE, RESTRICT, TYPE_TAG, TYPEDEF)
        if kind in (PTR, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FUNC_PROTO, VAR, TYPE_TAG):
            size = self.type(size, pointer or kind == PTR)
        if kind == ARRAY:
            words[0], words[1] = self.type(words[0]), self.type(words[1])
        if kind in (STRUCT, UNION):
            for i in range(vlen):
                words[3 * i], words[3 * i + 1] = self.string(words[3 * i]), self.type(words[3 * i + 1])
        if kind == FUNC_PROTO:
            for i in range(vlen):
                words[2 * i], words[2 * i + 1] = self.string(words[2 * i]), self.type(words[2 * i + 1])
        if kind in (ENUM, ENUM64):
            step = 2 if kind == ENUM else 3
            words[::step] = [self.string(word) for word in words[::step]]
        self.out[mine - 1] = struct.pack(f"<III{len(words)}I", self.string(name), info, size, *words)
        return mine

    def sections(self):
        for name, info, size, extra in self.source.types[1:]:
            if info >> 24 & 31 != DATASEC:
                continue
            rows = [row for row in struct.iter_unpack("<III", extra) if row[0] in self.new]
            if rows:
                self.out.append(struct.pack("<III", self.string(name), DATASEC << 24 | len(rows), size)
                                + b"".join(struct.pack("<III", self.new[a], b, c) for a, b, c in rows))

    def write(self, path):
        wanted = {(kind, name.encode()) for kind, name in ROOTS}
        self.roots = {i for i in range(1, len(self.source.types))
                      if (self.source.kind(i), self.source.text(self.source.types[i][0])) in wanted}
        for root in sorted(self.roots):
            self.type(root)
        self.sections()
        types = b"".join(self.out)
        with open(path, "wb") as file:
            file.write(struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types),
                                   len(self.strings)) + types + self.strings)


with open(sys.argv[1], "rb") as source_file:
    Cut(Btf(source_file.read())).write(sys.argv[2])
