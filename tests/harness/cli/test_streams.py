"""Terminals that lack letters, pipes that close, disks that are full: the real command in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from xharness.cli.streams import SIGNS, escaped

NAME = "ä中😀"


def run(
    arguments: list[str], environment: Mapping[str, str] | None = None, **options: object
) -> subprocess.CompletedProcess[bytes]:
    """``xharness`` with the environment of this process, less what decides on encodings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "LC_", "LANG"))}
    command = [sys.executable, "-m", "xharness.cli", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run(command, env=kept | dict(environment or {}), check=False, **pipes)  # type: ignore[call-overload,no-any-return]


ASCII = [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}]


@pytest.mark.parametrize("environment", ASCII, ids=str)
@pytest.mark.parametrize(
    "arguments", [["models", "show", NAME], ["score", "--help"], ["models", "list"], ["tasks", "show", "xcopa"]]
)
def test_ascii(arguments: list[str], environment: dict[str, str]) -> None:
    done = run(arguments, environment)
    assert (done.stdout + done.stderr).isascii()
    assert b"Traceback" not in done.stderr and done.returncode == (1 if NAME in arguments else 0)
    if NAME in arguments and environment.get("PYTHONUTF8") != "0":  # there even the argument comes as bytes
        assert b"\\u00e4\\u4e2d\\ud83d\\ude00" in done.stderr


def test_latin_1_keeps_what_it_has() -> None:
    done = run(["models", "show", NAME], {"PYTHONIOENCODING": "latin-1"})
    assert b"\xe4\\u4e2d\\ud83d\\ude00" in done.stderr
    assert "ä中😀".encode() in run(["models", "show", NAME], {"PYTHONIOENCODING": "utf-8"}).stderr


def test_json_on_an_ascii_terminal_is_the_same_json() -> None:
    whole = json.loads(run(["tasks", "show", "xnli", "--json"], {"PYTHONIOENCODING": "utf-8"}).stdout)
    assert json.loads(run(["tasks", "show", "xnli", "--json"], {"PYTHONIOENCODING": "ascii"}).stdout) == whole


def test_every_sign_is_ascii() -> None:
    assert all(text.isascii() for text in SIGNS.values())
    assert escaped("😀") == "\\ud83d\\ude00"


def test_a_full_disk_behind_stdout(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run(["tasks", "list"], stdout=full)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        "error: cannot write all of the output",
        "  why: No space left on device",
        "  fix: what the command made is whole: free some space, or send the output elsewhere",
    ]


@pytest.mark.parametrize(("arguments", "code"), [(["tasks", "list"], 0), (["models", "show", "none/such"], 1)])
def test_a_closed_pipe_changes_no_exit_code(arguments: list[str], code: int) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(arguments, stdout=writing)
    finally:
        os.close(writing)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr and b"Broken pipe" not in done.stderr
