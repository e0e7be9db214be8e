# SPDX-License-Identifier: Apache-2.0
"""The cache folder: outside every build folder, filled atomically, safe for two runs at once."""

import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
from pathlib import Path


def root() -> Path:
    own = os.environ.get("KPROBED_CACHE")
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "kprobed"


def say(message: str) -> None:
    """Progress goes to stderr: stdout belongs to the guest script."""
    print(f"vm: {message}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def locked(name: str):
    """Hold one named lock of the cache; a second process waits and says so."""
    root().mkdir(parents=True, exist_ok=True)
    with open(root() / f"{name}.lock", "w", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another run that is preparing {name}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def building(target: Path):
    """Give a scratch folder beside `target` and rename it into place if the body succeeds.

    The caller holds a lock, so that what is left of a killed run can go first.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for stale in target.parent.glob(f".{target.name}.*"):
        shutil.rmtree(stale)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    scratch.chmod(0o755)
    try:
        yield scratch
        # rename() cannot replace a folder with content.
        if target.exists():
            shutil.rmtree(target)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
