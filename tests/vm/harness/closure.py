# SPDX-License-Identifier: Apache-2.0
"""The shared libraries a program needs, dynamic linker included: the host's, or a sysroot's."""

import re
import subprocess
from pathlib import Path

from . import HarnessError

Placed = tuple[str, Path]  # the path the linker will ask for in the guest, the file here


def libraries(program: Path, sysroot: Path | None = None) -> list[Placed]:
    """None for a static program or a script."""
    return from_sysroot(program, sysroot) if sysroot else from_host(program)


def from_host(program: Path) -> list[Placed]:
    done = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    if done.returncode:
        return []  # "not a dynamic executable"
    missing = re.findall(r"^\s*(\S+) => not found", done.stdout, re.MULTILINE)
    if missing:
        raise HarnessError(f"{program} needs {', '.join(missing)}, not installed on this host")
    return [(path, Path(path)) for path in re.findall(r"(/\S+) \(0x", done.stdout)]


def from_sysroot(program: Path, sysroot: Path) -> list[Placed]:
    """As ld.so would find them, but ldd runs it and so knows this machine's programs only."""
    interpreter, needed = dynamic_words(program)
    if not interpreter:
        return []
    found: dict[str, Path] = {interpreter: sysroot / interpreter.lstrip("/")}
    # Debian's ld.so searches the folder of its own architecture without being told.
    place = multiarch_folder(sysroot)
    while needed:
        name = needed.pop()
        target = f"/{place}/{name}"
        if target in found:
            continue
        path = sysroot / place / name
        if not path.exists():
            raise HarnessError(f"{program} needs {name}, and {sysroot} has no {target}")
        found[target] = path
        needed += dynamic_words(path)[1]
    return list(found.items())


def dynamic_words(program: Path) -> tuple[str, list[str]]:
    """The interpreter of an ELF file ("" if it has none) and the libraries it names itself."""
    done = subprocess.run(["readelf", "--wide", "--program-headers", "--dynamic", program],
                          capture_output=True, text=True, check=False)
    interpreter = re.search(r"program interpreter: (\S+)\]", done.stdout)
    return (interpreter.group(1) if interpreter else "",
            re.findall(r"\(NEEDED\).*\[(\S+)\]", done.stdout))


def multiarch_folder(sysroot: Path) -> Path:
    """usr/lib/TRIPLET, where the sysroot's C library is."""
    found = sorted(sysroot.glob("usr/lib/*/libc.so.6"))
    if len(found) != 1:
        raise HarnessError(f"{sysroot} has {len(found)} C libraries instead of one; remove it")
    return found[0].parent.relative_to(sysroot)
