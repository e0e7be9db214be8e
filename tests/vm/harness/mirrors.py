# SPDX-License-Identifier: Apache-2.0
"""Which Debian mirror to ask: the one this host already uses, found in its apt configuration."""

import os
import re
from pathlib import Path

from . import HarnessError

ETC = Path("/etc/apt")
CODENAMES = ("bullseye", "bookworm", "trixie", "forky", "sid", "stable", "oldstable",
             "oldoldstable", "testing", "unstable")


def address(suite: str) -> str:
    """The address that serves `suite`; security pockets live on an address of their own."""
    security = suite.endswith("-security")
    own = os.environ.get("KPROBED_SECURITY_MIRROR" if security else "KPROBED_MIRROR")
    if own:
        return own
    entries = [entry for entry in configured() if is_debian(*entry)]
    for uri, known in entries:
        if (known.endswith("-security")) == security:
            return uri
    # A host without security updates still names the main archive, and the two usually differ
    # by the last word only.
    if security and entries:
        return re.sub(r"/debian/?$", "/debian-security", entries[0][0])
    raise HarnessError("no Debian mirror in /etc/apt: set KPROBED_MIRROR and "
                       "KPROBED_SECURITY_MIRROR to the addresses of one")


def is_debian(uri: str, suite: str) -> bool:
    """Tell Debian's archive from other vendors' that also name their suites after codenames."""
    return suite.split("-")[0] in CODENAMES and "debian" in uri.split("://")[-1].split("/", 1)[-1]


def configured() -> list[tuple[str, str]]:
    """(address, suite) of every enabled binary source with a `main` component, in file order."""
    found = []
    parts = sorted((ETC / "sources.list.d").glob("*"))
    for path in [ETC / "sources.list", *parts]:
        if not path.is_file():
            continue
        text = path.read_text(errors="replace")
        if path.suffix == ".list":
            found += one_line_entries(text)
        elif path.suffix == ".sources":
            found += deb822_entries(text)
    return found


def one_line_entries(text: str) -> list[tuple[str, str]]:
    """deb [options] URI SUITE COMPONENT..."""
    found = []
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]*)", line)
        if match and "main" in match.group(3).split():
            found.append((match.group(1), match.group(2)))
    return found


def deb822_entries(text: str) -> list[tuple[str, str]]:
    found = []
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for stanza in re.split(r"\n\s*\n", "\n".join(lines)):
        # A continued field goes on in the next line behind white space.
        fields = {key.lower(): value for key, value in
                  re.findall(r"^([A-Za-z-]+):(.*(?:\n[ \t].*)*)", stanza, re.MULTILINE)}
        usable = (fields.get("enabled", "yes").strip().lower() != "no"
                  and "deb" in fields.get("types", "").split()
                  and "main" in fields.get("components", "").split())
        if usable:
            found += [(uri, suite) for uri in fields.get("uris", "").split()
                      for suite in fields.get("suites", "").split()]
    return found
