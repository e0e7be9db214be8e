#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What first_event.sh brought back: calls made, lines streamed, and the kernel's trace must agree."""
import bisect
import json
import pathlib
import re
import sys

N = 200
PREFIX = "/puppet/first/"
ENOENT = -2
MASK = (1 << 64) - 1

# "          puppet-75      [001] .....     2.345678: p: (do_sys_openat2+0x0/0x130) a1=0x... s="/x" ..."
TRACE = re.compile(r"^\s*(?P<comm>.+)-(?P<tid>\d+)\s+\[(?P<cpu>\d+)\]\s+\S+\s+(?P<time>[\d.]+): "
                   r"(?P<event>[pr]): \((?P<place>.*?)\) (?P<args>.*)$")
ARG = re.compile(r'(\w+)=("(?:[^"]*)"|\S+)')


def need(condition, text):
    if not condition:
        sys.exit(f"first_event: {text}")


def read_trace(path):
    for line in path.read_text().splitlines():
        match = TRACE.match(line)
        if match:
            event = match.groupdict()
            event["args"] = {k: v.strip('"') for k, v in ARG.findall(event["args"])}
            yield event


class Symbols:
    def __init__(self, path):
        rows = sorted((int(f[0], 16), f[2]) for f in map(str.split, path.read_text().splitlines()))
        self.addresses = [address for address, _ in rows]
        self.names = {}
        for address, name in rows:
            self.names.setdefault(address, set()).add(name)

    def at(self, address):
        start = self.addresses[bisect.bisect_right(self.addresses, address) - 1]
        return self.names[start], address - start


def main(out):
    lines = [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]
    events = [line for line in lines if line["type"] == "event"]
    need(len(lines) == len(events), f"lines that are not events: {[l for l in lines if l not in events][:3]}")
    need([e["seq"] for e in events] == list(range(1, len(events) + 1)), "seq has holes")
    need(not any(e.get("late") for e in events), "an event came late")
    times = [e["ts"] for e in events]
    need(times == sorted(times), "not in time order")

    # What was passed: each of the puppet's calls once, in order, with its arguments and its result.
    entries = [e for e in events if e["probe"] == "do_sys_openat2" and e["args"]["s"].startswith(PREFIX)]
    need([e["args"]["s"] for e in entries] == [f"{PREFIX}{i}" for i in range(N)], "entries differ from the calls made")
    tid = entries[0]["tid"]
    returns = [e for e in events if e["probe"] == "do_sys_openat2_ret" and e["tid"] == tid
               and entries[0]["ts"] <= e["ts"]][:N]
    need(len(returns) == N, f"{len(returns)} returns for {N} calls")
    for i, (entry, ret) in enumerate(zip(entries, returns)):
        need(entry["comm"] == "puppet" == ret["comm"], f"call {i}: comm {entry['comm']} {ret['comm']}")
        need(entry["cpu"] == i % 2, f"call {i}: on CPU {entry['cpu']}")
        need(entry["pid"] == entry["tid"] == ret["tid"], f"call {i}: pid and tid")
        need(int(entry["args"]["a1"], 16) & 0xFFFFFFFF == 0xFFFFFF9C, f"call {i}: a1 {entry['args']['a1']}")
        need(entry["args"]["a1"] == entry["args"]["r14"], f"call {i}: a1 is not word 14 of pt_regs")
        need(ret["args"]["rv32"] == ENOENT, f"call {i}: rv32 {ret['args']['rv32']}")
        need(int(ret["args"]["rv"], 16) & 0xFFFFFFFF == ENOENT & 0xFFFFFFFF, f"call {i}: rv {ret['args']['rv']}")
        need(entry["ts"] < ret["ts"], f"call {i}: returned before it was made")
        need(entry["symbol"] == ret["symbol"] == "do_sys_openat2" and entry["offset"] == 0, f"call {i}: symbol")

    # comm: renamed by prctl, and inherited by a child.
    renamed = [e for e in events if e["args"].get("s") == "/puppet/comm"]
    need([e["comm"] for e in renamed] == ["renamed-puppet"] * 2, f"comm: {[e['comm'] for e in renamed]}")
    need(renamed[0]["pid"] != renamed[1]["pid"], "the child is the parent")

    # Callers, symbolised by range, against kallsyms.
    symbols = Symbols(out / "kallsyms")
    for ret in returns:
        names, offset = symbols.at(int(ret["args"]["rp"], 16))
        need(ret["caller"] in names and ret["caller_offset"] == offset, f"caller {ret['caller']}+{ret['caller_offset']}")
        need(ret["caller"] == "__x64_sys_openat", f"caller {ret['caller']}")

    # What the kernel's own trace file says of the same calls.
    trace = list(read_trace(out / "trace"))
    for kind, ours, keys in (("p", entries, {"a1": "a1", "a2": "a2", "s": "s", "a3": "a4", "s0": "sp0", "r14": "r14"}),
                             ("r", returns, {"rv": "rv", "rv32": "rv32"})):
        theirs = [t for t in trace if t["event"] == kind and int(t["tid"]) == tid]
        if kind == "p":
            theirs = [t for t in theirs if t["args"]["s"].startswith(PREFIX)]
        else:
            theirs = theirs[-N:]
        need(len(theirs) == N, f"the kernel's trace has {len(theirs)} {kind} lines")
        for i, (mine, kernel) in enumerate(zip(ours, theirs)):
            need(int(kernel["cpu"]) == mine["cpu"] and kernel["comm"].strip() == mine["comm"], f"{kind} {i}: task differs")
            for our_name, kernel_name in keys.items():
                need(str(mine["args"][our_name]) == kernel["args"][kernel_name],
                     f"{kind} {i}: {our_name} is {mine['args'][our_name]}, the kernel says {kernel['args'][kernel_name]}")
    print(f"first_event: {len(entries)} calls, {len(returns)} returns: passed == streamed == traced")


main(pathlib.Path(sys.argv[1]))
