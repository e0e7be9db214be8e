#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Before the boot: builds the module that takes all event ids, against the kernel's headers package.

usage: exhaustion_stage.py DIR BUILD_DIR KERNEL
"""
import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from harness import headers, kernels  # noqa: E402

headers.ensure(kernels.by_name(sys.argv[3])).build(HERE / "exhaustion" / "event_ids.c",
                                                   pathlib.Path(sys.argv[1]) / "event_ids.ko", "", False)
