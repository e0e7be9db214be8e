# SPDX-License-Identifier: Apache-2.0
"""A full Debian 12 with systemd on a disk: built once per kernel and kept in the cache."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import HarnessError, apt, cache
from .cpio import CpioWriter
from .images import write_session
from .kernels import Kernel
from .modules import ModuleTree
from .payload import HERE, Payload, write_modules

SUITES = ("bookworm", "bookworm-updates", "bookworm-security")
PACKAGES = HERE / "debian-packages.txt"
DISK_SIZE = "1536M"  # sparse; about a quarter is used
DISK_MODULES = ["virtio_pci", "virtio_blk"]  # ext4 is built into Debian's kernels
KERNEL_ARGUMENTS = ("systemd.unit=vm-test.target systemd.show_status=no "
                    "systemd.mask=serial-getty@ttyS0.service systemd.mask=getty@tty1.service")


class Debian:
    """Writer of the initramfs that puts the payload on the disk and starts its systemd."""

    def __init__(self, kernel: Kernel, payload: Payload):
        self._kernel = kernel
        self._payload = payload

    def write(self, path: Path, nonce: str) -> None:
        archive = CpioWriter(path)
        archive.file("/init", (HERE / "guest/init-debian").read_bytes(), 0o755)
        # Twice: this init speaks to the harness first, the disk's systemd later.
        write_session(archive, "", self._kernel, self._payload, nonce)
        write_session(archive, "/payload", self._kernel, self._payload, nonce)
        for unit in ("vm-test.service", "vm-test.target"):
            text = (HERE / "guest" / unit).read_bytes()
            archive.file(f"/payload/etc/systemd/system/{unit}", text)
        archive.file("/payload/.vm/debian-test", (HERE / "guest/debian-test").read_bytes(), 0o755)
        self._payload.write(archive, "/payload", usr_merged=True)
        self._payload.write_libraries(archive, "/libraries", usr_merged=True)
        archive.folder("/libraries")
        write_modules(archive, self._kernel, DISK_MODULES)
        order = ModuleTree(self._kernel).load_order(DISK_MODULES)
        archive.file("/load-modules", "".join(f"modprobe {name}\n" for name in order).encode())
        archive.close()


def ensure_disk(kernel: Kernel) -> Path:
    """The pristine disk of this kernel, built if it is not there; never written afterwards."""
    if not kernel.is_native():
        raise HarnessError(f"--image debian needs a kernel of this host's architecture; "
                           f"{kernel.name} is {kernel.arch}")
    contents = [*recipe(kernel), DISK_SIZE, str(kernel.provenance())]
    digest = hashlib.sha256("\n".join(contents).encode()).hexdigest()[:12]
    folder = cache.root() / "debian" / f"{kernel.name}-{digest}"
    if not folder.exists():
        with cache.locked("debian"):
            if not folder.exists():
                cache.say(f"building the Debian disk for kernel {kernel.name}, about a minute")
                for outdated in folder.parent.glob(f"{kernel.name}-*"):
                    shutil.rmtree(outdated)
                with cache.building(folder) as scratch:
                    build(kernel, scratch)
    return folder / "root.img"


def recipe(kernel: Kernel) -> list[str]:
    """What mmdebstrap is told; a change of it makes another disk."""
    packages = [line for line in PACKAGES.read_text().splitlines()
                if line and not line.startswith("#")]
    modules = kernel.tree / "lib/modules" / kernel.release
    return ["--variant=minbase", f"--include={','.join(packages)}",
            '--customize-hook=mkdir -p "$1/usr/lib/modules"',
            f'--customize-hook=copy-in "{modules}" /usr/lib/modules',
            f'--customize-hook=chroot "$1" depmod {kernel.release}',
            # Without a machine id systemd would take every boot for the very first one.
            '--customize-hook=chroot "$1" systemd-machine-id-setup',
            '--customize-hook=echo vm >"$1/etc/hostname"',
            '--customize-hook=rm -rf "$1"/usr/share/doc/* "$1"/usr/share/man/* '
            '"$1"/usr/share/locale/* "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*']


def build(kernel: Kernel, folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="kprobed-debian.") as name:
        sources = Path(name) / "sources.list"
        sources.write_text(apt.sources_list(SUITES))
        step("mmdebstrap", "--quiet", *recipe(kernel), "bookworm", f"{name}/root.tar", str(sources))
        # fakeroot keeps the tar's owners through the unpacked folder without being root.
        step("fakeroot", "sh", "-ec",
             'mkdir "$1/root"; tar -xpf "$1/root.tar" -C "$1/root"; '
             f'mke2fs -q -t ext4 -L kprobed -d "$1/root" "$2" {DISK_SIZE}',
             "sh", name, str(folder / "root.img"))


def overlay(base: Path, disk: Path) -> None:
    """A persistent disk on top of the pristine one; an existing one is used as it is."""
    if not disk.exists():
        step("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(base), str(disk))


def step(*command: str) -> None:
    # mke2fs lives in a folder that is not on every user's path.
    environment = dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin")
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              env=environment)
    except FileNotFoundError as error:
        raise HarnessError(f"{command[0]} is not installed: run scripts/setup") from error
    if done.returncode:
        last = "\n  ".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise HarnessError(f"{command[0]} failed with status {done.returncode}:\n  {last}")
