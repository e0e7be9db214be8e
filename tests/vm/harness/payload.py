# SPDX-License-Identifier: Apache-2.0
"""What one run brings into the guest: the script, programs, files, modules, the session's data."""

import shlex
import stat
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from . import HarnessError, closure
from .cpio import CpioWriter
from .kernels import Kernel
from .modules import ModuleTree

HERE = Path(__file__).resolve().parent.parent


@dataclass
class Payload:
    script: Path
    arguments: list[str]
    programs: list[tuple[Path, str]] = field(default_factory=list)
    files: list[tuple[Path, str]] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    environment: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    packages: list[Path] = field(default_factory=list)
    sysroot: Path | None = None  # whose libraries the programs get; the host's if None

    def command(self) -> str:
        """The line the guest's shell runs as the test."""
        script = f"/test/{self.script.name}"
        words = ["exec", "env", *self.environment, "/bin/sh", script, *self.arguments]
        return "cd /test && " + shlex.join(words) + "\n"

    def write(self, archive: CpioWriter, below: str, *, usr_merged: bool) -> None:
        """Everything at its guest path, below a folder of the initramfs ("" is its root)."""
        put = _Placer(archive, below, usr_merged)
        put.file("/lib/guest.sh", HERE / "lib/guest.sh")
        put.file(f"/test/{self.script.name}", self.script)
        for package in self.packages:
            put.file(f"/.vm/packages/{package.name}", package)
        for source, target in self.files:
            if source.is_dir():
                for path in sorted(source.rglob("*")):
                    if path.is_file():
                        put.file(f"{target}/{path.relative_to(source)}", path)
            else:
                put.file(target, source)
        for program, target in self.programs:
            put.file(target, program)

    def write_libraries(self, archive: CpioWriter, below: str, *, usr_merged: bool) -> None:
        """The programs' libraries; a full Debian keeps its own where it has one."""
        put = _Placer(archive, below, usr_merged)
        for program, _ in self.programs:
            for target, library in closure.libraries(program, self.sysroot):
                put.file(target, library)


def write_modules(archive: CpioWriter, kernel: Kernel, names: list[str]) -> None:
    """The modules with their dependencies, and the index modprobe wants."""
    tree = ModuleTree(kernel)
    order = tree.load_order(names)
    base = f"/lib/modules/{kernel.release}"
    for name in order:
        archive.file(f"{base}/{tree.place(name)}", tree.content(name))
    archive.file(f"{base}/modules.dep", tree.dep_file(order).encode())


def without_debug_info(source: Path) -> bytes:
    """The guest keeps its files in memory, and four fifths of a program built with -g are for debuggers. Symbols stay.
    What this machine's strip does not know (a program of another architecture) stays whole."""
    if source.stat().st_size < 1 << 20 or not source.read_bytes()[:4] == b"\x7fELF":
        return source.read_bytes()
    # A strip that fails takes its output with it.
    with tempfile.TemporaryDirectory(prefix="kprobed-strip.") as folder:
        stripped = Path(folder) / source.name
        done = subprocess.run(["strip", "--strip-debug", "-o", stripped, source], capture_output=True, check=False)
        return stripped.read_bytes() if done.returncode == 0 else source.read_bytes()


class _Placer:
    def __init__(self, archive: CpioWriter, below: str, usr_merged: bool):
        self._archive = archive
        self._below = below
        self._usr_merged = usr_merged
        self._done: set[str] = set()

    def file(self, target: str, source: Path) -> None:
        if not source.is_file():
            raise HarnessError(f"{source} is not a file")
        # On a full Debian /bin, /lib, ... are links to /usr/...: a folder must not land on them.
        if self._usr_merged and target.split("/")[1] in ("bin", "sbin", "lib", "lib64"):
            target = "/usr" + target
        if target in self._done:
            return
        self._done.add(target)
        executable = source.stat().st_mode & stat.S_IXUSR
        self._archive.file(self._below + target, without_debug_info(source),
                           0o755 if executable else 0o644)
