#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What fork_storm.sh brought back: each event has the name that its thread had, puppet_storm.c says which."""
import collections
import json
import pathlib
import sys

MARK = 0x6b700000
MOMENTS = "mccg"  # who is hit, at which moment

out = pathlib.Path(sys.argv[1])
lost = int((out / "lost").read_text())
events = [event for event in map(json.loads, (out / "stream").read_text().splitlines()) if event["type"] == "event"]
wrong, seen, bearers = [], set(), collections.Counter()
for event in events:
    mother, code = event["args"]["a2"] - MARK, event["args"]["a3"]
    number, moment = divmod(code, len(MOMENTS))
    seen.add((mother, code))
    if moment == 0:
        bearers[event["tid"]] += 1
    if event["comm"] != f"{MOMENTS[moment]}{mother}.{number}":
        wrong.append(f"{MOMENTS[moment]}{mother}.{number} is called {json.dumps(event)}")
children, mothers = (1 + max(column) for column in zip(*((code // len(MOMENTS), mother) for mother, code in seen)))
wanted = mothers * 2 * (children + (children + 3) // 4)
borne = bearers.most_common(1)[0][1]
print(f"{len(events)} events, {lost} of all lost, of {mothers} mothers and {children} children each, {len(bearers)} numbers, "
      f"one of them borne {borne} times", *wrong[:10], sep="\n")
if wrong or len(seen) != len(events) or not max(wanted / 2, wanted - lost) <= len(events) <= wanted or borne < children / 2:
    sys.exit(f"fork_storm: {len(wrong)} names are wrong; {len(seen)} different events of {wanted}")
