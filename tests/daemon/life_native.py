#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A daemon's life with uprobes on this machine: changes under load, limits, other tools, kill -9, restart.

usage: life_native.py KPROBED KPROBECTL LIFE_TARGET

What is about kprobes is shown in tests/vm. Here the daemon runs natively, so that a build with sanitizers can: what
they find ends it or is in its log, and fails the test. Socket, state and files of probes are in a folder of its own.
The same moments again: SEED=... as it was printed.
"""
import contextlib
import json
import os
import pathlib
import pty
import random
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

KPROBED, KPROBECTL, TARGET = (str(pathlib.Path(word).resolve()) for word in sys.argv[1:4])
EVENTS = pathlib.Path("/sys/kernel/tracing/uprobe_events")
WORK = pathlib.Path(tempfile.mkdtemp(prefix="kprobed-life-"))
SOCKET = WORK / "run" / "kprobed.sock"
LOG = WORK / "log"
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SEED = int(os.environ.get("SEED", str(int(time.time()))))
FOREIGN = "lifetest_foreign/one"
BUDGET = max(2, os.cpu_count() or 1) << 19
MANY = 120
PATIENCE = 60  # seconds: a build with sanitizers on a busy machine
failures = []


def check(what, good, *more):
    print(f"{'ok' if good else 'not ok'} - {what}", flush=True)
    if not good:
        failures.append(what)
        for text in more:
            print("#  ", text, flush=True)


def until(true, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def ctl(*words):
    """kprobectl's status, and what it wrote."""
    try:
        done = subprocess.run([KPROBECTL, "--socket", SOCKET, *words], capture_output=True, text=True, check=False,
                              timeout=2 * PATIENCE)
    except subprocess.TimeoutExpired:
        check(f"kprobectl {' '.join(words)} ends", False)
        return subprocess.CompletedProcess(words, 124, "", "")
    if "Sanitizer" in done.stderr or "runtime error" in done.stderr:
        check(f"no sanitizer has anything to say about kprobectl {words[0]}", False, done.stderr)
    return done


def states():
    said = ctl("list", "-o", "json").stdout
    return {probe["name"]: probe["state"] for probe in json.loads(said)["probes"]} if said else {}


def state_is(name, wanted):
    return until(lambda: states().get(name) == wanted)


def lines(group):
    return [line for line in EVENTS.read_text().splitlines() if line.split()[0][2:].startswith(group)]


def ours_are(count):
    return until(lambda: len(lines("kprobed/")) == count)


