# SPDX-License-Identifier: Apache-2.0
"""What a module is built with out of the kernel's tree: Debian's headers package of a test kernel, and pahole.

Debian's header files lack the kernel's own types on some releases (the file vmlinux): those are asked of
the running kernel, which shows them to everybody.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from . import HarnessError, apt, cache
from .kernels import Kernel, host_architecture
from .sysroot import release_of

RUN = Path(__file__).resolve().parent.parent / "run"
COPY_TYPES = "mkdir -p /out && cp /sys/kernel/btf/vmlinux /out/types\n"


class Headers:
    def __init__(self, kernel: Kernel, root: Path):
        self.kernel = kernel
        self.root = root
        found = sorted(root.glob("usr/src/linux-headers-*/Module.symvers"))
        if len(found) != 1:
            raise HarnessError(f"{root} holds {len(found)} header packages instead of one; remove it")
        self.folder = found[0].parent
        self.tools = "" if kernel.arch == host_architecture() else f"{triplet(kernel.arch)}-"

    def build(self, source: Path, target: Path, flags: str, types: bool) -> None:
        """Builds the one-file module `source` as `target`, with its types if asked."""
        with tempfile.TemporaryDirectory() as work:
            name = source.stem
            (Path(work) / source.name).write_bytes(source.read_bytes())
            (Path(work) / "Makefile").write_text(f"obj-m := {name}.o\nccflags-y := {flags}\n")
            run("make", "-C", self.folder, f"M={work}", f"CC={self.tools}gcc", f"CROSS_COMPILE={self.tools}",
                "PAHOLE=true", "modules")
            built = Path(work) / f"{name}.ko"
            if types:
                add_types(built, self.root.parent / "types")
            run(f"{self.tools}strip", "--strip-debug", built)
            target.write_bytes(built.read_bytes())


def ensure(kernel: Kernel) -> Headers:
    folder = cache.root() / "headers" / kernel.release
    if not folder.exists():
        with cache.locked("headers"):
            if not folder.exists():
                cache.say(f"fetching the headers of kernel {kernel.name}, up to a minute")
                with cache.building(folder) as scratch:
                    fetch(kernel, scratch)
    return Headers(kernel, folder / "root")


def fetch(kernel: Kernel, folder: Path) -> None:
    archive = apt.Archive(folder / "apt", kernel.arch, kernel.suites)
    archive.update()
    packages = archive.with_dependencies(f"linux-headers-{kernel.release}", ("linux-headers-", "linux-kbuild-"))
    # The programs among them run here: another architecture's come from this one's archive.
    here = [] if kernel.arch == host_architecture() else [one for one in packages if one.startswith("linux-kbuild-")]
    archive.extract([one for one in packages if one not in here], folder / "root")
    archive.discard()
    if here:
        archive = apt.Archive(folder / "apt", host_architecture(), kernel.suites)
        archive.update()
        archive.extract(here, folder / "root")
        archive.discard()
    for makefile in folder.glob("root/usr/src/linux-headers-*/Makefile"):
        # The package knows where it would have been installed.
        text = re.sub(r"^include /usr/src/", "include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))../",
                      makefile.read_text(), flags=re.MULTILINE)
        makefile.write_text(text)
    script = folder / "types.sh"
    script.write_text(COPY_TYPES)
    run(RUN, "--kernel", kernel.name, "--out", f"/out:{folder}/out", script)
    (folder / "out" / "types").rename(folder / "types")


def add_types(module: Path, base: Path) -> None:
    root = pahole()
    run(root / "usr/bin/pahole", "-J", "--btf_base", base, module,
        LD_LIBRARY_PATH=":".join(str(found) for found in root.glob("usr/lib/*-linux-gnu")))


def pahole() -> Path:
    """The folder with Debian 12's pahole in it: it knows the types of all the kernels here."""
    folder = cache.root() / "tools" / "pahole"
    if not folder.exists():
        with cache.locked("tools"):
            if not folder.exists():
                with cache.building(folder) as scratch:
                    archive = apt.Archive(scratch / "apt", host_architecture(), ("bookworm",))
                    archive.update()
                    archive.extract(["pahole", "libdw1"], scratch / "root")
                    archive.discard()
    return folder / "root"


def triplet(arch: str) -> str:
    return subprocess.run(["dpkg-architecture", f"-a{arch}", "-qDEB_HOST_GNU_TYPE"], check=True,
                          capture_output=True, text=True).stdout.strip()


def run(*command, **environment: str) -> None:
    done = subprocess.run([str(word) for word in command], env=dict(os.environ, **environment), check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise HarnessError(f"'{command[0]}' failed:\n{done.stdout[-3000:]}")
