"""What a running study says where there is no screen."""

from __future__ import annotations

import pytest

from xharness.cli.study_screen import Live
from xharness.studies.driver import Progress
from xharness.studies.graph import Graph, Step


def test_a_line_says_what_runs_and_a_failure_is_told_once(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [Step("train", str(number), f"mnli, seed {number}") for number in range(4)]
    now = 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    progress = Progress(
        Graph({step.id: step for step in steps}),
        {steps[0].id},
        {steps[1].id: now - 61, steps[2].id: now - 5},
        seconds={steps[0].id: 120.0},
    )
    with Live("s") as live:
        live.show(progress)
        progress.fail(steps[3].id, "no room")
        live.show(progress)
        live.show(progress)
    told = capfd.readouterr().err.splitlines()
    assert told == [
        "s: 4 steps: 1 done, 2 running, 1 waiting, about 0:02:27 left; "
        "running: mnli, seed 1 (0:01:01), mnli, seed 2 (0:00:05)",
        "failed: mnli, seed 3: no room",
    ]
