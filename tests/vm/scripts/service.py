#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What service.sh brought back: three clients of one daemon, the calls made, and the kernel's trace must agree."""
import json
import pathlib
import re
import sys

N = 100
PREFIX = "/service/first/"

# "          puppet-75      [001] .....     2.345678: p: (do_sys_openat2+0x0/0x130) a1=0x... a2=0x... s="/x""
TRACE = re.compile(r"^\s*(?P<comm>.+)-(?P<pid>\d+)\s+\[(?P<cpu>\d+)\]\s+\S+\s+[\d.]+: p: \(.*?\) "
                   r'a1=(?P<a1>\S+) a2=(?P<a2>\S+) s="(?P<path>.*)"$')


def need(condition, text):
    if not condition:
        sys.exit(f"service: {text}")


def main(out):
    lines = {name: [json.loads(line) for line in (out / f"{name}.jsonl").read_text().splitlines()]
             for name in ("all", "one", "nc")}

    # nc sees the whole protocol; kprobectl without --all keeps what is about the stream to itself.
    nc = lines["nc"]
    need(nc[0]["type"] == "hello", f"nc: begins with {nc[0]}")
    need(nc[1]["id"] == 1 and nc[1]["result"]["stream"] == nc[0]["stream"], f"nc: the reply is {nc[1]}")
    types = [line.get("type") for line in nc]
    need(types.index("schema") < types.index("event"), "nc: an event before its schema")
    for name in ("all", "one"):
        need({line["type"] for line in lines[name]} == {"event"}, f"{name}: not only events")
    for name in lines:
        need(not {"lost", "dropped", "gap"} & {line.get("type") for line in lines[name]}, f"{name}: losses")

    events = {name: [line for line in lines[name] if line.get("type") == "event"] for name in lines}
    for name, mine in events.items():
        seqs = [event["seq"] for event in mine]
        need(seqs == sorted(set(seqs)), f"{name}: seq does not rise")
        need({event["probe"] for event in mine} == {"do_sys_openat2"}, f"{name}: other probes' events")
    known = {name: [e for e in mine if (e["args"]["path"] or "").startswith(PREFIX)] for name, mine in events.items()}
    for name, mine in known.items():
        need([e["args"]["path"] for e in mine] == [f"{PREFIX}{i}" for i in range(N)],
             f"{name}: differs from the calls made")
        need(mine == known["nc"], f"{name}: differs from what nc got")

    trace = [match.groupdict() for match in map(TRACE.match, (out / "trace").read_text().splitlines()) if match]
    trace = [line for line in trace if line["path"].startswith(PREFIX)]
    need(len(trace) == N, f"the kernel's trace has {len(trace)} of the {N} calls")
    for mine, kernel in zip(known["nc"], trace):
        told = {"comm": mine["comm"], "pid": str(mine["pid"]), "cpu": f"{mine['cpu']:03}", **mine["args"]}
        kernel["comm"] = kernel["comm"].strip()
        need(told == kernel, f"streamed {told}, traced {kernel}")
    print(f"service: {N} calls == streamed to three clients == traced")


main(pathlib.Path(sys.argv[1]))
