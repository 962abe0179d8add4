"""A whole tiny world with a suite for it, and the command line called in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

from xharness.cli import main


class Called(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Call = Callable[..., Called]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """``call("score", folder, ...)`` runs the command line and returns exit code, stdout and stderr."""

    def run(*arguments: object) -> Called:
        monkeypatch.setattr(sys, "argv", ["xharness", *map(str, arguments)])
        monkeypatch.setattr("xharness.cli.progress_screen.AT_FIRST", 3600.0)  # however slow the machine is
        with pytest.raises(SystemExit) as stopped:
            main()
            raise SystemExit(0)
        captured = capfd.readouterr()
        code = stopped.value.code
        return Called(code if isinstance(code, int) else int(code is not None), captured.out, captured.err)

    return run


@dataclass(frozen=True)
class Demo:
    """Six items a cell in all 162 cells, and untrained models for every task."""

    data: Path
    models: Path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The tiny world; read-only: copy what you change."""
    return _tiny_world(tmp_path_factory.mktemp("demo"), "xtreme")


@pytest.fixture(scope="session")
def demo_r(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The same of XTREME-R: its ten tasks in 203 cells."""
    return _tiny_world(tmp_path_factory.mktemp("demo-r"), "xtreme-r")


def _tiny_world(folder: Path, version: str) -> Demo:
    from xharness.demo.checkpoints import write_models
    from xharness.demo.world import write_world

    write_world(folder / "data", size="tiny", version=version)
    write_models(folder / "models", folder / "data")
    return Demo(folder / "data", folder / "models")
