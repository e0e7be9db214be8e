# SPDX-License-Identifier: Apache-2.0
"""A thousand kprobes, in an emulated kernel: hosts of benchmarks need not have any."""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
KERNEL = "6.1"
TIMEOUT = 1800  # seconds; a thousand, twice up and down, take 110 on an idle machine


def many_probes(build, count):
    """{name: [ms...]} of one boot of bench/vm/many_probes.sh."""
    done = subprocess.run([ROOT / "tests/vm/run", "--kernel", KERNEL, "--bin", build / "kprobectl",
                           "--bin", build / "kprobed", "--env", f"COUNT={count}", "--timeout", str(TIMEOUT),
                           ROOT / "bench/vm/many_probes.sh"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench/vm/many_probes.sh failed with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return {name: [int(word) for word in figures.split()]
            for name, figures in re.findall(r"^figure (\w+)(.*)$", done.stdout, re.M)}
