"""Roots: folders with a fresh Debian in them, in which commands run apart from this machine.

Commands see the root as ``/``, a process table of their own, and the network only on request. Nothing of this machine
is visible but what is bound in: the folders and certificates that pip's configuration names, read-only, while building.
Needs root, and Debian's ``debootstrap``.
"""

from __future__ import annotations

import ast
import contextlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGES = "python3,python3-venv,ca-certificates"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PASSED_ON = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


class FailedError(Exception):
    """A command in a root did not end with 0."""


@dataclass(frozen=True)
class Bind:
    """A file or folder of this machine, and where a root shows it."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Root:
    """A folder that is ``/`` for the commands that run in it."""

    path: Path

    def run(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        workdir: str = "/",
        user: str = "0:0",
        binds: Sequence[Bind] = (),
        sealed: bool = False,
        log: Path | None = None,
    ) -> None:
        """Run a command; ``sealed`` means no network at all, and nothing writable but ``/tmp`` and writable binds.

        What it prints is added to ``log``, of which the end is shown if it fails; without one it goes to the screen.

        Raises:
            FailedError: it ended with another code than 0.
        """
        script = _script(self.path, command, environment, workdir, user, binds, sealed)
        apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *(["--net"] if sealed else [])]
        with log.open("ab") if log else contextlib.nullcontext() as out:
            done = subprocess.run(
                [*apart, "sh", "-ec", script], stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False
            )
        if done.returncode:
            end = log.read_text(errors="replace").splitlines()[-20:] if log else []
            raise FailedError("\n".join([*end, f"exit code {done.returncode}: {shlex.join(command)}"]))

    def copy(self, destination: Path) -> Root:
        """The same root once more, in place of whatever is at ``destination``."""
        shutil.rmtree(destination, ignore_errors=True)
        subprocess.run(["cp", "-a", "--reflink=auto", str(self.path), str(destination)], check=True)
        return Root(destination)


def _script(
    root: Path,
    command: Sequence[str],
    environment: Mapping[str, str],
    workdir: str,
    user: str,
    binds: Sequence[Bind],
    sealed: bool,
) -> str:
    """Mounts live and die with the command, in a namespace of its own: no mount can outlast it."""
    at = shlex.quote(str(root))
    lines = [f"mount --bind {at} {at}"]
    for bind in binds:
        here, there = shlex.quote(str(bind.source)), shlex.quote(f"{root}{bind.target}")
        make = f"mkdir -p {there}" if bind.source.is_dir() else f"mkdir -p $(dirname {there}); touch {there}"
        lines += [make, f"mount --bind {here} {there}"]
        lines += [] if bind.writable else [f"mount -o remount,bind,ro {there}"]
    lines += [f"mount -t proc proc {at}/proc", f"mount --rbind /dev {at}/dev"]
    if sealed:
        lines += [f"mount -t tmpfs tmpfs {at}/tmp", f"mount -o remount,bind,ro {at}"]
    variables = [f"{name}={value}" for name, value in environment.items()]
    inside = ["chroot", f"--userspec={user}", "--groups=", str(root), "env", "--ignore-environment"]
    lines.append(shlex.join(["exec", *inside, f"--chdir={workdir}", *variables, *command]))
    return "\n".join(lines)


def debian(folder: Path, suite: str = "", mirror: str = "") -> Root:
    """A minimal Debian with Python in ``folder``, made once and kept; suite and mirror are this machine's by default.

    Raises:
        FailedError: there is no debootstrap, or it failed.
    """
    if (folder / "etc/xharness-root").exists():
        return Root(folder)
    if not shutil.which("debootstrap"):
        raise FailedError("no debootstrap here: apt-get install debootstrap")
    suite = suite or _suite()
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    command = [
        "debootstrap",
        "--variant=minbase",
        f"--include={PACKAGES}",
        suite,
        str(folder),
        mirror or _mirror(suite),
    ]
    with (folder.parent / "debootstrap.log").open("w") as log:
        if subprocess.run(command, stdout=log, stderr=log, check=False).returncode:
            raise FailedError(f"debootstrap failed, see {log.name}")
    (folder / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    shutil.rmtree(folder / "var/cache/apt", ignore_errors=True)
    (folder / "etc/xharness-root").write_text(suite + "\n")
    return Root(folder)


def _suite() -> str:
    lines = Path("/etc/os-release").read_text().splitlines()
    return next(line.partition("=")[2].strip('"') for line in lines if line.startswith("VERSION_CODENAME="))


def _mirror(suite: str) -> str:
    """Where apt of this machine gets the suite from; empty where it does not, and debootstrap takes its own default."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)"], capture_output=True, text=True
    )
    return next((line.split()[0] for line in targets.stdout.splitlines() if line.split()[1:] == [suite]), "")


def pip_settings(folder: Path) -> tuple[dict[str, str], list[Bind]]:
    """How pip of this machine reaches packages: its environment, and its configuration with the files that it names."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    rows = (line.partition("=") for line in listed.stdout.splitlines())
    settings = {name: str(ast.literal_eval(value)) for name, _, value in rows}
    kept = {name.split(".", 1)[1]: value for name, value in settings.items() if not name.startswith(":env:")}
    configuration = folder / "pip.conf"
    lines = [f"{name} = {' '.join(value.split())}" for name, value in kept.items()]
    configuration.write_text("\n".join(["[global]", *lines, ""]))
    named = {path for value in settings.values() for word in value.split() for path in _local(word)}
    binds = [Bind(path, str(path)) for path in sorted(named)]
    if Path("/etc/resolv.conf").exists():
        binds.append(Bind(Path("/etc/resolv.conf").resolve(), "/etc/resolv.conf"))
    environment = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    return environment, [*binds, Bind(configuration, "/etc/pip.conf")]


def _local(word: str) -> list[Path]:
    """The file or folder that a setting names; of an index on disk its parent, whose files the index links to."""
    path = Path(word.removeprefix("file://"))
    if not path.is_absolute() or not path.exists():
        return []
    return [path.parent if word.startswith("file://") else path]