def tell_kernel(line):
    """Another tool's line: appended, never truncating. False: the kernel refuses."""
    events = os.open(EVENTS, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(events, f"{line}\n".encode())
    except OSError as error:
        print(f"# {line.split()[0]}: {error.strerror}")
        return False
    finally:
        os.close(events)
    return True


class Daemon:
    def __init__(self):
        # One a machine (machine_claim.cc): somebody else's test may be running theirs.
        end = time.monotonic() + 3 * PATIENCE
        while True:
            begin = LOG.stat().st_size if LOG.exists() else 0
            with open(LOG, "a", encoding="utf-8") as log:
                self.process = subprocess.Popen([KPROBED, "--config", WORK / "conf", "--socket", SOCKET], stderr=log,
                                                stdout=log)

            def said():
                with open(LOG, encoding="utf-8") as log:
                    log.seek(begin)
                    return log.read()

            if until(lambda: "serving on" in said() or self.process.poll() is not None, 2 * PATIENCE) \
                    and self.process.poll() is None:
                return
            self.kill()
            if "another kprobed" not in said() or time.monotonic() > end:
                print(said())
                raise SystemExit("not ok - the daemon starts")
            time.sleep(1)

    def end(self):
        self.process.terminate()
        try:
            return self.process.wait(2 * PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            return "killed: it did not end"

    def kill(self):
        self.process.kill()
        self.process.wait()

    def limit_files(self, number):
        hard = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (hard if number is None else number, hard))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class Stream:
    """What `kprobectl stream` delivers, counted by probe."""

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(dir=WORK, prefix="stream-")
        self.errors = open(LOG, "a", encoding="utf-8")
        self.process = subprocess.Popen([KPROBECTL, "--socket", SOCKET, "stream", "--all"], stdout=self.file,
                                        stderr=self.errors)
        check("a client subscribes", until(lambda: '"subscribed":true' in ctl("status", "-o", "json").stdout))

    def read(self):
        text = pathlib.Path(self.file.name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]

    def counts(self):
        counted = {}
        for line in self.read():
            if line["type"] == "event":
                counted[line["probe"]] = counted.get(line["probe"], 0) + 1
        return counted

    def lost(self):
        return [line for line in self.read() if line["type"] in ("lost", "dropped", "discarded", "gap")]

    def close(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            check("kprobectl stream ends", False)
        self.file.close()
        self.errors.close()
        # The next one is told from this one by being the only one.
        until(lambda: '"subscribed":true' not in ctl("status", "-o", "json").stdout)


def target(count, pause_us=0):
    return subprocess.Popen([TARGET, str(count), str(pause_us)])


def hear(what, probes, stream, calls=50):
    """Is each of the calls heard, by each of the probes, and none twice?"""
    before = stream.counts()
    target(calls).wait()
    wanted = {name: before.get(name, 0) + calls for name in probes}
    got = {}

    def all_there():
        got.update(stream.counts())
        return all(got.get(name, 0) >= count for name, count in wanted.items())

    until(all_there, 20)
    check(f"{what}: {calls} of {calls}", {name: got.get(name, 0) for name in probes} == wanted, wanted, got)


def crashes_forgotten():
    """Three within two minutes would hold the probes back."""
    path = WORK / "run" / "state.json"
    saved = json.loads(path.read_text())
    saved["crash_times_ms"] = []
    path.write_text(json.dumps(saved))


def comes_and_goes(stream):
    check("one is added", ctl("add", f"p:first {TARGET}:life_first a1").returncode == 0)
    check("... one that is to last", ctl("add", "--persist", f"p:kept {TARGET}:life_third a1").returncode == 0)
    check("... and one is from a file", state_is("filed", "armed"), states())
    hear("each is heard", ["first", "kept", "filed"], stream)

    # One is silenced and taken out, again and again, while all are hit: the others miss nothing.
    calls = 4000
    before = stream.counts()
    busy = target(calls, 500)
    for _ in range(5):
        ctl("disable", "first")
        check("disabled", states().get("first") == "disabled")
        ctl("enable", "first")
        check("enabled", state_is("first", "armed"))
        ctl("add", f"p:brief {TARGET}:life_first a1")
        check("one comes and goes", ctl("remove", "brief").returncode == 0)
    busy.wait()
    wanted = {name: before.get(name, 0) + calls for name in ("kept", "filed")}
    until(lambda: all(stream.counts().get(name, 0) >= count for name, count in wanted.items()), 20)
    got = stream.counts()
    check("the others miss nothing meanwhile", all(got[name] == wanted[name] for name in wanted), wanted, got)
    hear("and after it", ["first", "kept", "filed"], stream)


def room_for_others(stream):
    ctl("disable", "--all")
    check("disable --all: none is in the kernel", ours_are(0), lines("kprobed/"))
    ctl("enable", "--all")
    check("enable --all", state_is("first", "armed") and state_is("filed", "armed"), states())
    hear("... heard", ["first", "kept", "filed"], stream)


def limits(daemon, stream):
    full = daemon.descriptors()
    daemon.limit_files(full + 8)
    refused = ctl("add", f"p:more {TARGET}:life_first a1")
    check("no descriptors: add is refused", refused.returncode == 1 and "no file descriptor left for 1 event" in
          refused.stderr, refused.stderr)
    check("... nothing of it is left", ours_are(3), lines("kprobed/"))
    hear("... the others are heard", ["first", "kept", "filed"], stream)
    daemon.limit_files(3)  # not even one for a look around
    time.sleep(2.5)
    daemon.limit_files(None)
    check("with descriptors add works", ctl("add", f"p:more {TARGET}:life_first a1").returncode == 0)
    ctl("remove", "more")
    check("... none is lost", until(lambda: daemon.descriptors() <= full, 20), full, daemon.descriptors())


def other_tools(stream):
    """Whole events of our own group, each of one line: never a part of one that is open (a kernel that hits a freed one
    is lost)."""
    events = [line.split()[0][2:] for line in lines("kprobed/")]
    check("another tool deletes our events: the kernel refuses", not any([tell_kernel(f"-:{event}") for event in events]))
    time.sleep(2.5)  # two looks around
    check("... all are there", [line.split()[0][2:] for line in lines("kprobed/")] == events, events, lines("kprobed/"))
    hear("... heard", ["first", "kept", "filed"], stream)
    check("... the other tool's own is untouched", len(lines(FOREIGN)) == 1)


def files(daemon, stream):
    file = WORK / "probes.d" / "life.probes"
    file.write_text(f"p:filed {TARGET}:life_second a1\np:new {TARGET}:life_first a1\n")
    daemon.process.send_signal(signal.SIGHUP)
    check("reload: what is new in a file", state_is("new", "armed"), states())
    hear("... is heard, and so are the others", ["first", "kept", "filed", "new"], stream)
    file.write_text(f"p:filed {TARGET}:life_second a1\np:broken nonsense(\n")
    daemon.process.send_signal(signal.SIGHUP)
    check("a broken file is named", until(lambda: "life.probes:2" in ctl("status").stdout), ctl("status").stdout)
    check("... and changes nothing", states().get("new") == "armed")
    file.write_text(f"# all that is left\np:filed {TARGET}:life_second a1\n")
    daemon.process.send_signal(signal.SIGHUP)
    check("what a file no longer has is gone", until(lambda: "new" not in states()), states())


def scene(count):
    """As a process of its own, which goes on although the daemon dies: adds, changes and removes `count` probes."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(Exception):
            specs = [f"p:many{i} {TARGET}:life_{('first', 'second', 'third')[i % 3]} a1" for i in range(count)]
            for words in (["add", *specs[:2]], ["disable", "many1"], ["add", *specs[2:]], ["remove", "many*"]):
                subprocess.run([KPROBECTL, "--socket", SOCKET, *words], capture_output=True, check=False,
                               timeout=PATIENCE)
        os._exit(0)
    return child


def budget():
    """With little kernel memory: what finds no room is refused at once, and status shows how much there is."""
    def told():
        return json.loads(ctl("status", "-o", "json").stdout)

    ctl("add", f"p:first {TARGET}:life_first a1")
    now = told()
    room = (now["kernel_memory_max"] - now["ring_bytes"] - now["event_bytes"]) // (1352 * now["cpus"])
    check("status: the budget is what was set", now["kernel_memory_max"] == BUDGET and 0 < room < 1000, now)
    screen = ctl("status", "-o", "table").stdout
    check("... on the screen", "of the kernel's (" in screen and " descriptors open" in screen, screen)
    many = WORK / "many"
    many.write_text("".join(f"p:many{i} {TARGET}:life_first a1\n" for i in range(room + 1)))
    refused = ctl("add", "-f", many)
    check("more than fits: status 1", refused.returncode == 1, refused)
    check("... in one sentence", f"no kernel memory left for {room + 1} events of the kernel's on" in refused.stderr
          and "raise kernel_memory" in refused.stderr, refused.stderr)
    check("... nothing of it was armed", told()["event_bytes"] == now["event_bytes"] and ours_are(1))
    fits = [f"p:fits{i} {TARGET}:life_first a1" for i in range(2)]
    check("what fits is armed", ctl("add", *fits).returncode == 0)
    check("... and counted", told()["event_bytes"] == now["event_bytes"] + 2 * 1352 * now["cpus"], told())
    check("... until it goes", ctl("remove", "--all").returncode == 0 and told()["event_bytes"] < now["event_bytes"])


def on_terminal(*words, press=None):
    """kprobectl's status and all that it wrote, to a terminal; `press` is called with that and the terminal's input."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(KPROBECTL, [KPROBECTL, "--socket", str(SOCKET), *map(str, words)])
    text = ""
    end = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < end:
        try:
            more = os.read(terminal, 4096).decode() if select.select([terminal], [], [], 1)[0] else None
        except OSError:  # EIO: the other side is closed
            break
        if more == "":
            break
        text += more or ""
        if press and press(text):
            os.write(terminal, b"\x03")
            press = None
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


def progress(stream):
    """Hundreds of probes: a terminal shows how far they are, anything else does not, and Ctrl-C is told what goes on."""
    many = WORK / "many"
    many.write_text("".join(f"p:many{i} {TARGET}:life_first a1\n" for i in range(MANY)))
    status, text = on_terminal("add", "-f", many)
    check("many are added", status == 0 and text.count(": armed on") == MANY, status, text[-300:])
    print(f"# add: {len(re.findall('armed [0-9]+ of', text))} times rewritten", flush=True)
    status, text = on_terminal("remove", "many*")
    steps = [int(done) for done in re.findall(rf"removed ([0-9]+) of {MANY} probes", text)]
    check("many are removed: a line says how far it is", status == 0 and len(set(steps)) > 2 and steps == sorted(steps),
          status, steps, text[-300:])
    wiped = re.search(r"removed [0-9]+ of [0-9]+ probes\r +\r(?!removed [0-9])many0: removed", text)
    check("... and is wiped in the end", wiped is not None, text[-300:] if not steps else text[:600])
    added = ctl("add", "-f", many)
    check("no terminal: nothing of it", added.returncode == 0 and " of " not in added.stderr, added.stderr[-300:])
    status, text = on_terminal("remove", "many*", press=lambda text: " of " in text)
    check("Ctrl-C ends it as ever", status == -signal.SIGINT, status)
    check("... and says that the daemon goes on", "kprobed goes on with it" in text, text[-300:])
    check("... which it does", ours_are(3), len(lines("kprobed/")))
    hear("the others are heard", ["first", "kept", "filed"], stream)


def killed_at_random_moments(daemon):
    begin = time.monotonic()
    os.waitpid(scene(12), 0)
    span = time.monotonic() - begin
    print(f"# SEED={SEED}: {ROUNDS} moments of {span:.1f} s", flush=True)
    dice = random.Random(SEED)
    for _ in range(ROUNDS):
        moment = dice.random() * span
        busy = target(1000000, 100)
        child = scene(12)
        time.sleep(moment)
        daemon.kill()
        os.waitpid(child, 0)
        busy.kill()
        busy.wait()
        crashes_forgotten()
        wished = len(json.loads((WORK / "run" / "state.json").read_text())["probes"])
        daemon = Daemon()
        now = states()
        good = {"kept", "filed", "first"} <= now.keys() and set(now.values()) <= {"armed", "disabled"}
        check(f"killed after {moment:.2f} s: all are there again", good and len(now) == wished, now, wished)
        armed = [name for name, state in now.items() if state == "armed"]
        check("... with one line each, and no leftover", len(armed) <= len(lines("kprobed/")) <= len(now), now,
              lines("kprobed/"))
        ctl("remove", "many*")
        check("... the others can be removed", ours_are(3), lines("kprobed/"))
    return daemon


def live():
    (WORK / "probes.d").mkdir()
    (WORK / "conf").write_text(f"[daemon]\nstate_dir = {WORK}/state\nprobes_dir = {WORK}/probes.d\n")
    (WORK / "probes.d" / "life.probes").write_text(f"p:filed {TARGET}:life_second a1\n")
    daemon = Daemon()
    try:
        stream = Stream()
        comes_and_goes(stream)
        room_for_others(stream)
        place = lines("kprobed/")[0].split()[1]
        check("another tool sets a probe", tell_kernel(f"p:{FOREIGN} {place}"))
        limits(daemon, stream)
        other_tools(stream)
        files(daemon, stream)
        progress(stream)
        check("nothing was lost", not stream.lost(), stream.lost())
        stream.close()
        daemon = killed_at_random_moments(daemon)
        stream = Stream()
        hear("heard after all that", ["first", "kept", "filed"], stream)
        stream.close()

        check("it ends with status 0", daemon.end() == 0, LOG.read_text()[-4000:])
        check("... and leaves nothing", ours_are(0), lines("kprobed/"))
        daemon = Daemon()
        check("after a clean end: the persistent one and the file's", set(states()) == {"kept", "filed"}, states())
        ctl("remove", "--all")
        check("it ends with status 0 again", daemon.end() == 0, LOG.read_text()[-4000:])
        check("... and leaves nothing again", ours_are(0), lines("kprobed/"))
        (WORK / "conf").write_text(f"[daemon]\nstate_dir = {WORK}/state\nprobes_dir = {WORK}/none\n"
                                   f"[stream]\nkernel_memory = {BUDGET}\n")
        daemon = Daemon()
        budget()
        check("it ends with status 0 a third time", daemon.end() == 0, LOG.read_text()[-4000:])
        check("the other tool's probe is untouched to the end", len(lines(FOREIGN)) == 1)
    finally:
        if daemon.process.poll() is None:
            daemon.kill()
            subprocess.run([KPROBED, "--sweep"], check=False, timeout=PATIENCE)
        if lines(FOREIGN):
            tell_kernel(f"-:{FOREIGN}")
    log = LOG.read_text()
    check("no sanitizer has anything to say", "Sanitizer" not in log and "runtime error" not in log, log[-8000:])


if __name__ == "__main__":
    if os.geteuid() != 0 or not EVENTS.exists():
        sys.exit("this needs root and a tracefs with uprobe_events")
    try:
        live()
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    sys.exit(f"{len(failures)} checks failed" if failures else 0)
