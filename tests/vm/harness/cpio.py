# SPDX-License-Identifier: Apache-2.0
"""A newc cpio archive, the format the kernel unpacks as initramfs.

Written here instead of by cpio(1) so that owners and device nodes need no root.
"""

import stat
from pathlib import Path


class CpioWriter:
    def __init__(self, path: Path):
        self._file = open(path, "wb")
        self._inode = 0
        self._folders: set[str] = set()

    def folder(self, name: str, mode: int = 0o755) -> None:
        name = name.strip("/")
        if name in self._folders or not name:
            return
        self._folders_above(name)
        self._folders.add(name)
        self._entry(name, stat.S_IFDIR | mode)

    def file(self, name: str, content: bytes, mode: int = 0o644) -> None:
        self._folders_above(name)
        self._entry(name, stat.S_IFREG | mode, content)

    def symlink(self, name: str, target: str) -> None:
        self._folders_above(name)
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def character_device(self, name: str, major: int, minor: int) -> None:
        self._folders_above(name)
        self._entry(name, stat.S_IFCHR | 0o600, device=(major, minor))

    def close(self) -> None:
        self._entry("TRAILER!!!", 0)
        self._file.close()

    def _folders_above(self, name: str) -> None:
        """The kernel creates nothing by itself: a missing folder loses the file silently."""
        parent = name.strip("/").rpartition("/")[0]
        if parent:
            self.folder(parent)

    def _entry(self, name: str, mode: int, content: bytes = b"",
               device: tuple[int, int] = (0, 0)) -> None:
        # Documentation/driver-api/early-userspace/buffer-format.rst: 13 fields of 8 hex digits;
        # names and contents are padded to 4 bytes.
        self._inode += 1
        raw_name = name.strip("/").encode() + b"\0"
        fields = (self._inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(raw_name), 0)
        header = b"070701" + b"".join(b"%08X" % field for field in fields)
        self._file.write(header + raw_name)
        self._file.write(b"\0" * (-(len(header) + len(raw_name)) % 4))
        self._file.write(content)
        self._file.write(b"\0" * (-len(content) % 4))
