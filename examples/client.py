#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""client.py [N]: prints N events (10): when, who, which probe, what it recorded."""
import json, os, socket, sys

left = int(sys.argv[1]) if len(sys.argv) > 1 else 10
daemon = socket.socket(socket.AF_UNIX)
daemon.connect(os.environ.get("KPROBED_SOCKET", "/run/kprobed/kprobed.sock"))
daemon.sendall(b'{"id":1,"method":"subscribe"}\n')
for line in map(json.loads, daemon.makefile(encoding="utf-8")):
    if line.get("type") == "event":
        print(line["time"], line["comm"], line["pid"], line["probe"], line["args"], flush=True)
        left -= 1
        if left <= 0:
            break
