# SPDX-License-Identifier: Apache-2.0
"""Debian packages of any suite and architecture, through apt with a state of its own.

Nothing of the host's package state is read or written: lists, status, cache and sources live in
one scratch folder. The mirror is the host's own, read from its apt configuration at run time.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import HarnessError, cache, mirrors

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class Archive:
    def __init__(self, state: Path, arch: str, suites: tuple[str, ...]):
        self.state = state
        for folder in ("lists/partial", "archives/partial", "parts"):
            (state / folder).mkdir(parents=True)
        (state / "status").touch()
        self.sources = state / "sources.list"
        self.sources.write_text(sources_list(suites))
        (state / "apt.conf").write_text(host_settings() + f"""
APT::Architecture "{arch}";
#clear APT::Architectures;
APT::Architectures {{ "{arch}"; }};
APT::Sandbox::User "root";
APT::Default-Release "{suites[0]}";
APT::Update::Error-Mode "any";
Acquire::Retries "3";
Acquire::Languages "none";
Dir::Etc::SourceList "{self.sources}";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Parts "{state}/parts";
Dir::Etc::Main "/dev/null";
Dir::State "{state}";
Dir::State::Lists "{state}/lists";
Dir::State::Status "{state}/status";
Dir::Cache "{state}";
Dir::Cache::Archives "{state}/archives";
Dir::Log "{state}";
""")

    def update(self) -> None:
        self._run("apt-get", "-q", "update")

    def behind_meta(self, package: str) -> str:
        """The package with the kernel in it: a meta package depends on it by exact name."""
        shown = self._run("apt-cache", "show", "--no-all-versions", package)
        match = re.search(r"^Depends:.*?(linux-image-\d\S*)", shown, re.MULTILINE)
        return match.group(1) if match else package

    def with_dependencies(self, package: str, prefixes: tuple[str, ...]) -> list[str]:
        """The package, and what it depends on of those with such names."""
        shown = self._run("apt-cache", "show", "--no-all-versions", package)
        match = re.search(r"^Depends: (.*)$", shown, re.MULTILINE)
        names = [alternative.split()[0] for alternative in (match.group(1) if match else "").split(",")]
        return [package] + [name for name in names if name.startswith(prefixes)]

    def extract(self, packages: list[str], target: Path) -> dict[str, str]:
        """Download the packages, unpack them over `target`, return each one's version."""
        folder = self.state / "debs"
        folder.mkdir()
        self._run("apt-get", "-q", "download", *packages, cwd=folder)
        target.mkdir(exist_ok=True)
        versions = {}
        for deb in sorted(folder.glob("*.deb")):
            subprocess.run(["dpkg-deb", "-x", deb, target], check=True)
            field = subprocess.run(["dpkg-deb", "-W", "--showformat=${Package} ${Version}", deb],
                                   check=True, capture_output=True, text=True).stdout
            name, version = field.split()
            versions[name] = version
        return versions

    def closure(self, packages: list[str]) -> list[Path]:
        """Download the packages and all they depend on; the files, as nothing is installed."""
        self._run("apt-get", "-q", "-y", "--no-install-recommends", "--download-only", "install",
                  *packages)
        return sorted((self.state / "archives").glob("*.deb"))

    def first_known(self, names: list[str]) -> str:
        """The first of alternative packages that the suite has."""
        return next((name for name in names if self._run("apt-cache", "pkgnames", name).split()
                     .count(name)), names[-1])

    def discard(self) -> None:
        shutil.rmtree(self.state)

    def _run(self, *command: str, cwd: Path | None = None) -> str:
        environment = dict(os.environ, APT_CONFIG=str(self.state / "apt.conf"), LC_ALL="C")
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True,
                              check=False)
        if done.returncode:
            # apt names the failing address in its "Err:"/"E:" lines; the user needs exactly those.
            blamed = [line for line in (done.stdout + done.stderr).splitlines()
                      if re.match(r"(Err:|E:)", line)]
            raise HarnessError(
                f"'{' '.join(command)}' failed; the first run needs the network (a proxy can be "
                f"given in http_proxy), or copy {cache.root()} from a machine that has it:\n  "
                + "\n  ".join(blamed[:6] or [done.stderr.strip()]))
        return done.stdout


def sources_list(suites: tuple[str, ...]) -> str:
    if not KEYRING.exists():
        raise HarnessError(f"{KEYRING} is missing: apt-get install debian-archive-keyring")
    return "".join(f"deb [signed-by={KEYRING}] {mirrors.address(suite)} {suite} main\n"
                   for suite in suites)


def host_settings() -> str:
    """The host's apt configuration (proxies, certificates, timeouts) without what acts on it.

    The hooks must go: some images clean the host's package cache after every update.
    """
    dump = subprocess.run(["apt-config", "dump"], check=True, capture_output=True,
                          text=True).stdout
    return "".join(line + "\n" for line in dump.splitlines()
                   if line.startswith("Acquire::") and not line.startswith("Acquire::IndexTargets"))
