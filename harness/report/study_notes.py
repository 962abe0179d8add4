"""What a reader of a study must know beside its numbers: what they cannot mean, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from xharness.report.study_contents import StudyContents
from xharness.studies.findings import is_run
from xharness.tasks.common.text import plural
from xharness.tasks.data import MADE_UP

SMOKE = "smoke"
NAMED = 12  # steps in one line


def warnings(contents: StudyContents) -> Iterator[str]:
    """What takes meaning from the numbers, the worst first."""
    study, standing = contents.study, contents.standing
    if study.size == SMOKE:
        yield "This is a smoke test: it shows that everything runs. Its numbers and verdicts mean nothing."
    if (Path(study.options["data"]) / MADE_UP).is_file():
        yield "The data are the demo's made-up world: no number here says anything about a language."
    if study.declared_late:
        last = study.declared[-1]
        yield (
            f"Declared late: the hypotheses are those of {day(last['time'])}, when "
            f"{plural(last['evaluations'], 'evaluation')} had a result already. They are not a test of what was "
            "predicted."
        )
    if missing := len(standing.graph) - len(standing.done):
        yield (
            f"Unfinished: {missing:,} of {plural(len(standing.graph), 'step')} {'is' if missing == 1 else 'are'} not "
            "done. What needs them is missing, and the numbers may change."
        )


def notes(contents: StudyContents) -> Iterator[str]:
    """What else is worth knowing."""
    study = contents.study
    size = study.design.sizes[study.size]
    if size.note:
        yield f"Size {study.size}: {size.note}"
    if size.limit:
        yield f"Only the first {size.limit:,} examples of each cell are evaluated."
    if size.languages:
        yield f"Only these languages are evaluated: {', '.join(size.languages)}."
    if asked := untested(contents):
        yield f"Not part of this size, and not tested: {'; '.join(asked)}."
    yield from dict.fromkeys(
        f"{run.evaluated.target} after {run.evaluated.arm} is not zero-shot: {'; '.join(why)}."
        for run in contents.runs
        for why in run.scores.not_zero_shot.values()
    )
    yield from (note for note in dict.fromkeys(note for run in contents.runs for note in run.manifest.notes))


def untested(contents: StudyContents) -> list[str]:
    """Hypotheses about arms or targets that this run of the study does not have."""
    study = contents.study
    arms, targets = ([getattr(each, what) for each in study.evaluated] for what in ("arm", "target"))
    return [each.name for each in study.design.hypotheses if not is_run(each, arms, targets)]


def missing(contents: StudyContents) -> list[str]:
    """What is not done: a line for each step that failed, and one for all others that stand alike."""
    standing, steps = contents.standing, contents.study.graph.steps
    alike = {
        "running": [steps[name].title for name in standing.running],
        "waits for what failed": [step.title for step in standing.blocked],
        "not started": [step.title for step in standing.waiting],
    }
    failed = [f"failed: {steps[name].title}: {record.get('reason', '')}" for name, record in standing.failed.items()]
    return [*failed, *(f"{state}: {_some(titles)}" for state, titles in alike.items() if titles)]


def _some(titles: Sequence[str]) -> str:
    more = f"; and {len(titles) - NAMED:,} more" if len(titles) > NAMED else ""
    return "; ".join(titles[:NAMED]) + more


def day(seconds: float) -> str:
    """A date in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
