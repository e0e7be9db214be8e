# SPDX-License-Identifier: Apache-2.0
"""What the kernel said on its console: every complaint in it fails the test, unless expected."""

import re

# What opens a report. WARNING only at the start of a message: "Spectre V2 : WARNING: ..." is a
# configuration hint that kernels print at boot.
HEADLINE = re.compile(r"^(WARNING:|BUG:|[Kk]ernel BUG|Oops|Kernel panic|KASAN:|UBSAN:|KCSAN:)"
                      r"|unreferenced object|general protection fault|Unable to handle kernel"
                      r"|(rcu|RCU)\b.*(stall|kthread starved)|soft lockup|hard LOCKUP"
                      r"|INFO: (task .* blocked|possible|suspicious)|invalid opcode:")
CUT_HERE = re.compile(r"-+\[ cut here \]-+")
END = re.compile(r"---\[ end ")
TRACE = re.compile(r"^Call [Tt]race:")  # arm64 writes it small
# "[    1.234567] ", with the thread or CPU that newer configurations add: "[    1.2][  T12] ".
STAMP = re.compile(r"^(<\d+>)?\[ *\d+\.\d+\](\[ *[TC]\d+\])? ?")


def reports(console: str) -> list[list[str]]:
    """The complaints, each as its lines from "cut here" or headline to its end marker."""
    found: list[list[str]] = []
    current: list[str] | None = None
    cut_here = ""
    for raw in console.splitlines():
        line = STAMP.sub("", raw.strip("\r\0"))
        if CUT_HERE.search(line):
            cut_here, current = line, None
        elif HEADLINE.search(line) or (current is None and TRACE.search(line)):
            current = [cut_here, line] if cut_here else [line]
            found.append(current)
            cut_here = ""
        elif current is not None:
            current.append(line)
            if END.search(line):
                current = None
    return found


def judge(console: str, expected: list[str]) -> tuple[list[list[str]], list[str]]:
    """(complaints nobody expected, expectations that no complaint met)."""
    patterns = [re.compile(pattern) for pattern in expected]
    met: set[str] = set()
    unexpected = []
    for report in reports(console):
        text = "\n".join(report)
        hits = {pattern.pattern for pattern in patterns if pattern.search(text)}
        met |= hits
        if not hits:
            unexpected.append(report)
    return unexpected, [pattern for pattern in expected if pattern not in met]
