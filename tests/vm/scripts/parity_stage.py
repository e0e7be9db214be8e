#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Before the boot: the lines for the guest's shell. usage: parity_stage.py DIR BUILD_DIR"""
import pathlib
import sys

sys.dont_write_bytecode = True
from parity_rows import LINES  # noqa: E402

(pathlib.Path(sys.argv[1]) / "lines").write_text("".join(line.text + "\n" for line in LINES))
