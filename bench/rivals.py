# SPDX-License-Identifier: Apache-2.0
"""The rivals: how each is run, its exact command, and what of its output counts."""
import contextlib
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import time

from measure import CONSUMER_CPU, PRODUCER_CPU, TRACING, CannotRun, Run, cpu_seconds, pinned, rss_without_rings, version

TRACEPOINT = "syscalls:sys_enter_fchown"
ENABLE = "events/syscalls/sys_enter_fchown/enable"
BPF_JSON = r"""tracepoint:syscalls:sys_enter_fchown /args->group == 7/ {
  printf("{\"type\":\"event\",\"ts\":%llu,\"cpu\":%d,\"pid\":%d,\"comm\":\"%s\",\"fd\":%d,\"user\":%d,\"group\":\"0x%x\"}\n",
         nsecs, cpu, pid, comm, args->fd, args->user, args->group); }"""

def tree_cpu_seconds(pid):
    """Of a process and all its descendants that live."""
    total = cpu_seconds(pid)
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(OSError):
            total += tree_cpu_seconds(int(child))
    return total


def wait_until_still(path):
    """Until who writes it has nothing more to say: what it still had to do counts as its CPU time."""
    size, still_since, begin = -1, 0.0, time.monotonic()
    while time.monotonic() - begin < 60:
        now = path.stat().st_size
        if now != size:
            size, still_since = now, time.monotonic()
        elif time.monotonic() - still_since > 2:
            break
        time.sleep(0.1)


def count_lines(path):
    lines = 0
    with open(path, "rb") as text:
        for line in text:
            lines += b"fchown" in line or line.startswith(b'{"type":"event"')
    return lines


def interrupt(pid, command):
    for child in [pid, *map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]:
        with contextlib.suppress(OSError):
            line = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            if line.startswith(command):
                os.kill(child, signal.SIGINT)


@contextlib.contextmanager
def instance(buffer_kb):
    """A tracefs instance of our own: nobody else's buffer is touched."""
    name = f"kprobed_bench_{os.getpid()}"
    folder = TRACING / "instances" / name
    folder.mkdir()
    try:
        (folder / "buffer_size_kb").write_text(buffer_kb)
        yield name
    finally:
        for _ in range(50):  # busy as long as somebody reads it; `trace-cmd extract` removes it itself
            with contextlib.suppress(OSError):
                if folder.exists():
                    folder.rmdir()
                break
            time.sleep(0.1)


@contextlib.contextmanager
def common_buffer():
    """The buffer that everybody shares, for who can do with no other; afterwards it is as it was."""
    if (TRACING / "set_event").read_text().strip():
        raise CannotRun("somebody has events enabled in the common ftrace buffer, which it would switch off")
    settings = {name: (TRACING / name).read_text().split() for name in ("tracing_on", "buffer_size_kb")}
    try:
        yield
    finally:
        (TRACING / ENABLE).write_text("0")
        for name, words in settings.items():
            # "7 (expanded: 1408)" until somebody has used it, and never again.
            (TRACING / name).write_text(words[-1].rstrip(")"))


