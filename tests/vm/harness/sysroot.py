# SPDX-License-Identifier: Apache-2.0
"""Libraries of another architecture, to build against and to give to a guest of that architecture.

One folder per architecture in the cache, unpacked from Debian's packages: the machine's own packages
and architectures stay as they are.
"""

import hashlib
import os
import subprocess
from pathlib import Path

from . import HarnessError, apt, cache
from .kernels import Kernel, table

PACKAGES = Path(__file__).resolve().parents[3] / "scripts/packages.txt"
MERGED = ("bin", "lib", "lib32", "lib64", "libo32", "libx32", "sbin")


def ensure(arch: str) -> Path:
    """The sysroot's folder; fetched unless the cache has it as packages.txt wants it now.

    Another list is another folder: programs of an older tree may be building with theirs.
    """
    suite = suite_of(arch)
    wanted = wanted_packages()
    digest = hashlib.sha256(" ".join([suite, *wanted]).encode()).hexdigest()[:8]
    folder = cache.root() / "sysroot" / f"{arch}-{digest}"
    if not folder.exists():
        with cache.locked(f"sysroot-{arch}"):
            if not folder.exists():
                cache.say(f"fetching the sysroot for {arch} ({suite}), up to a minute")
                with cache.building(folder) as scratch:
                    build(arch, suite, wanted, scratch)
    return folder / "root"


def build(arch: str, suite: str, wanted: list[str], folder: Path) -> None:
    archive = apt.Archive(folder / "apt", arch, (suite,))
    archive.update()
    debs = archive.closure([archive.first_known(names.split("|")) for names in wanted])
    unpack(debs, folder / "root")
    archive.discard()
    (folder / "PROVENANCE").write_text("".join(f"{deb.stem}\n" for deb in debs))


def suite_of(arch: str) -> str:
    """The Debian release whose kernel of that architecture is tested: its libraries run there."""
    for kernel in table():
        if kernel.arch == arch:
            return release_of(kernel)
    known = sorted({kernel.arch for kernel in table()})
    raise HarnessError(f"no kernel of architecture '{arch}' in kernels.tsv: there are "
                       + ", ".join(known))


def release_of(kernel: Kernel) -> str:
    """Without the pockets (-security, -backports), which are no whole suites."""
    return kernel.suites[-1].split("-")[0]


def wanted_packages() -> list[str]:
    """What the build needs of libraries: the -dev packages of its group, "a|b" as it stands there."""
    rows = [line.split() for line in PACKAGES.read_text().splitlines()
            if line and not line.startswith("#")]
    return sorted({"libc6-dev"} | {row[1] for row in rows
                                   if row[0] == "build" and row[1].endswith("-dev")
                                   and row[1] != "dpkg-dev"})


def unpack(debs: list[Path], target: Path) -> None:
    """/lib and its like are links into /usr, as on an installed system: packages use both names."""
    for name in MERGED:
        (target / "usr" / name).mkdir(parents=True)
        (target / name).symlink_to(f"usr/{name}")
    for deb in debs:
        content = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], check=True,
                                 capture_output=True).stdout
        subprocess.run(["tar", "-x", "--keep-directory-symlink", "--no-same-owner", "-C", target],
                       input=content, check=True)
    for place, folders, files in os.walk(target):
        for path in (Path(place) / name for name in folders + files):
            # An absolute link would lead the linker to the host's library of that name.
            if path.is_symlink() and (goal := os.readlink(path)).startswith("/"):
                path.unlink()
                path.symlink_to(os.path.relpath(f"{target}{goal}", place))
