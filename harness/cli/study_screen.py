"""What ``xharness study`` shows: the plan, the run while it lasts, what came out."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING

from xharness.cli.screen import console, print_text, say
from xharness.cli.tables import print_whole
from xharness.studies.findings_tables import effects_table, robustness_table
from xharness.studies.statistics.wording import sentence
from xharness.tables.table import Column, Table, TableRow, words
from xharness.tables.terminal import render
from xharness.tasks.common.text import clock

if TYPE_CHECKING:
    from rich.console import RenderableType

    from xharness.studies.budget import Budget
    from xharness.studies.driver import Progress
    from xharness.studies.planning import PlannedStudy
    from xharness.studies.run import RanStudy
    from xharness.studies.status import StudyStanding

EVERY = 60.0
"""Seconds between two lines where there is no screen."""

SHOWN = 12


class Live:
    """The running study on stderr: a table on a screen, a line a minute and one a failure in a pipe."""

    def __init__(self, name: str) -> None:
        from rich.live import Live as RichLive

        self.name, self.console = name, console(stderr=True)
        self._live = RichLive(console=self.console, refresh_per_second=4, transient=True)
        self._said, self._failures, self._notes = 0.0, 0, 0

    def __enter__(self) -> Live:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.console.is_terminal:
            self._live.stop()

    def show(self, progress: Progress) -> None:
        """Show where the run stands."""
        for note in progress.notes[self._notes :]:
            print_text(self.console, f"note: {note}")
        self._notes = len(progress.notes)
        if self.console.is_terminal:
            self._live.update(running_table(self.name, progress))
            return
        failures = list(progress.failed.items())
        for step_id, reason in failures[self._failures :]:
            print_text(self.console, f"failed: {progress.graph.steps[step_id].title}: {reason}")
        self._failures = len(failures)
        if time.monotonic() - self._said >= EVERY or not progress.running:
            self._said = time.monotonic()
            print_text(self.console, f"{self.name}: {counts(progress)}{_left(progress)}{_running(progress)}")


def counts(progress: Progress) -> str:
    """Numbers of steps, in words."""
    waiting = len(progress.graph) - sum(
        map(len, (progress.done, progress.running, progress.elsewhere, progress.failed, progress.blocked))
    )
    parts = {
        "done": len(progress.done),
        "running": len(progress.running),
        "done elsewhere": len(progress.elsewhere),
        "waiting": waiting,
        "failed": len(progress.failed),
        "blocked": len(progress.blocked),
    }
    some = ", ".join(f"{number} {what}" for what, number in parts.items() if number)
    return f"{len(progress.graph)} steps: {some}"


def _left(progress: Progress) -> str:
    """Time left, if that is known and there is any."""
    return f", about {clock(left)} left" if (left := progress.seconds_left) else ""


def _running(progress: Progress) -> str:
    """What runs and for how long, if anything does."""
    now = time.time()
    runs = [f"{progress.graph.steps[key].title} ({clock(now - since)})" for key, since in progress.running.items()]
    more = f" and {len(runs) - SHOWN} more" if len(runs) > SHOWN else ""
    return f"; running: {', '.join(runs[:SHOWN])}{more}" if runs else ""


def running_table(name: str, progress: Progress) -> RenderableType:
    """Steps that run, those that failed, and how many there are."""
    rows = [
        TableRow([words("running"), words(progress.graph.steps[key].title), words(clock(time.time() - since))])
        for key, since in progress.running.items()
    ]
    rows += [
        TableRow([words("elsewhere"), words(progress.graph.steps[key].title), words("")]) for key in progress.elsewhere
    ]
    rows += [
        TableRow([words("failed"), words(progress.graph.steps[key].title), words(reason)])
        for key, reason in progress.failed.items()
    ]
    columns = [Column("state"), Column("step", folds=True), Column("", folds=True)]
    return render(Table("steps", f"{name}: {counts(progress)}{_left(progress)}", columns, rows[:SHOWN]))


def show_plan(name: str, planned: PlannedStudy, budget: Budget) -> None:
    """The plan: how many steps of which kind, what is done, what the rest costs."""
    print_whole(render(budget.table(f"{name}, size {planned.chosen.name}")))
    for note in budget.notes:
        say(f"note: {note}")


def show_standing(name: str, standing: StudyStanding) -> None:
    """Where a study stands."""
    parts = {
        "done": len(standing.done),
        "running": len(standing.running),
        "waiting": len(standing.waiting),
        "failed": len(standing.failed),
        "blocked": len(standing.blocked),
    }
    left = "" if standing.seconds_left is None else f"; about {clock(standing.seconds_left)} of one process left"
    say(f"{name}: {len(standing.graph)} steps: {', '.join(f'{n} {what}' for what, n in parts.items())}{left}")
    for key, who in standing.running.items():
        say(f"running: {standing.graph.steps[key].title} ({who})")
    for key, record in standing.failed.items():
        say(f"failed: {standing.graph.steps[key].title}: {record.get('reason')}")
        lines = record.get("log")
        for line in lines if isinstance(lines, list) else ():
            say(f"    {line}")


def show_outcome(ran: RanStudy, *, quiet: bool) -> None:
    """Means over seeds by arm and target, and what failed, with the end of its log."""
    if not quiet and ran.findings:
        for table in (effects_table(ran.findings), robustness_table(ran.findings)):
            if table.rows:
                print_whole(render(table))
        for judgement in ran.findings.judgements:
            say(f"{judgement.hypothesis.name}: {sentence(judgement)}")
    for step_id, reason in ran.progress.failed.items():
        say(f"failed: {ran.study.graph.steps[step_id].title}: {reason}", err=True)
        for line in ran.study.store.last_lines(step_id):
            say(f"    {line}", err=True)
    if ran.progress.failed:
        blocked = len(ran.progress.blocked)
        also = f"; {blocked} more wait for them" if blocked else ""
        say(f"{len(ran.progress.failed)} steps failed{also}: the same command tries them again", err=True)
    if not quiet:
        say(f"{ran.study.out}: study.json, graph.json, results.csv, results.json, findings.json")