class Rivals:
    def __init__(self, bench):
        self.bench = bench
        self.perf = f"perf {version('perf', '--version')}"
        self.bpftrace = f"bpftrace {version('bpftrace', '--version')}"
        self.trace_cmd = f"trace-cmd {version('trace-cmd', '--version')}" if shutil.which("trace-cmd") else ""

    # ---- live ----------------------------------------------------------------------------------------------------

    def live(self):
        rivals = {}
        if self.bench.has("perf"):
            rivals["perf record | perf script"] = lambda: self.shell(
                f"perf record -q -a -m 8M -e {TRACEPOINT} -o - 2>/dev/null | perf script -i - 2>/dev/null",
                self.perf, 500_000, "perf record")
            rivals["perf trace"] = lambda: self.shell(f"exec perf trace -a -e {TRACEPOINT} -o /dev/stdout", self.perf,
                                                      50_000, "perf trace")
        if (TRACING / "instances").is_dir():
            rivals["trace_pipe"] = lambda: self.trace_pipe(1_000_000)
        else:
            self.bench.absent.append("tracefs instances")
        if self.bench.has("trace-cmd"):
            rivals["trace-cmd stream"] = lambda: self.trace_cmd_stream(500_000)
        if self.bench.has("bpftrace"):
            rivals["bpftrace printf"] = lambda: self.shell(["bpftrace", "-e", BPF_JSON], self.bpftrace, 100_000,
                                                           "bpftrace")
        return rivals

    def shell(self, command, name, count, interrupted, shown=None):
        """A command that prints a line for each event, until it is interrupted."""
        out, errors = self.bench.folder / "rival.txt", self.bench.folder / "rival.err"
        is_line = isinstance(command, str)
        shown = shown or (command.removeprefix("exec ") if is_line else f"{command[0]} -e BPF_JSON")
        with open(out, "wb") as sink, open(errors, "wb") as complaints:
            process = subprocess.Popen(pinned(CONSUMER_CPU, *(["sh", "-c", command] if is_line else command)),
                                       stdout=sink, stderr=complaints, start_new_session=True)
            try:
                time.sleep(3)
                if process.poll() is not None:
                    said = " ".join(errors.read_text(errors="replace").split())[:200]
                    raise CannotRun(f"{name}: {shown}: ended at once with status {process.returncode}: {said}")
                before = tree_cpu_seconds(process.pid)
                seconds = self.bench.produce("tracepoint", count)
                wait_until_still(out)
                cpu = tree_cpu_seconds(process.pid) - before
                # The process that records ends the pipe; the others end with it.
                interrupt(process.pid, interrupted)
                with contextlib.suppress(subprocess.TimeoutExpired):  # trace-cmd stream may wait for itself
                    process.wait(timeout=60)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        delivered = min(count_lines(out), count)
        if delivered == 0:
            raise CannotRun(f"{name}: {shown}: printed none of {count} events")
        return Run(count, delivered, count - delivered, 0, seconds, cpu, f"{name}: {shown}")

    def trace_pipe(self, count):
        with instance("8192") as name:
            folder = TRACING / "instances" / name
            out = self.bench.folder / "rival.txt"
            with open(out, "wb") as sink:
                process = subprocess.Popen(pinned(CONSUMER_CPU, "cat", folder / "trace_pipe"), stdout=sink)
                (folder / ENABLE).write_text("1")
                time.sleep(0.5)
                before = cpu_seconds(process.pid)
                seconds = self.bench.produce("tracepoint", count)
                wait_until_still(out)
                cpu = cpu_seconds(process.pid) - before
                (folder / ENABLE).write_text("0")
                process.terminate()
                process.wait()
            delivered = min(count_lines(out), count)
        return Run(count, delivered, count - delivered, 0, seconds, cpu,
                   f"Linux {os.uname().release}: cat trace_pipe, 8 MiB per CPU")

    def trace_cmd_stream(self, count):
        """Not in an instance: with -B version 3.1.6 crashes. Where the host lets nobody switch the function tracer it ends
        at once, as it insists on that."""
        with common_buffer():
            return self.shell(["trace-cmd", "stream", "-b", "8192", "-e", TRACEPOINT], self.trace_cmd, count,
                              "trace-cmd stream", f"trace-cmd stream -b 8192 -e {TRACEPOINT}")

    # ---- latency, memory -----------------------------------------------------------------------------------------

    def bpftrace_latency(self):
        process = subprocess.Popen(pinned(CONSUMER_CPU, "bpftrace", "-B", "line", "-e", BPF_JSON),
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        reader = subprocess.Popen(pinned(CONSUMER_CPU, self.bench.client, "-", 3000, 2000, "-l"), stdin=process.stdout,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdout.close()
        time.sleep(3)
        self.bench.produce("tracepoint", 3_000, 1_000)
        said = json.loads(reader.communicate()[0])
        process.send_signal(signal.SIGINT)
        process.wait()
        return said

    def resident(self):
        """{exact command: MiB without rings} of who has one tracepoint armed for five seconds; None: it ended."""
        found = {}
        perf_record = ["perf", "record", "-q", "-a", "-e", TRACEPOINT, "-o", "/dev/null"]
        for tool, command, shown in (("perf", perf_record, f"{self.perf}: {' '.join(perf_record)}"),
                                     ("bpftrace", ["bpftrace", "-e", BPF_JSON],
                                      f"{self.bpftrace}: bpftrace -e BPF_JSON")):
            if not self.bench.has(tool):
                continue
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(5)
            if process.poll() is not None:
                found[shown] = None
                continue
            found[shown] = rss_without_rings(process.pid)
            process.send_signal(signal.SIGINT)
            process.wait()
        return found

    # ---- offline -------------------------------------------------------------------------------------------------

    def record(self):
        """The same million events as perf.data and trace.dat, made once."""
        perf_data, trace_dat = self.bench.folder / "perf.data", self.bench.folder / "trace.dat"
        if not perf_data.exists():
            subprocess.run(pinned(CONSUMER_CPU, "perf", "record", "-q", "-a", "-m", "16M", "-e", TRACEPOINT,
                                  "-k", "CLOCK_MONOTONIC", "-o", perf_data, "--",
                                  *pinned(PRODUCER_CPU, self.bench.producer, "tracepoint", 1_000_000)),
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            # Not `trace-cmd record`: it insists on switching the function tracer, which not every host allows.
            with instance("65536") as name:
                (TRACING / "instances" / name / ENABLE).write_text("1")
                self.bench.produce("tracepoint", 1_000_000)
                (TRACING / "instances" / name / ENABLE).write_text("0")
                subprocess.run(["trace-cmd", "extract", "-B", name, "--compression", "none", "-o", trace_dat],
                               check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return perf_data, trace_dat

    @staticmethod
    def cpu_of(*command):
        """User and system seconds: all of these have one thread and never wait, and others may use the machine."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(pinned(CONSUMER_CPU, *command), check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def kprobed_offline(self):
        return self.cpu_of(self.bench.build / "bench/bench_offline", self.record()[0])

    def offline(self):
        return {f"{self.perf}: perf script -i perf.data":
                lambda: self.cpu_of("perf", "script", "-i", self.record()[0]),
                f"{self.trace_cmd}: trace-cmd report -i trace.dat":
                lambda: self.cpu_of("trace-cmd", "report", "-i", self.record()[1])}
