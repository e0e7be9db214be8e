#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Before the boot: the lines for the guest's shell. usage: parity_stage.py DIR BUILD_DIR"""
import pathlib
import struct
import sys

sys.dont_write_bytecode = True
from parity_rows import LINES  # noqa: E402


def entry_offset(program: pathlib.Path) -> str:
    """Where the first instruction of a 64-bit little-endian ELF program lies in its file: elf(5)."""
    image = program.read_bytes()
    entry, headers = struct.unpack_from("<QQ", image, 24)
    size, count = struct.unpack_from("<HH", image, 54)
    for n in range(count):
        kind, flags, offset, address, _, length = struct.unpack_from("<IIQQQQ", image, headers + n * size)
        if kind == 1 and flags & 1 and address <= entry < address + length:
            return f"{entry - address + offset:#06x}"
    sys.exit(f"{program} has no code at its entry")


# kprobed sets no uprobe into the middle of an instruction, so the rows' place must begin one. It has as many letters.
start = entry_offset(pathlib.Path(sys.argv[2]) / "tests/puppet")
assert len(start) == len("0x2020"), start
(pathlib.Path(sys.argv[1]) / "lines").write_text("".join(line.text.replace("0x2020", start) + "\n" for line in LINES))
