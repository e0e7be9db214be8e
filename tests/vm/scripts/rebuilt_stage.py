#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Before the boot: builds the module three times against the kernel's headers package.

usage: rebuilt_stage.py DIR BUILD_DIR KERNEL
"""
import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from harness import headers, kernels  # noqa: E402


def main(folder, kernel):
    built_with = headers.ensure(kernel)
    # 5.10 knows no types of modules, and takes none.
    types = "CONFIG_DEBUG_INFO_BTF_MODULES=y" in next(kernel.tree.glob("boot/config-*")).read_text()
    for build in (1, 2, 3):
        (folder / str(build)).mkdir()
        built_with.build(HERE / "rebuilt" / "rebuilt.c", folder / str(build) / "rebuilt.ko",
                         f"-DBUILD={build}", types)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), kernels.by_name(sys.argv[3]))
