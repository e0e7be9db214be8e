# SPDX-License-Identifier: Apache-2.0
"""The test machine: fetch a Debian kernel, boot it under QEMU, run a script, judge the console."""


class HarnessError(Exception):
    """Something the user can act on; printed as one sentence, never as a traceback."""
