# SPDX-License-Identifier: Apache-2.0
"""The kernels the tests run on: kernels.tsv, and each one's files in the cache."""

import functools
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import HarnessError, apt, cache

TABLE = Path(__file__).resolve().parent.parent / "kernels.tsv"


@dataclass(frozen=True)
class Kernel:
    name: str
    arch: str
    suites: tuple[str, ...]
    package: str
    console: str
    port_module: str  # the kernel module behind the ports, or ""
    ports: tuple[str, ...]
    qemu: tuple[str, ...]
    memory: str
    notes: str

    @property
    def folder(self) -> Path:
        return cache.root() / "kernels" / self.name

    @property
    def tree(self) -> Path:
        return self.folder / "root"

    @property
    def image(self) -> Path:
        """The bootable kernel: vmlinuz on most architectures, vmlinux on ppc64el and mips."""
        found = sorted((self.tree / "boot").glob("vmlinu[xz]-*"))
        if len(found) != 1:
            raise HarnessError(f"{self.folder} holds {len(found)} kernel images instead of one; "
                               f"remove that folder and run tests/vm/fetch {self.name}")
        return found[0]

    @property
    def release(self) -> str:
        """What `uname -r` says inside."""
        return self.image.name.split("-", 1)[1]

    @property
    def busybox(self) -> Path:
        for place in ("bin/busybox", "usr/bin/busybox"):
            if (self.tree / place).exists():
                return self.tree / place
        raise HarnessError(f"{self.tree} has no busybox; remove {self.folder} and fetch again")

    @property
    def request(self) -> str:
        """What was asked of apt; another request in the table makes the cached files stale."""
        return f"{self.arch} {','.join(self.suites)} {self.package}"

    def is_native(self) -> bool:
        """Do this host's own programs run in it?"""
        return self.arch == host_architecture()

    def provenance(self) -> dict[str, str]:
        """Package -> version of what is cached; empty if nothing (or something stale) is."""
        try:
            lines = (self.folder / "PROVENANCE").read_text().splitlines()
        except FileNotFoundError:
            return {}
        if lines[0] != f"request {self.request}":
            return {}
        return dict(line.split(" ", 1) for line in lines[1:])


@functools.cache
def host_architecture() -> str:
    return subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True,
                          text=True).stdout.strip()


def table() -> list[Kernel]:
    rows = []
    for number, line in enumerate(TABLE.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 9:
            raise HarnessError(f"{TABLE}:{number}: {len(cells)} columns instead of 9")
        name, arch, suites, package, console, ports, qemu, memory, notes = cells
        port_module, _, port_names = ports.rpartition(":")
        rows.append(Kernel(name, arch, tuple(suites.split(",")), package, console, port_module,
                           tuple(port_names.split(",")), tuple(qemu.split()), memory, notes))
    return rows


def by_name(name: str) -> Kernel:
    known = table()
    for kernel in known:
        if kernel.name == name:
            return kernel
    raise HarnessError(f"no kernel '{name}' in {TABLE}: there are "
                       + ", ".join(kernel.name for kernel in known))


def ensure(kernel: Kernel) -> None:
    """Fetch the kernel unless it is in the cache; the network is used only then."""
    if kernel.provenance():
        return
    with cache.locked("kernels"):
        if kernel.provenance():  # another run fetched it while we waited
            return
        with cache.building(kernel.folder) as scratch:
            cache.say(f"fetching kernel {kernel.name} ({kernel.package}, {kernel.suites[0]}), "
                      "up to a minute")
            archive = apt.Archive(scratch / "apt", kernel.arch, kernel.suites)
            archive.update()
            packages = {archive.behind_meta(kernel.package), "busybox-static"}
            versions = archive.extract(sorted(packages), scratch / "root")
            archive.discard()
            lines = [f"request {kernel.request}"]
            lines += [f"{package} {version}" for package, version in versions.items()]
            (scratch / "PROVENANCE").write_text("\n".join(lines) + "\n")
    cache.say(f"kernel {kernel.name} is {kernel.release}, kept in {kernel.folder}")
