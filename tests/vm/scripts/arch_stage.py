#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Before the boot: writes the specs for the guest's shell. usage: arch_stage.py DIR BUILD_DIR KERNEL"""
import pathlib
import sys

sys.dont_write_bytecode = True
from arch import table  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
# Debian's names and those of tests/data/arch.
TABLES = {"amd64": "x86_64", "armhf": "arm", "ppc64el": "ppc64", "mips64el": "mips64"}

# Second names of the same words (src/arch).
ALIASES = {"arm64": [(30, "lr")], "ppc64el": [(n, f"gpr{n}") for n in range(32)]}


def architecture(kernel):
    for line in (HERE.parent / "kernels.tsv").read_text().splitlines():
        cells = line.split("\t")
        if cells[0] == kernel:
            return cells[1]
    sys.exit(f"arch: no kernel '{kernel}'")


def register_words(arch):
    """Of struct pt_regs, those with a name: (N, name), as the data that the table in src/arch was made from has it."""
    name = TABLES.get(arch, arch)
    rows = (line.split("\t") for line in (HERE.parents[1] / "data/arch/arch_regs.tsv").read_text().splitlines())
    return [(int(row[1]), row[2]) for row in rows if row[0] == name and row[2] != "-"]


def main(folder, kernel):
    rows = [f"{row.needs or '-'}\t{row.spec}\n" for row in table.ALL]
    (folder / "rows").write_text("".join(rows))
    arch = architecture(kernel)
    words = register_words(arch)
    by_name = [f"w{n}=%{name}" for n, name in words] + [f"v{n}=%{name}" for n, name in ALIASES.get(arch, [])]
    (folder / "registers").write_text("p:registers ip_append_data " + " ".join(f"r{n}" for n, _ in words) + "\n" +
                                      "p:byname ip_append_data " + " ".join(by_name) + "\n")
    (folder / "registers.twin").write_text(" ".join(f"r{n}=%{name}" for n, name in words) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[3])
