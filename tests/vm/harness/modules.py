# SPDX-License-Identifier: Apache-2.0
"""Kernel modules and what they depend on, read from the module files themselves.

Debian's packages carry no modules.dep (their install scripts run depmod), and the host may have
no kmod at all; the names of the dependencies stand in each module's .modinfo section.
"""

import lzma
import re
from pathlib import Path

from . import HarnessError
from .kernels import Kernel


class ModuleTree:
    def __init__(self, kernel: Kernel):
        # Since Debian 13 below /usr.
        self.base = next(path for below in ("lib", "usr/lib")
                         if (path := kernel.tree / below / "modules" / kernel.release).exists())
        self._files = {module_name(path): path for path in self.base.glob("kernel/**/*.ko*")}
        builtin = (self.base / "modules.builtin").read_text().split()
        self._builtin = {module_name(Path(line)) for line in builtin}

    def load_order(self, names: list[str]) -> list[str]:
        """The modules and everything they need, each after what it needs, without built-ins."""
        order: list[str] = []
        for name in names:
            self._visit(name.replace("-", "_"), order)
        return order

    def content(self, name: str) -> bytes:
        path = self._files[name]
        raw = path.read_bytes()
        return lzma.decompress(raw) if path.suffix == ".xz" else raw

    def place(self, name: str) -> str:
        """Path below /lib/modules/RELEASE of the decompressed module."""
        return str(self._files[name].relative_to(self.base)).removesuffix(".xz")

    def depends(self, name: str) -> list[str]:
        match = re.search(rb"\0depends=([^\0]*)\0", self.content(name))
        found = match.group(1).decode() if match else ""
        return [each.replace("-", "_") for each in found.split(",") if each]

    def dep_file(self, names: list[str]) -> str:
        """modules.dep for `names` as modprobe reads it: all dependencies, nearest first."""
        lines = []
        for name in names:
            needed = self.load_order([name])[:-1]
            places = " ".join(self.place(each) for each in reversed(needed))
            lines.append(f"{self.place(name)}: {places}".rstrip() + "\n")
        return "".join(lines)

    def _visit(self, name: str, order: list[str]) -> None:
        if name in order or name in self._builtin:
            return
        if name not in self._files:
            raise HarnessError(f"kernel module '{name}' is not in {self.base}")
        for each in self.depends(name):
            self._visit(each, order)
        order.append(name)


def module_name(path: Path) -> str:
    return path.name.split(".ko")[0].replace("-", "_")
