# SPDX-License-Identifier: Apache-2.0
"""What bench/run measures with: processes on their CPUs, and what they cost."""
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

WARM = 600_000  # events, some 150 MB of lines
PRODUCER_CPU, CONSUMER_CPU = "0", "1"
TRACING = pathlib.Path("/sys/kernel/tracing")
TRACEPOINT = "syscalls:sys_enter_fchown"
BPF_JSON = r"""tracepoint:syscalls:sys_enter_fchown /args->group == 7/ {
  printf("{\"type\":\"event\",\"ts\":%llu,\"cpu\":%d,\"pid\":%d,\"comm\":\"%s\",\"fd\":%d,\"user\":%d,\"group\":\"0x%x\"}\n",
         nsecs, cpu, pid, comm, args->fd, args->user, args->group); }"""


def median(values):
    return statistics.median(list(values))


@dataclasses.dataclass
class Row:
    name: str
    figure: float
    unit: str
    target: float | None  # at most; negative: at least so much
    beside: str
    ratio: float | None = None  # how many times better than the rival

    def met(self):
        if self.target is None:
            return True
        return self.figure >= -self.target if self.target < 0 else self.figure <= self.target

    def text(self):
        sign = "" if self.target is None else ">= " if self.target < 0 else "<= "
        target = "" if self.target is None else f"{sign}{abs(self.target):g}"
        ratio = "" if self.ratio is None else f"{self.ratio:.1f}x"
        figure = f"{self.figure:.3g}" if self.figure < 1000 else f"{self.figure:.0f}"
        return (f"{self.name:44} {figure + ' ' + self.unit:>14} {target:>12} {ratio:>8}  {self.beside}"
                f"{'' if self.met() else '  MISSED'}")


@dataclasses.dataclass
class Run:
    produced: int
    delivered: int
    lost: int
    dropped: int
    seconds: float  # the producer's
    cpu: float
    command: str = ""

    @property
    def rate(self):
        return self.delivered / self.seconds

    @property
    def cpu_per_million(self):
        return self.cpu / max(self.delivered, 1) * 1e6


def pinned(cpu, *command):
    return ["taskset", "-c", cpu, *map(str, command)]


