#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges what arch.sh brought back: the values that the puppet passed, the kernel's own trace of the same calls, and
the refusals of what a kernel cannot do. usage: arch.py DIR"""
import collections
import pathlib
import re
import sys

sys.dont_write_bytecode = True
from arch import table  # noqa: E402
from language import places  # noqa: E402
from language.row import same  # noqa: E402
from language.verdict import Verdict, as_traced, judge_refusals, lines_of, own_events, traced, unquoted  # noqa: E402

# "p:kprobed_run_95_123/r95_4 do_futex+0 a1=%di:x64 ...", and the spec's place in the file that was armed
ARMED = re.compile(r"^[prt]\d*:kprobed_run_\d+_\d+/(r\d+_(\d+)) (\S+)")


def twin_names(out, rows):
    """Of each row, the event's name in the oracle's group: private names end in the number of the spec."""
    found = {}
    for line in (out / "lines").read_text().splitlines():
        if match := ARMED.match(line):
            found[rows[int(match[2]) - 1]] = match[1]
    return found


def judge_values(row, got, verdict):
    if not verdict.need(len(got) == len(row.events),
                        f"{row.spec}: {len(got)} events for {len(row.events)} calls: {[e['args'] for e in got][:4]}"):
        return
    for i, (line, wanted) in enumerate(zip(got, row.events)):
        verdict.events += 1
        verdict.need(list(line["args"]) == list(wanted["args"]), f"{row.spec}: event {i}: {line['args']}")
        for key, value in wanted["args"].items():
            mine = line["args"].get(key, "absent")
            verdict.need(same(mine, value, line), f"{row.spec}: event {i}: {key} is {mine!r}, not {value!r}")
        verdict.need(line["offset"] == 0, f"{row.spec}: event {i}: offset {line['offset']}")


def joined(fields):
    """The kernel prints the halves of 64 bits as two fields, x=1 _h2=2: the value as one."""
    values = {}
    for name, text in fields:
        if name.startswith("_h") and values:
            first = next(reversed(values))
            values[first] = (int(text) << 32) + int(values[first])
        elif not name.startswith("_z"):
            values[name] = text
    return values


def as_number(text):
    try:
        return int(str(text), 0) & (2**64 - 1)
    except ValueError:
        return None


def agree(mine, theirs):
    """As texts, or as numbers where only sign and base differ (halves are joined without either)."""
    if unquoted(as_traced(mine)) == unquoted(str(theirs)):
        return True
    if isinstance(mine, bool):
        return int(mine) == as_number(theirs)
    return isinstance(theirs, int) and as_number(mine) == theirs


def judge_trace(row, got, kernel, verdict):
    if not verdict.need(len(got) <= len(kernel), f"{row.spec}: {len(got)} events, the kernel's trace has {len(kernel)}"):
        return
    for i, (line, fields) in enumerate(zip(got, kernel[len(kernel) - len(got):])):
        theirs = joined(fields)
        for name, value in line["args"].items():
            if isinstance(value, str) and name == "banner":
                continue  # bounded text is numbers for the kernel
            # Names that the kernel does not take are numbered.
            other = theirs.get(name, theirs.get(f"arg{list(line['args']).index(name) + 1}"))
            verdict.traced += 1
            verdict.need(other is not None and agree(value, other),
                         f"{row.spec}: event {i}: {name} is {value!r}, the kernel says {other!r}")


def judge_registers(events, by_name, kernel, verdict):
    """rN by our table against %name by the kernel, in the same hit: of a second probe, and in its trace."""
    if not verdict.need(len(events) == 1, f"registers: {len(events)} events"):
        return 0
    args = events[0]["args"]
    said = {name: value for event in by_name for name, value in event["args"].items()}
    named = {f"r{name[1:]}": value for name, value in said.items() if name[0] == "w"}
    verdict.need(named == args, f"registers by number {args}, by name {named}")
    for name, value in said.items():
        verdict.need(value == args.get(f"r{name[1:]}"), f"{name} is {value}, r{name[1:]} is {args.get(f'r{name[1:]}')}")
    if kernel is not None:
        theirs = dict(kernel[-1]) if kernel else {}
        for name, value in args.items():
            verdict.need(as_number(value) == as_number(theirs.get(name, "")),
                         f"{name} is {value}, the kernel says {theirs.get(name)}")
    return len(args)


def main(out):
    verdict = Verdict()
    lacking = (out / "lacking").read_text().split() if (out / "lacking").exists() else []
    rows = [row for row in table.ALL if row.needs not in lacking]
    lines = lines_of(out / "events.jsonl")
    pid, user_pid = (int((out / name).read_text()) for name in ("pid", "user_pid"))
    events = own_events(lines, pid)
    for probe, got in own_events(lines, user_pid).items():
        if probe in {row.name for row in table.USER}:
            events[probe] = got
    anybody = collections.defaultdict(list)
    for line in lines:
        if line["type"] == "event":
            anybody[line["probe"]].append(line)
    riscv = (out / "machine").read_text().split()[1] == "riscv64"
    twins = twin_names(out, rows + ["registers", "byname"])
    for row in rows:
        verdict.rows += 1
        got = anybody[row.name] if row in table.MODULE else events[row.name]
        if row.name in table.AT_THE_END:
            got = got[-len(row.events):]
        judge_values(row, got, verdict)
        if verdict.need(row in twins, f"{row.spec}: no line in the kernel's file") \
                and row not in table.MODULE and row.name != "caller":
            # On riscv64 only uprobes come to the trace file.
            if not riscv or row in table.USER:
                mine = pid if row not in table.USER else user_pid
                judge_trace(row, got, traced(out / "trace", mine, names=True)[twins[row]], verdict)
    trace = None if riscv else traced(out / "trace", pid, names=True)["registers"]
    count = judge_registers(events["registers"], events["byname"], trace, verdict)
    verdict.need(count > 15, f"{count} registers")
    judge_refusals(out, [places.Refused(row.spec, *table.REFUSALS[row.needs], "") for row in table.ALL
                         if row.needs in lacking], verdict)
    for failure in verdict.failures:
        print(f"arch: {failure}")
    machine = (out / "machine").read_text().strip()
    print(f"arch: {machine}: {verdict.rows} rows, {verdict.events} events, {verdict.traced} values also in the kernel's "
          f"trace, {count} registers, {len(lacking)} refusals; {len(verdict.failures)} failures")
    sys.exit(1 if verdict.failures else 0)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
