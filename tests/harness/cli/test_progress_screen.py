"""Progress where there is no screen: when a line is written, and what it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from xharness.cli.progress_screen import Lines, fitted, progress_shown


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def lines(told: list[str]) -> tuple[Lines, Callable[[float], None]]:
    """Lines, and what lets time pass for them."""
    now = [0.0]

    def pass_by(seconds: float) -> None:
        now[0] += seconds

    return Lines(told.append, lambda: now[0]), pass_by


def test_a_line_a_task_and_one_a_minute(told: list[str], lines: tuple[Lines, Callable[[float], None]]) -> None:
    shown, pass_by = lines
    shown.update("xnli: de fr", 0.1)
    pass_by(10)
    shown.update("xnli: de fr", 0.2)
    assert told == [" 10% xnli: de fr (0:00:00 gone)"]
    pass_by(60)
    shown.update("xnli: sw", 0.3)
    assert told[1:] == [" 30% xnli: sw (0:01:10 gone, about 0:02:43 left)"]
    shown.update("panx: de", 0.3)
    assert len(told) == 3
    pass_by(60)
    shown.remind()
    assert len(told) == 4, "also while nothing is told"


def test_nobody_waits_for_the_first_word(told: list[str], lines: tuple[Lines, Callable[[float], None]]) -> None:
    shown, pass_by = lines
    pass_by(5)
    shown.remind()
    shown.update("reading data: 0 of 162 cells", 0.0)
    shown.update("reading data: 3 of 162 cells", 0.0)
    pass_by(5)
    shown.update("reading data: 12 of 162 cells", 0.0)
    assert told == [
        "  0% starting (0:00:05 gone)",
        "  0% reading data: 12 of 162 cells (0:00:10 gone)",
    ]


def test_the_steps_of_a_training_are_one_thing(told: list[str], lines: tuple[Lines, Callable[[float], None]]) -> None:
    shown, _ = lines
    for step in range(1, 10):
        shown.update(f"step {step}/20 loss 0.5", step / 20)
        shown.update(f"x → xnli: step {step}/20 loss 0.5", step / 20)
    assert len(told) == 18, "two trainings in turn"
    del told[:]
    for step in range(10, 20):
        shown.update(f"x → xnli: step {step}/20 loss 0.5", step / 20)
    assert told == []


def test_the_next_phase_counts_from_its_own_start(
    told: list[str], lines: tuple[Lines, Callable[[float], None]]
) -> None:
    shown, pass_by = lines
    shown.update("a: step 1", 0.5)
    pass_by(100)
    shown.update("a: step 2", 1.0)
    shown.update("b: step 1", 0.0)
    pass_by(60)
    shown.update("b: step 2", 0.5)
    assert told[-1] == " 50% b: step 2 (0:02:40 gone, about 0:01:00 left)"


def test_details_fit_beside_the_bar() -> None:
    what = "mlm → anli_plus + mnli + qqp: step 10/20 loss 0.5"
    assert fitted(what, 60) == what
    assert fitted(what, 40) == "mlm → anli_plus ...: step 10/20 loss 0.5"
    assert fitted(what, 24) == "step 10/20 loss 0.5"
    assert len(fitted("loading a model of a very long name", 80)) < 80


def test_a_pipe_gets_lines_and_notes(capfd: pytest.CaptureFixture[str]) -> None:
    path = "/a/very/long/path/" * 12
    with progress_shown() as reporter:
        reporter.progress("xnli: de", 0.25)
        reporter.note(f"note: {path}")
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines()[0].startswith(" 25% xnli: de (0:00:0")
    assert err.splitlines()[1:] == [f"note: {path}"], "a path is never broken"