def cpu_seconds(pid):
    """Of all threads that live, to the nanosecond: /proc/PID/stat has ticks only."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def tree_cpu_seconds(pid):
    """Of a process and all its descendants that live."""
    total = cpu_seconds(pid)
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(OSError):
            total += tree_cpu_seconds(int(child))
    return total


def version(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d+[\w.]*", done.stdout + done.stderr)
    return found.group(0) if found else "?"


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


class Daemon:
    """kprobed with one probe, on the consumers' CPU."""

    def __init__(self, build, folder, spec):
        self.socket = folder / "kprobed.sock"
        self.build = build
        self.process = subprocess.Popen(pinned(CONSUMER_CPU, build / "kprobed", "--no-governor", "--socket", self.socket),
                                        stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for _ in range(200):
            if self.socket.exists():
                break
            time.sleep(0.05)
        subprocess.run([build / "kprobectl", "--socket", self.socket, "add", spec], check=True,
                       stdout=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    @property
    def pid(self):
        return self.process.pid


class Bench:
    def __init__(self, build, count):
        self.build, self.count = build, count
        self.absent = []
        self.producer = build / "bench/bench_producer"
        self.client = build / "bench/bench_client"

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="kprobed-bench")))
        return self

    def __exit__(self, *_):
        self.stack.close()

    def machine(self):
        model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
        load = os.getloadavg()[0]
        return (f"{os.cpu_count()} CPUs, {model.group(1) if model else os.uname().machine}, Linux {os.uname().release}, "
                f"load {load:.1f}, medians of {self.count}")

    def has(self, tool):
        if shutil.which(tool):
            return True
        if tool not in self.absent:
            self.absent.append(tool)
        return False

    def pairs(self, ours, rivals):
        """Ours and each rival in turns: (results, {name: results})."""
        own, theirs = [], {name: [] for name in rivals}
        for _ in range(self.count):
            own.append(ours())
            for name, run in rivals.items():
                theirs[name].append(run())
        return own, theirs

    # ---- in memory -----------------------------------------------------------------------------------------------

    def micro(self, which):
        """ns per event by benchmark name, medians over repetitions that are interleaved at random."""
        out = self.folder / "micro.json"
        subprocess.run(pinned(CONSUMER_CPU, self.build / "bench/bench_stream", f"--benchmark_filter={which}",
                              f"--benchmark_repetitions={self.count}", "--benchmark_enable_random_interleaving=true",
                              "--benchmark_min_time=0.05", f"--benchmark_out={out}", "--benchmark_out_format=json"),
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        figures = {}
        for entry in json.loads(out.read_text())["benchmarks"]:
            if entry["run_type"] == "iteration":
                figures.setdefault(entry["run_name"], []).append(entry["ns"])
        return {name: median(runs) for name, runs in figures.items()}

    # ---- kprobed -------------------------------------------------------------------------------------------------

    def spec(self, what):
        if what == "uprobe":
            return f"p:bench {self.producer}:bench_probed a1:u64 a2"
        return "t:bench syscalls/sys_enter_fchown fd user group"

    def start_client(self, daemon, events, *more):
        client = subprocess.Popen(pinned(CONSUMER_CPU, self.client, daemon.socket, events, 2000, *more),
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        client.stderr.readline()
        return client

    def produce(self, what, count, rate=0):
        done = subprocess.run(pinned(PRODUCER_CPU, self.producer, what, count, rate), check=True, capture_output=True)
        return int(done.stdout) / 1e9

    def kprobed_live(self, what, count, clients=1, filters=False):
        with Daemon(self.build, self.folder, self.spec(what)) as daemon:
            readers = [self.start_client(daemon, WARM + count, *(["-f", "benc*", "-f", f"other{i}*"] if filters else []))
                       for i in range(clients)]
            # Until the log is full its memory is new to the kernel: that happens once, not with every event.
            self.produce(what, WARM)
            time.sleep(0.5)
            before = cpu_seconds(daemon.pid)
            seconds = self.produce(what, count)
            said = [json.loads(reader.communicate()[0]) for reader in readers]
            cpu = cpu_seconds(daemon.pid) - before
        worst = min(said, key=lambda one: one["events"])
        return Run(count, worst["events"] - WARM, max(one["lost"] for one in said), sum(one["dropped"] for one in said),
                   seconds, cpu)

    def kprobed_latency(self, rate, count):
        with Daemon(self.build, self.folder, self.spec("tracepoint")) as daemon:
            reader = self.start_client(daemon, count, "-l")
            seconds = self.produce("tracepoint", count, rate)
            said = json.loads(reader.communicate()[0])
        return {**said, "ns": seconds * 1e9}

    def kprobed_idle(self):
        with Daemon(self.build, self.folder, self.spec("uprobe")) as daemon:
            time.sleep(60)
            begin, before = time.monotonic(), self.switches(daemon.pid)
            time.sleep(10)
            wakeups = (self.switches(daemon.pid) - before) / (time.monotonic() - begin)
            smaps = pathlib.Path(f"/proc/{daemon.pid}/smaps").read_text()
        rss, rings, in_ring = 0, 0, False
        for line in smaps.splitlines():
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                in_ring = "perf_event" in line
            elif line.startswith("Rss:"):
                rss += int(line.split()[1])
                rings += int(line.split()[1]) if in_ring else 0
        return wakeups, (rss - rings) / 1024

    @staticmethod
    def switches(pid):
        total = 0
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            total += int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", (task / "status").read_text(), re.M).group(1))
        return total

    # ---- rivals, live --------------------------------------------------------------------------------------------

    def live_rivals(self):
        rivals = {}
        if self.has("perf"):
            rivals["perf record | perf script"] = lambda: self.shell_rival(
                f"perf record -q -a -m 8M -e {TRACEPOINT} -o - 2>/dev/null | perf script -i - 2>/dev/null",
                f"perf {version('perf', '--version')}", 500_000, "perf record")
        if (TRACING / "instances").is_dir():
            rivals["trace_pipe"] = lambda: self.trace_pipe(1_000_000)
        else:
            self.absent.append("tracefs instances")
        if self.has("bpftrace"):
            rivals["bpftrace printf"] = lambda: self.shell_rival(
                ["bpftrace", "-e", BPF_JSON], f"bpftrace {version('bpftrace', '--version')}", 100_000, "bpftrace")
        return rivals

    def shell_rival(self, command, name, count, interrupt):
        """A command that prints a line for each event, until it is interrupted."""
        out = self.folder / "rival.txt"
        with open(out, "wb") as sink:
            shell = isinstance(command, str)
            process = subprocess.Popen(pinned(CONSUMER_CPU, *(["sh", "-c", command] if shell else command)),
                                       stdout=sink, stderr=subprocess.DEVNULL, start_new_session=True)
            time.sleep(3)
            before = tree_cpu_seconds(process.pid)
            seconds = self.produce("tracepoint", count)
            time.sleep(2)
            cpu = tree_cpu_seconds(process.pid) - before
            # The process that records ends the pipe; the others end with it.
            self.interrupt(process.pid, interrupt)
            process.wait(timeout=60)
        delivered = min(self.count_lines(out), count)
        shown = command if shell else f"{command[0]} -e 'tracepoint:{TRACEPOINT} {{ printf(JSON) }}'"
        return Run(count, delivered, count - delivered, 0, seconds, cpu, f"{name}: {shown}")

    @staticmethod
    def count_lines(path):
        lines = 0
        with open(path, "rb") as text:
            for line in text:
                lines += b"fchown" in line or line.startswith(b'{"type":"event"')
        return lines

    @staticmethod
    def interrupt(pid, command):
        for child in [pid, *map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]:
            with contextlib.suppress(OSError):
                line = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                if line.startswith(command):
                    os.kill(child, signal.SIGINT)

    def trace_pipe(self, count):
        with instance("8192") as name:
            folder = TRACING / "instances" / name
            out = self.folder / "rival.txt"
            with open(out, "wb") as sink:
                process = subprocess.Popen(pinned(CONSUMER_CPU, "cat", folder / "trace_pipe"), stdout=sink)
                enable = folder / "events/syscalls/sys_enter_fchown/enable"
                enable.write_text("1")
                time.sleep(0.5)
                before = cpu_seconds(process.pid)
                seconds = self.produce("tracepoint", count)
                time.sleep(2)
                cpu = cpu_seconds(process.pid) - before
                enable.write_text("0")
                process.terminate()
                process.wait()
            delivered = min(self.count_lines(out), count)
        return Run(count, delivered, count - delivered, 0, seconds, cpu, "cat trace_pipe (8 MiB instance)")

    def bpftrace_latency(self):
        if not self.has("bpftrace"):
            raise SystemExit("bpftrace is absent")
        process = subprocess.Popen(pinned(CONSUMER_CPU, "bpftrace", "-B", "line", "-e", BPF_JSON),
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        reader = subprocess.Popen(pinned(CONSUMER_CPU, self.client, "-", 3000, 2000, "-l"), stdin=process.stdout,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdout.close()
        time.sleep(3)
        self.produce("tracepoint", 3_000, 1_000)
        said = json.loads(reader.communicate()[0])
        process.send_signal(signal.SIGINT)
        process.wait()
        return said

    # ---- offline -------------------------------------------------------------------------------------------------

    def record(self):
        """The same million events as perf.data and trace.dat, made once."""
        perf_data, trace_dat = self.folder / "perf.data", self.folder / "trace.dat"
        if not perf_data.exists():
            subprocess.run(pinned(CONSUMER_CPU, "perf", "record", "-q", "-a", "-m", "16M", "-e", TRACEPOINT,
                                  "-k", "CLOCK_MONOTONIC", "-o", perf_data, "--",
                                  *pinned(PRODUCER_CPU, self.producer, "tracepoint", 1_000_000)),
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            # Not `trace-cmd record`: it insists on switching the function tracer, which not every host allows.
            with instance("65536") as name:
                enable = TRACING / "instances" / name / "events/syscalls/sys_enter_fchown/enable"
                enable.write_text("1")
                self.produce("tracepoint", 1_000_000)
                enable.write_text("0")
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
        if not (self.has("perf") and self.has("trace-cmd")):
            raise SystemExit("perf and trace-cmd make the input")
        return self.cpu_of(self.build / "bench/bench_offline", self.record()[0])

    def offline_rivals(self):
        return {"perf script": lambda: self.cpu_of("perf", "script", "-i", self.record()[0]),
                "trace-cmd report": lambda: self.cpu_of("trace-cmd", "report", "-i", self.record()[1])}
