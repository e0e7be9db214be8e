# SPDX-License-Identifier: Apache-2.0
"""What the machine boots into: writers of the initramfs for each kind of guest."""

import shlex
from pathlib import Path

from .cpio import CpioWriter
from .kernels import Kernel
from .payload import HERE, Payload, write_modules


class Small:
    """Busybox and the script; boots in seconds."""

    def __init__(self, kernel: Kernel, payload: Payload):
        self._kernel = kernel
        self._payload = payload

    def write(self, path: Path, nonce: str) -> None:
        archive = CpioWriter(path)
        write_session(archive, "", self._kernel, self._payload, nonce)
        archive.file("/init", (HERE / "guest/init").read_bytes(), 0o755)
        archive.file("/etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n"
                                    b"nobody:x:65534:65534:nobody:/tmp:/bin/sh\n")
        archive.file("/etc/group", b"root:x:0:\nnogroup:x:65534:\n")
        self._payload.write(archive, "", usr_merged=False)
        self._payload.write_libraries(archive, "", usr_merged=False)
        modules = [name for name in [self._kernel.port_module] if name] + self._payload.modules
        if modules:
            write_modules(archive, self._kernel, modules)
        archive.file("/.vm/port-module", self._kernel.port_module.encode())
        archive.close()


def write_session(archive: CpioWriter, below: str, kernel: Kernel, payload: Payload,
                  nonce: str) -> None:
    """The guest's half of the harness, in a folder of its own so that no test trips over it."""
    # The kernel opens this for init's first words, before devtmpfs is mounted.
    archive.character_device("/dev/console", 5, 1)
    output, control = kernel.ports
    settings = {"NONCE": nonce, "OUTPUT_PORT": f"/dev/{output}",
                "CONTROL_PORT": f"/dev/{control}", "OUTPUTS": " ".join(payload.outputs)}
    text = "".join(f"{key}={shlex.quote(value)}\n" for key, value in settings.items())
    archive.file(f"{below}/.vm/busybox", kernel.busybox.read_bytes(), 0o755)
    archive.file(f"{below}/.vm/session", (HERE / "guest/session").read_bytes())
    archive.file(f"{below}/.vm/settings", text.encode(), 0o600)
    archive.file(f"{below}/.vm/command", payload.command().encode())
