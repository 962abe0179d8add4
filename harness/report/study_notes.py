"""What a reader of a study must know beside its numbers: what they cannot mean, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from xharness.checkpoints.provenance import did_not_train
from xharness.report.lineage import ancestry
from xharness.report.study_contents import StudyContents, StudyRun
from xharness.studies.findings import of_size
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
    yield from _of_runs([(note, run) for run in contents.runs for note in run.manifest.notes], len(contents.runs))
    yield from _of_runs(list(_untrained(contents)), 0)


def _of_runs(said: Sequence[tuple[str, StudyRun]], everywhere: int) -> Iterator[str]:
    """Each note once, with the runs that it is about, unless it is about all of them."""
    runs: dict[str, dict[str, None]] = {}
    for note, run in said:
        evaluated = run.evaluated
        runs.setdefault(note, {})[f"{evaluated.arm} → {evaluated.target}, seed {evaluated.seed}"] = None
    for note, names in runs.items():
        yield note if len(names) == everywhere else f"{note} ({_some(list(names))})"


def _untrained(contents: StudyContents) -> Iterator[tuple[str, StudyRun]]:
    """Phases before the last one that came to nothing; of the last one the run itself says so."""
    for run in contents.runs:
        for model in run.manifest.models.values():
            for phase in list(ancestry("", model.path, model.provenance))[1:]:
                if why := did_not_train(phase.record):
                    yield f"before the last phase, {phase.title} did not train: {'; '.join(why)}", run


def untested(contents: StudyContents) -> list[str]:
    """Hypotheses about arms or targets that this size of the study does not have."""
    tested = of_size(contents.study)
    return [each.name for each in contents.study.design.hypotheses if each not in tested]


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
