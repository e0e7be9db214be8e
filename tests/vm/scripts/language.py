#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges what language.sh brought back: each row's events must hold what the puppet passed, each twin's
line in the kernel's trace the same, and each refusal its code and caret. usage: language.py DIR"""
import collections
import pathlib
import re
import sys

sys.dont_write_bytecode = True
from language import batches, places  # noqa: E402
from language.row import same  # noqa: E402
from language.verdict import (Verdict, as_traced, faulted, judge_refusals, lines_of, own_events,  # noqa: E402
                              traced, unquoted)

def judge_events(row, got, verdict):
    name = f"{row.probe} ({row.spec})"
    if not verdict.need(len(got) == len(row.events),
                        f"{name}: {len(got)} events for {len(row.events)} calls: {[e['args'] for e in got][:4]}"):
        return
    for i, (line, wanted) in enumerate(zip(got, row.events)):
        verdict.events += 1
        for key, value in wanted["args"].items():
            mine = line["args"].get(key, "absent")
            verdict.need(same(mine, value, line), f"{name}: event {i}: {key} is {mine!r}, not {value!r}")
        verdict.need(list(line["args"]) == list(wanted["args"]),
                     f"{name}: event {i}: names {list(line['args'])}, not {list(wanted['args'])}")
        faults = sorted(line.get("faults", {}))
        verdict.need(faults == faulted(line), f"{name}: event {i}: faults {faults}, null are {faulted(line)}")
        for key in ("symbol", "path"):
            mine = line.get(key)
            verdict.need(same(mine, wanted[key]), f"{name}: event {i}: {key} is {mine!r}, not {wanted[key]!r}")
    if row.grows:
        values = [line["args"][row.grows] for line in got]
        verdict.need(values == sorted(values) and values[0] > 0, f"{name}: {row.grows}: {values}")


def said_of(wanted, release):
    """6.1 zeroes records, but stores a kernel address where an error pointer is followed (KERNEL_HOLE of the
    puppet's table), and the self-test of kprobectl finds out."""
    if release.startswith("6.1.") and wanted.get("unreadable") == "zero":
        return {**wanted, "unreadable": "stale"}
    return wanted


def judge_schema(row, schemas, release, verdict):
    schema = schemas.get(row.probe)
    if not verdict.need(schema, f"{row.probe}: no schema line"):
        return
    about = {arg["name"]: arg for arg in schema["args"]}
    for name, wanted in row.schema.items():
        wanted = said_of(wanted, release)
        got = {key: about.get(name, {}).get(key) for key in wanted}
        verdict.need(got == wanted, f"{row.probe}: the schema of {name} says {got}, not {wanted}")


def judge_twin(row, got, kernel, verdict):
    if not verdict.need(len(got) <= len(kernel),
                        f"{row.probe}: {len(got)} events, the kernel's trace has {len(kernel)}"):
        return
    # In front of them may stand calls of the shell's child, under the puppet's number and later name.
    for i, (line, theirs) in enumerate(zip(got, kernel[len(kernel) - len(got):])):
        if i in row.stale:
            continue
        mine = [unquoted(as_traced(value)) for name, value in line["args"].items() if name != row.grows]
        names = list(line["args"])
        theirs = [unquoted(value) for name, value in zip(names, theirs) if name != row.grows]
        verdict.traced += 1
        verdict.need(mine == theirs, f"{row.probe} ({row.spec}): event {i}: {mine}, the kernel says {theirs}")


def judge(batch, out, can, verdict):
    lines = lines_of(out / f"{batch.name}.jsonl")
    odd = [line for line in lines if line["type"] not in ("event", "schema") or line.get("late")]
    verdict.need(not odd, f"{batch.name}: {odd[:3]}")
    pid = int((out / f"{batch.name}.pid").read_text())
    events, kernel = own_events(lines, pid), traced(out / f"{batch.name}.trace", pid)
    schemas = {line["probe"]: line for line in lines if line["type"] == "schema"}
    armed = (out / f"{batch.name}.lines").read_text().splitlines()
    for row in batch.rows:
        if not can(row.needs):
            continue
        verdict.rows += 1
        judge_events(row, events[row.probe], verdict)
        judge_schema(row, schemas, (out / "release").read_text(), verdict)
        if row.armed:
            verdict.need(any(re.match(row.armed, line) for line in armed), f"{row.probe}: no line like {row.armed}")
        if row.twin and can(row.twin_needs):
            judge_twin(row, events[row.probe], kernel[row.name], verdict)


def main(out):
    readme, files = (out / "README").read_text(), (out / "files").read_text().splitlines()
    verdict = Verdict()

    def can(needs):
        return needs in (files if needs.startswith("/") else readme)

    refused = []
    for batch in batches.every(collections.Counter()):
        judge(batch, out, can, verdict)
        refused += [places.Refused(row.spec, "unsupported", "", "") for row in batch.rows if not can(row.needs)]
    judge_refusals(out, refused + places.REFUSED, verdict)
    for failure in verdict.failures:
        print(f"language: {failure}")
    print(f"language: {verdict.rows} rows, {verdict.events} events, {verdict.traced} of them also in the kernel's "
          f"trace; {len(verdict.failures)} failures")
    sys.exit(1 if verdict.failures else 0)


main(pathlib.Path(sys.argv[1]))
