# SPDX-License-Identifier: Apache-2.0
"""One QEMU process: how it is started, and the three streams that come out of it.

Each stream is a file that QEMU appends to and we follow: the guest is never slowed down by a slow
reader, nothing is lost when either side dies, and the files are there for the post mortem.

    console   the kernel's own messages, and nothing else
    output    stdout and stderr of the script
    control   begin and end of the session, and what --out brings back
"""

import ctypes
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from . import HarnessError
from .kernels import Kernel

POLL_SECONDS = 0.02
PR_SET_PDEATHSIG = 1


@dataclass
class Hardware:
    cpus: int
    memory: str
    kvm: bool = False
    disk: Path | None = None
    keep_disk: bool = False


class Machine:
    def __init__(self, kernel: Kernel, initrd: Path, append: str, hardware: Hardware,
                 folder: Path):
        self.folder = folder
        for name in ("console", "output", "control", "qemu"):
            (folder / name).write_bytes(b"")
        command = qemu_command(kernel, initrd, append, hardware, folder)
        with open(folder / "qemu", "wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=log, preexec_fn=die_with_parent)
        self.started = time.monotonic()

    def running(self) -> bool:
        return self._process.poll() is None

    def refused(self) -> str:
        """QEMU's own words if it stopped without ever running the guest, else empty."""
        said = (self.folder / "qemu").read_text(errors="replace").strip()
        return said if self._process.poll() and not self.console() else ""

    def console(self) -> str:
        return (self.folder / "console").read_text(errors="replace")

    def control(self) -> bytes:
        return (self.folder / "control").read_bytes()

    def wait(self, seconds: float) -> None:
        """Give the guest time to power off by itself, then stop it."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        if self.running():
            self._process.kill()
        self._process.wait()


def qemu_command(kernel: Kernel, initrd: Path, append: str, hardware: Hardware,
                 folder: Path) -> list[str]:
    program, *words = kernel.qemu
    if not shutil.which(program):
        raise HarnessError(f"{program} is not installed: run scripts/setup")
    if hardware.kvm:
        accelerator = ["-accel", "kvm"]
    elif "-accel" in words:
        accelerator = []  # the kernel's line knows better
    else:
        # One host thread for all CPUs. With a thread each, a CPU was seen to run into an int3 that
        # another had patched away already (a probe's ftrace site, 6.1: exc_int3 found no patcher and
        # jumped to the kprobe's copy of the instruction, which such a probe has not: RIP 0). Real
        # CPUs are made to wait for the patcher; emulated ones ran the old code once more. No slower.
        accelerator = ["-accel", "tcg,thread=single"]
    command = [program, *accelerator, *words, "-m", hardware.memory,
               "-display", "none", "-monitor", "none", "-net", "none", "-no-reboot",
               "-kernel", str(kernel.image), "-initrd", str(initrd),
               # Level 5 lets warnings through, which "quiet" hides, and no routine messages,
               # which cost a second of emulated serial line.
               "-append", f"console={kernel.console} loglevel=5 panic=-1 {append}".strip()]
    if "-smp" not in words:  # a machine that has no more CPUs says so
        command += ["-smp", str(hardware.cpus)]
    for stream in ("console", "output", "control"):
        command += ["-chardev", f"file,id={stream},path={folder / stream}"]
        # A device of the kernel's line may have taken the stream: few machines have three ports.
        if not any(f"chardev={stream}" in word.split(",") for word in words):
            command += ["-serial", f"chardev:{stream}"]
    if hardware.disk:
        form = "qcow2" if hardware.keep_disk else "raw"
        snapshot = "off" if hardware.keep_disk else "on"
        command += ["-drive", f"file={hardware.disk},if=virtio,format={form},snapshot={snapshot}"]
    return command


def die_with_parent() -> None:
    """ctest ends a test that is over its time with SIGKILL: QEMU must not stay behind."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the request took effect
        os._exit(1)
