# SPDX-License-Identifier: Apache-2.0
"""One test in one machine: boot it, follow it, and say how it ended."""

import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import HarnessError, cache, control, verdict
from .machine import POLL_SECONDS, Hardware, Machine

EXPECTATION_NOT_MET = 121
DIED = 122
COMPLAINED = 123
TIMED_OUT = 124
HARNESS_ERROR = 125
NO_BOOT = 126

BOOT_SECONDS = 90
BOOT_ATTEMPTS = 3
POWER_OFF_SECONDS = 30
TAIL_LINES = 60


@dataclass
class Request:
    kernel: object
    image: object  # writes the initramfs: images.Small or images.Debian
    hardware: Hardware
    append: str = ""
    timeout: float = 120
    expected: list[str] = field(default_factory=list)
    outputs: list[tuple[str, Path]] = field(default_factory=list)
    keep_console: Path | None = None


def run(request: Request) -> int:
    with tempfile.TemporaryDirectory(prefix="kprobed-vm.") as name:
        folder = Path(name)
        for attempt in range(1, BOOT_ATTEMPTS + 1):
            nonce = secrets.token_hex(16)
            initrd = folder / "initrd"
            request.image.write(initrd, nonce)
            machine = Machine(request.kernel, initrd, request.append, request.hardware, folder)
            try:
                follower = Follower(machine, nonce)
                if follower.until_begun(BOOT_SECONDS):
                    return conclude(request, machine, follower)
            finally:
                machine.kill()
                keep_console(request, machine)
            if machine.refused():
                raise HarnessError(f"QEMU did not start: {machine.refused()}")
            cache.say(f"boot {attempt} of {BOOT_ATTEMPTS} of kernel {request.kernel.name} ended "
                      f"before the guest's init ran, after {follower.seconds():.0f} s")
            show_console(machine.console().splitlines()[-TAIL_LINES:], "last lines of the console")
        return NO_BOOT


def conclude(request: Request, machine: Machine, follower: "Follower") -> int:
    """From the begin marker on nothing is ever retried."""
    in_time = follower.until_ended(request.timeout)
    if follower.session.status is not None:
        machine.wait(POWER_OFF_SECONDS)
    else:
        machine.kill()
    follower.forward()
    session = follower.session
    unpack_outputs(request, session)

    console = machine.console()
    complaints, unmet = verdict.judge(console, request.expected)
    problem = None
    late = f"no end after {request.timeout:g} s; the machine was stopped"
    if complaints:
        headlines = [next(line for line in report if not verdict.CUT_HERE.search(line))
                     for report in complaints]
        problem = COMPLAINED, "the guest kernel complained: " + "; ".join(headlines)
        if not in_time:
            cache.say(late)
    elif not in_time:
        problem = TIMED_OUT, late
    elif session.status is None:
        problem = DIED, "the machine stopped before the script ended"
    elif unmet:
        problem = EXPECTATION_NOT_MET, f"the kernel never complained as expected: {unmet}"
    if problem:
        if problem[0] == TIMED_OUT:
            show_console(console.splitlines()[-TAIL_LINES:], "last lines of the console")
        else:
            show_console(console.splitlines(), "the console")
        cache.say(problem[1])
        return problem[0]
    if session.status:
        show_console(console.splitlines(), "the console")
        cache.say(f"the script ended with status {session.status}")
    return session.status


class Follower:
    """Passes the script's output on while waiting for the session's next step."""

    def __init__(self, machine: Machine, nonce: str):
        self._machine = machine
        self._nonce = nonce
        self._output = open(machine.folder / "output", "rb")
        self._control_size = 0
        self.session = control.Session()

    def seconds(self) -> float:
        return time.monotonic() - self._machine.started

    def until_begun(self, seconds: float) -> bool:
        self._until(lambda: self.session.begun, seconds)
        return self.session.begun

    def until_ended(self, seconds: float) -> bool:
        """False if time ran out; True if the session ended or the machine stopped."""
        return self._until(lambda: self.session.status is not None, seconds)

    def forward(self) -> None:
        data = self._output.read()
        if data:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def _until(self, done, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            # Asked before reading: what a machine wrote before it stopped is still read.
            stopped = not self._machine.running()
            self.forward()
            self._read_control()
            if done() or stopped:
                return True
            time.sleep(POLL_SECONDS)
        return False

    def _read_control(self) -> None:
        size = (self._machine.folder / "control").stat().st_size
        if size != self._control_size:
            self._control_size = size
            self.session = control.parse(self._machine.control(), self._nonce)


def unpack_outputs(request: Request, session: control.Session) -> None:
    for index, (guest, host) in enumerate(request.outputs):
        data = session.outputs.get(index)
        if data is None:
            cache.say(f"--out: {guest} did not come back from the guest")
            if session.status == 0:
                raise HarnessError(f"the script succeeded without leaving {guest}")
            continue
        host.mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "-xzf", "-", "--no-same-owner", "-C", host], input=data, check=True)


def keep_console(request: Request, machine: Machine) -> None:
    if request.keep_console:
        request.keep_console.write_text(machine.console())


def show_console(lines: list[str], title: str) -> None:
    cache.say(f"---- {title} ----")
    for line in lines:
        print(line.rstrip("\r"), file=sys.stderr)
    cache.say("---- end of the console ----")
