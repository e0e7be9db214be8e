# SPDX-License-Identifier: Apache-2.0
"""What bench/run measures with: processes on their CPUs, and what they cost."""
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time

WARM = 600_000  # events, some 150 MB of lines
PRODUCER_CPU, CONSUMER_CPU = "0", "1"
TRACING = pathlib.Path("/sys/kernel/tracing")


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


def version(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d+[\w.]*", done.stdout + done.stderr)
    return found.group(0) if found else "?"


def rss_without_rings(pid):
    """In MiB."""
    rss, in_ring = 0, False
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            in_ring = "perf_event" in line
        elif line.startswith("Rss:") and not in_ring:
            rss += int(line.split()[1])
    return rss / 1024


def wait_for_nobody():
    """kprobed claims the machine: until the one of somebody else (a test, another bench) has ended."""
    for _ in range(60):
        if subprocess.run(["pgrep", "-x", "kprobed"], stdout=subprocess.DEVNULL, check=False).returncode != 0:
            return
        time.sleep(1)
    raise SystemExit("another kprobed is running on this machine (pgrep -x kprobed): stop it first")


# System calls that nobody makes while a benchmark runs.
RARE_CALLS = """acct add_key adjtimex clock_adjtime clock_settime delete_module fallocate flock fsconfig fsmount fsopen
fspick getpmsg init_module io_pgetevents ioprio_set kcmp kexec_load keyctl lookup_dcookie mbind migrate_pages mlockall
move_mount move_pages munlockall name_to_handle_at nfsservctl open_by_handle_at open_tree
personality pidfd_getfd pivot_root pkey_alloc pkey_free process_mrelease process_vm_readv process_vm_writev quotactl
quotactl_fd reboot remap_file_pages request_key semctl semget semop set_mempolicy sethostname setdomainname settimeofday
shmat shmctl shmget swapoff swapon sysfs syslog tee userfaultfd ustat vhangup vmsplice""".split()


def rare_specs(count):
    """Probes that are never hit, each with perf events of its own; several at each of some 100 events, since closing
    the last one of an event waits for RCU."""
    events = TRACING / "events/syscalls"
    rare = [name for call in RARE_CALLS
            for name in (f"sys_enter_{call}", f"sys_exit_{call}") if (events / name).is_dir()]
    return [f"t:rare{i} syscalls/{rare[i % len(rare)]}\n" for i in range(count)]


class Daemon:
    """kprobed with its first probe, on the consumers' CPU."""

    def __init__(self, build, folder, spec):
        wait_for_nobody()
        self.socket = folder / "kprobed.sock"
        self.build = build
        self.process = subprocess.Popen(pinned(CONSUMER_CPU, build / "kprobed", "--no-governor", "--socket", self.socket),
                                        stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for _ in range(200):
            if self.socket.exists():
                break
            time.sleep(0.05)
        self.add(spec)

    def add(self, *words):
        subprocess.run([self.build / "kprobectl", "--socket", self.socket, "add", *words], check=True,
                       stdout=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    @property
    def pid(self):
        return self.process.pid


class CannotRun(Exception):
    """A rival that is here, but does not work on this machine; says why in one sentence."""


class Bench:
    def __init__(self, build, count, probes):
        self.build, self.count, self.probes = build, count, probes
        self.absent = []
        self.refused = {}  # rivals that are here but do not work on this machine, and why
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
        own, theirs, rivals = [], {}, dict(rivals)
        for _ in range(self.count):
            own.append(ours())
            for name, run in list(rivals.items()):
                try:
                    theirs.setdefault(name, []).append(run())
                except CannotRun as reason:
                    self.refused[name] = str(reason)
                    del rivals[name], theirs[name]
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
        said = json.loads(out.read_text())
        self.libraries = {name: said["context"][name] for name in ("nlohmann", "fmt")}
        for entry in said["benchmarks"]:
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

    def hit_cost(self, count, rate):
        """Median ns of one paced call, its event included."""
        done = subprocess.run(pinned(PRODUCER_CPU, self.producer, "tracepoint", count, rate, "-c"), check=True,
                              capture_output=True)
        return int(done.stdout)

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

    def kprobed_wakeup(self, probes):
        """ns of a hit of the first of `probes` rare probes; the others are never hit."""
        with Daemon(self.build, self.folder, self.spec("tracepoint")) as daemon:
            if probes > 1:
                specs = self.folder / "rare"
                specs.write_text("".join(rare_specs(probes - 1)))
                daemon.add("-f", specs)
            count = 1500
            reader = self.start_client(daemon, count, "-f", "bench")
            cost = self.hit_cost(count, 500)
            said = json.loads(reader.communicate()[0])
        if (said["events"], said["lost"]) != (count, 0):
            raise SystemExit(f"wakeup, {probes} probes: {said} of {count} events")
        return cost

    def kprobed_idle(self):
        with Daemon(self.build, self.folder, self.spec("uprobe")) as daemon:
            time.sleep(60)
            rss = rss_without_rings(daemon.pid)
            # Long enough that one of them more or less is none of the target's business.
            begin, before = time.monotonic(), self.switches(daemon.pid)
            time.sleep(60)
            return (self.switches(daemon.pid) - before) / (time.monotonic() - begin), rss

    @staticmethod
    def switches(pid):
        total = 0
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            total += int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", (task / "status").read_text(), re.M).group(1))
        return total
