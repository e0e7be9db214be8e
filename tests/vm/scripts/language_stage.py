#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Before the boot: writes the tables for the guest's shell. usage: language_stage.py DIR BUILD_DIR"""
import pathlib
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
from language import batches, places  # noqa: E402


def file_offsets(program):
    """Where in the file the program's symbols are."""
    image = program.read_bytes()
    table, count = struct.unpack_from("<Q", image, 32)[0], struct.unpack_from("<H", image, 56)[0]
    segments = [struct.unpack_from("<IIQQQQ", image, table + 56 * i) for i in range(count)]
    offsets = {}
    for line in subprocess.check_output(["nm", program], text=True).splitlines():
        fields = line.split()
        if len(fields) != 3 or not fields[2].startswith("puppet_"):
            continue
        address, name = int(fields[0], 16), fields[2]
        for kind, _, offset, start, _, size in segments:
            if kind == 1 and start <= address < start + size:  # PT_LOAD
                offsets[name] = address - start + offset
    return offsets


def write(folder, name, lines):
    (folder / name).write_text("".join(line + "\n" for line in lines))


def main(folder, build):
    all_batches = batches.every(file_offsets(build / "tests" / "puppet"))
    write(folder, "batches", [f"{batch.name}\t{batch.command}" for batch in all_batches])
    for batch in all_batches:
        write(folder, f"{batch.name}.rows",
              [f"{row.needs or '-'}\t{row.spec}" for row in batch.rows])
        write(folder, f"{batch.name}.twins",
              [f"{row.needs or row.twin_needs or '-'}\t{row.kernel_line()}"
               for row in batch.rows if row.twin])
    write(folder, "refused", [row.spec for row in places.REFUSED])


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
