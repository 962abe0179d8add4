"""Doubles of sbatch, srun, sacct, scancel and scontrol that run the jobs on this machine, as far as submitit looks.

A job is a folder ``SLURM_DOUBLE/<id>`` with its state and the process of its batch script. A signal reaches all
processes of a job, as it does where Slurm tracks them by cgroup. A requeued job runs again under the same number.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

COMMANDS = ("sbatch", "srun", "sacct", "scancel", "scontrol")
STATE, PROCESS, REQUEUED, SCRIPT = "state", "process", "requeued", "script"
GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL of a cancelled job."""


def install(folder: Path) -> dict[str, str]:
    """Put the commands into a folder; the environment in which they are found."""
    folder.mkdir(parents=True)
    for name in COMMANDS:
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(__file__)} {name} "$@"\n')
        script.chmod(0o755)
    jobs = folder.parent / "jobs"
    jobs.mkdir()
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "SLURM_DOUBLE": str(jobs)}


def jobs() -> Path:
    return Path(os.environ["SLURM_DOUBLE"])


def sbatch(path: str) -> None:
    """Queue a script: one job, or an array of them."""
    text = Path(path).read_text()
    (jobs() / "submitted").open("a").write(text)
    if "--partition=nowhere" in text:
        sys.exit("sbatch: error: invalid partition specified: nowhere")
    number = str(100 + len(list(jobs().glob("*.sh"))))
    kept = jobs() / f"{number}.sh"
    kept.write_text(text)
    array = re.search(r"--array=0-(\d+)", text)
    names = [f"{number}_{task}" for task in range(int(array[1]) + 1)] if array else [number]
    for name in names:
        (jobs() / name).mkdir()
        (jobs() / name / STATE).write_text("PENDING")
        subprocess.Popen(
            [sys.executable, __file__, "supervise", name, str(kept)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    print(f"Submitted batch job {number}")


def supervise(name: str, script: str) -> None:
    """What Slurm's daemons do for one job."""
    folder = jobs() / name
    number, _, task = name.partition("_")
    own = {"SLURM_JOB_ID": number, "SLURM_NTASKS": "1", "SLURM_JOB_NUM_NODES": "1", "SLURM_PROCID": "0"}
    if task:
        own |= {"SLURM_ARRAY_JOB_ID": number, "SLURM_ARRAY_TASK_ID": task}
    while True:
        process = subprocess.Popen(["bash", script], env={**os.environ, **own})
        (folder / PROCESS).write_text(str(process.pid))
        (folder / STATE).write_text("RUNNING")
        code = process.wait()
        if not (folder / REQUEUED).exists():
            break
        (folder / REQUEUED).unlink()
        (folder / STATE).write_text("REQUEUED")
    if (folder / STATE).read_text() == "RUNNING":
        (folder / STATE).write_text("COMPLETED" if code == 0 else "FAILED")


def srun(*arguments: str) -> None:
    """Run a command with its output where it is asked for."""
    rest = list(arguments)
    output = Path("/dev/null")
    while rest[0].startswith("--"):
        option = rest.pop(0)
        if option == "--output":
            output = Path(_named(rest.pop(0)))
        elif option == "--error":
            rest.pop(0)
    with output.open("ab") as file:
        sys.exit(subprocess.run(rest, stdout=file, stderr=subprocess.STDOUT, check=False).returncode)


def _named(path: str) -> str:
    number = os.environ["SLURM_JOB_ID"]
    task = os.environ.get("SLURM_ARRAY_TASK_ID", "")
    values = {"%j": number, "%A": number, "%a": task, "%t": "0"}
    return re.sub("%[jAat]", lambda found: values[found[0]], path)


def sacct(*_: str) -> None:
    """The state of all jobs."""
    print("JobID|State|NodeList")
    for folder in sorted(jobs().iterdir()):
        if folder.is_dir():
            state = (folder / STATE).read_text()
            print(f"{folder.name}|{state}|here\n{folder.name}.batch|{state}|here")


def scancel(*arguments: str) -> None:
    """Send a signal to a job, or end it."""
    names = [one for one in arguments if one[0].isdigit()]
    if "--signal" in arguments:
        number = getattr(signal, "SIG" + arguments[arguments.index("--signal") + 1].removeprefix("SIG"))
        for name in names:
            _send(name, number)
        return
    for name in names:
        (jobs() / name / STATE).write_text("CANCELLED by 0")
        _send(name, signal.SIGTERM)
    until = time.monotonic() + GRACE
    while any(True for name in names for _ in _processes(name)) and time.monotonic() < until:
        time.sleep(0.1)
    for name in names:
        _send(name, signal.SIGKILL)


def scontrol(what: str, name: str) -> None:
    """``scontrol requeue``."""
    assert what == "requeue"
    (jobs() / name / REQUEUED).touch()


def _send(name: str, number: int) -> None:
    for process in _processes(name):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _processes(name: str) -> Iterator[psutil.Process]:
    """Those of a job's steps; like Slurm, not the batch script and srun unless they are the last."""
    with suppress(psutil.NoSuchProcess, FileNotFoundError):
        for process in psutil.Process(int((jobs() / name / PROCESS).read_text())).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if "slurm_double.py" not in " ".join(process.cmdline()):
                    yield process


def state(environment: Mapping[str, str], name: str) -> str:
    """The state of a job."""
    return (Path(environment["SLURM_DOUBLE"]) / name / STATE).read_text()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
