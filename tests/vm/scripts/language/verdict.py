# SPDX-License-Identifier: Apache-2.0
"""What the judges of tables share: reading what a guest brought back, and counting failures."""
import collections
import json
import re

# "   puppet-75   [001] .....  2.345678: name: (do_sys_openat2+0x0/0x130) a=0x1 s="x" b={1,2}"
TRACE = re.compile(r"^\s*(?P<comm>.+)-(?P<tid>\d+)\s+\[\d+\]\s+\S+\s+[\d.]+: (?P<name>\w+): \(.*?\) ?(?P<args>.*)$")
VALUE = re.compile(r'(\w+)=(\{[^}]*\}|"[^"]*"|\'[^\']*\'|\S+)')


class Verdict:
    def __init__(self):
        self.rows = self.events = self.traced = 0
        self.failures = []

    def need(self, condition, text):
        if not condition:
            self.failures.append(text)
        return condition


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def own_events(lines, pid):
    """By probe. The shell's child, before it has become the puppet, is not the puppet."""
    events = collections.defaultdict(list)
    for line in lines:
        if line["type"] == "event" and line["pid"] == pid and line["comm"] not in ("sh", "busybox"):
            events[line["probe"]].append(line)
    return events


def traced(path, pid, names=False):
    """The kernel's own lines of the puppet, by event: lists of the arguments' texts, or of (name, text)."""
    found = collections.defaultdict(list)
    for line in path.read_text(errors="replace").splitlines():
        match = TRACE.match(line)
        if match and int(match["tid"]) == pid:
            fields = VALUE.findall(match["args"])
            found[match["name"]].append(fields if names else [value for _, value in fields])
    return found


def as_traced(value):
    """One of our values in the kernel's spelling; texts with their quotes, as the kernel has them."""
    if value is None:
        return "(fault)"
    if isinstance(value, list):
        return "{" + ",".join(map(as_traced, value)) + "}"
    return str(value)


def unquoted(text):
    return text.replace('"', "")


def faulted(line):
    """What is null must have its reason: text, and the elements of an array of text."""
    return sorted([name for name, value in line["args"].items() if value is None] +
                  [f"{name}[{i}]" for name, value in line["args"].items() if isinstance(value, list)
                   for i, one in enumerate(value) if one is None])


def judge_refusals(out, wanted, verdict):
    """`wanted`: in the order in which the guest asked."""
    told = (out / "refused.jsonl").read_text().splitlines()
    if not verdict.need(len(told) == len(wanted), f"{len(told)} refusals for {len(wanted)} specs"):
        return
    for line, refused in zip(told, wanted):
        verdict.rows += 1
        errors = json.loads(line).get("errors", []) if line.strip() else []
        if not verdict.need(len(errors) == 1, f"{refused.spec}: {line or 'no answer'}"):
            continue
        error = {**errors[0], **errors[0]["data"]}
        said = f"{error['message']} {error.get('hint', '')}"
        verdict.need(error["code"] == refused.code, f"{refused.spec}: {error['code']} ({said}), not {refused.code}")
        verdict.need(refused.says in said, f"{refused.spec}: '{said}' does not say '{refused.says}'")
        if not verdict.need("begin" in error, f"{refused.spec}: no place is blamed: {line}"):
            continue
        begin = refused.spec.rindex(refused.token) if refused.token else error["begin"]
        end = begin + len(refused.token) if refused.token else error["end"]
        verdict.need((error["begin"], error["end"]) == (begin, end),
                     f"{refused.spec}: the caret is under {error['begin']} to {error['end']}, not {begin} to {end}")
