#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The floors of the house: which room may include which, and where each library is allowed.

Reads every source below src/ and fails with one line per include that goes the wrong way.
A room that is not in the table fails too, so that a new one must say where it stands.
"""
import pathlib
import re
import sys

PURE = ["probespec", "arch", "base"]
ENGINE = ["resolve", "stream", "tracefs", "ringbuf", "symbols", "watch", "decode", *PURE]
MAY_INCLUDE = {
    "base": [],
    "arch": ["base"],
    "probespec": ["base"],
    "decode": ["arch", "base"],
    "resolve": ["decode", *PURE],
    "stream": ["decode", "base"],
    "wire": ["base"],
    "tracefs": ["base"],
    "ringbuf": ["decode", "base"],
    "symbols": ["resolve", "decode", *PURE],
    "watch": ["base"],
    "engine": ENGINE,
    "daemon": ["engine", "wire", *ENGINE],
    "kprobectl": ["engine", "wire", *ENGINE],
}
# Header prefix: the rooms that may name it.
LIBRARIES = {
    "fmt/": ["base"],
    "nlohmann/": ["wire"],
    "linux/perf_event.h": ["decode", "ringbuf"],
    "bpf/": ["symbols"],
    "libelf": ["symbols"],
    "gelf.h": ["symbols"],
    "capstone/": ["symbols"],
    "zlib.h": ["symbols"],
    "lzma.h": ["symbols"],
    "zstd.h": ["symbols"],
    "boost/": ["daemon"],
    "spdlog/": ["daemon"],
    "systemd/": ["daemon"],
    "CLI/": ["kprobectl"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


def complaints(root: pathlib.Path):
    for path in sorted(root.glob("*/**/*")):
        if path.suffix not in (".h", ".cc"):
            continue
        room = path.relative_to(root).parts[0]
        if room not in MAY_INCLUDE:
            yield f"{path}: room '{room}' is not in the table of {__file__}"
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, header = match.groups()
            other = header.split("/")[0]
            # A quoted header without a folder is one that the build generates for its own room.
            if quote == '"' and "/" in header and other not in (room, *MAY_INCLUDE[room]):
                yield f"{path}:{number}: {room} may not include {header}"
            for prefix, rooms in LIBRARIES.items():
                if quote == "<" and header.startswith(prefix) and room not in rooms:
                    yield f"{path}:{number}: <{header}> belongs to {', '.join(rooms)}, not {room}"


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "src")
    if not root.is_dir() or not any(root.glob("*/*.cc")):
        print(f"{root}: no sources found", file=sys.stderr)
        return 1
    found = list(complaints(root))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
