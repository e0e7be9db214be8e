# SPDX-License-Identifier: Apache-2.0
"""What a table is made of. A row is a probe and the events that must come of it."""
import re
from dataclasses import dataclass, field

# What a kernel's README file says where it can do a thing.
FPROBES = "f[:[<group>/]"
TRACEPOINT_PROBES = "t[:[<group>/]"
RETURN_ARGUMENTS = "kernel return probes support: $retval, $arg<N>"
SYMSTR = "symstr"
BTF_NAMES = "<argname>[->field"


class Like:
    """A string that a regular expression matches as a whole."""

    def __init__(self, pattern):
        self.pattern = pattern

    def __eq__(self, value):
        return isinstance(value, str) and re.fullmatch(self.pattern, value, re.DOTALL) is not None

    def __repr__(self):
        return f"Like({self.pattern!r})"


class Begins:
    """An array of `length` that begins so."""

    def __init__(self, *first, length):
        self.first, self.length = list(first), length

    def __eq__(self, value):
        return (isinstance(value, list) and len(value) == self.length
                and same(value[:len(self.first)], self.first))

    def __repr__(self):
        return f"Begins({self.first}, length={self.length})"


class OfLine:
    """What the event's own line says: the pid, or another argument."""

    def __init__(self, *path):
        self.path = path

    def of(self, line):
        for key in self.path:
            line = line[key]
        return line

    def __repr__(self):
        return "OfLine" + repr(self.path)


class OneOf:
    """Where kernels differ."""

    def __init__(self, *values):
        self.values = values

    def __eq__(self, value):
        return any(same(value, one) for one in self.values)

    def __repr__(self):
        return "OneOf" + repr(self.values)


class _Any:
    def __eq__(self, value):
        return True

    def __repr__(self):
        return "ANY"


ANY = _Any()
HEX = Like("0x[0-9a-f]+")
# An empty text in a program's memory is what the kernel calls a fault (a length of 0) until Linux 6.15:
# strncpy_from_user_nofault in mm/maccess.c returned 0 for it. In the kernel's memory it is "".
EMPTY = OneOf("", None)


def same(got, wanted, line=None):
    """Equal, and of the same JSON type: 1 is not true, and not "1"."""
    if isinstance(wanted, OfLine):
        wanted = wanted.of(line)
    if isinstance(wanted, (Like, Begins, OneOf, _Any)):
        return wanted == got
    if type(got) is not type(wanted):
        return False
    if isinstance(wanted, list):
        return len(got) == len(wanted) and all(map(same, got, wanted))
    return got == wanted


def event(_symbol=ANY, _path=ANY, **args):
    """One event's args, in order; what begins with _ is the line's own."""
    return {"args": args, "symbol": _symbol, "path": _path}


@dataclass(eq=False)
class Row:
    """One probe, its name in the spec as p:l/NAME (or `probe`), and its events in order."""
    spec: str
    events: list
    needs: str = ""       # README text, or a file, of a kernel that can do it; elsewhere `unsupported`
    twin: str = ""        # the same for the kernel: "same" text, or what stands behind p:oracle/NAME
    twin_needs: str = ""  # README text of a kernel that takes the twin
    stale: tuple = ()     # events in which the kernel's own trace shows what an earlier one left
    schema: dict = field(default_factory=dict)  # of some arguments: keys that the schema must have
    armed: str = ""       # regular expression for its line in the kernel's file
    grows: str = ""       # an argument that never gets smaller
    probe: str = ""

    def __post_init__(self):
        named = re.match(r"\w+:(\S+)", self.spec)
        self.probe = self.probe or named.group(1)

    @property
    def name(self):
        return self.probe.split("/")[-1]

    def kernel_line(self):
        if self.twin == "same":
            return re.sub(r"^(\w+):l/", r"\1:oracle/", self.spec)
        if self.twin:
            first, rest = self.twin.split(" ", 1)
            return f"{first}:oracle/{self.name} {rest}"
        return ""


@dataclass
class Batch:
    """Rows that are armed together, and the command that is run then: its events are the rows'."""
    name: str
    command: str
    rows: list


@dataclass
class Refused:
    """`check` must say this of it; the caret's columns are those of `token`."""
    spec: str
    code: str
    says: str
    token: str
