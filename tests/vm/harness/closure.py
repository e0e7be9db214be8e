# SPDX-License-Identifier: Apache-2.0
"""The shared libraries a host program needs, dynamic linker included."""

import re
import subprocess
from pathlib import Path

from . import HarnessError


def libraries(program: Path) -> list[Path]:
    """Paths as the linker will ask for them; none for a static program or a script."""
    done = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    if done.returncode:
        return []  # "not a dynamic executable"
    missing = re.findall(r"^\s*(\S+) => not found", done.stdout, re.MULTILINE)
    if missing:
        raise HarnessError(f"{program} needs {', '.join(missing)}, not installed on this host")
    return [Path(path) for path in re.findall(r"(/\S+) \(0x", done.stdout)]
