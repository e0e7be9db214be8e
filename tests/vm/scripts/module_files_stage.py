#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Before the boot: the kernel's module dummy, compressed in each way. usage: module_files_stage.py DIR BUILD_DIR KERNEL"""
import ctypes
import gzip
import lzma
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from harness import kernels, modules  # noqa: E402


def zstd(data):
    """Python has no zstd before 3.14; the library that kprobed itself needs is there."""
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_compressBound.restype = library.ZSTD_compress.restype = ctypes.c_size_t
    library.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
    library.ZSTD_compress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
    room = library.ZSTD_compressBound(len(data))
    packed = ctypes.create_string_buffer(room)
    used = library.ZSTD_compress(packed, room, data, len(data), 3)
    return packed.raw[:used]


def main():
    target, _, kernel = sys.argv[1:]
    plain = modules.ModuleTree(kernels.by_name(kernel)).content("dummy")
    # As scripts/Makefile.modinst of the kernel has it.
    packed = {"gz": gzip.compress(plain), "zst": zstd(plain),
              "xz": lzma.compress(plain, check=lzma.CHECK_CRC32,
                                  filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}])}
    for kind, data in packed.items():
        pathlib.Path(target, f"dummy.ko.{kind}").write_bytes(data)


main()
