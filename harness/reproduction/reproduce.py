"""One task of one checkpoint beside what others published of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from xharness.checkpoints.checkpoint import Checkpoint
from xharness.evaluation.evaluate import carry_out
from xharness.evaluation.options import EvaluateOptions
from xharness.evaluation.prepare import Prepared, prepare
from xharness.evaluation.reporter import Reporter
from xharness.models.families import FAMILIES
from xharness.reproduction.forks import forks_of
from xharness.reproduction.matching import ComparedResult, compare_with
from xharness.reproduction.passes import names_of, passes
from xharness.reproduction.published import PublishedResult, plain, published_results, results_for
from xharness.runs.reading import Run, open_run
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.json_types import JsonObject


@dataclass(frozen=True)
class ReproduceOptions:
    """What ``xharness reproduce`` takes beside the options of an evaluation.

    Attributes:
        published_as: The name under which the model was published; None to find it by the checkpoint's names.
        published: A file with further published results.
        poolings, prompts: Further ways to make vectors that are tried.
    """

    published_as: str | None = None
    published: Path | None = None
    poolings: Sequence[str] = ()
    prompts: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Reproduction:
    """What came out.

    Attributes:
        runs: One for each way to make vectors; the first is what no further options give.
        comparisons: One for each measure of each published result.
    """

    task: Task
    model: str
    runs: Sequence[Run] = field(repr=False)
    comparisons: Sequence[ComparedResult]

    def as_json(self) -> JsonObject:
        """What ``xharness reproduce --json`` prints."""
        return {
            "task": self.task.name,
            "model": self.model,
            "runs": [str(run.path) for run in self.runs],
            "comparisons": [each.as_json() for each in self.comparisons],
        }


def reproduce(
    task: str, options: EvaluateOptions, wanted: ReproduceOptions, reporter: Reporter | None = None
) -> Reproduction:
    """Evaluate what is not done yet, and compare.

    Args:
        task: Its name.
        options: Model, data, out and what else an evaluation takes; its tasks, layer, pooling and prompt are ours.
        reporter: Told of the progress of each evaluation.

    Raises:
        UserError: anything that the user can fix; no result is known of this model and task.
    """
    prepared = prepare(replace(options, tasks=task, out=options.out / "run"))
    chosen, checkpoint = _answered(prepared, task)
    known = published_results(wanted.published)
    model, results = _published(chosen, checkpoint, options, wanted, known)
    every = passes(options, chosen, checkpoint, results, poolings=wanted.poolings, prompts=wanted.prompts)
    for each in every:
        carry_out(prepare(each), reporter)
    runs = [open_run(each.out, prepared.registry) for each in every]
    forks = [fork for place, run in enumerate(runs) for fork in forks_of(run, chosen, usual=not place)]
    return Reproduction(
        chosen, model, runs, [each for result in results for each in compare_with(result, forks, chosen)]
    )


def _answered(prepared: Prepared, name: str) -> tuple[Task, Checkpoint]:
    """The task, and the checkpoint that answers it."""
    if len(prepared.compatible) != 1:
        raise UserError(f"'{name}' is not one task", "one task is compared at a time", "give its name")
    found = prepared.compatible[0]
    return found.task, found.checkpoint


def _published(
    task: Task,
    checkpoint: Checkpoint,
    options: EvaluateOptions,
    wanted: ReproduceOptions,
    known: Sequence[PublishedResult],
) -> tuple[str, list[PublishedResult]]:
    """The published name of the model and its results on the task.

    Raises:
        UserError: none is known, with the models that some are known of.
    """
    names = [wanted.published_as] if wanted.published_as else [*names_of(checkpoint, options)]
    titles = {plain(family.id): family.title for family in FAMILIES}
    for name in [*names, *(titles[plain(name)] for name in names if plain(name) in titles)]:
        if found := results_for(task.name, name, known):
            return found[0].model, found
    models = dict.fromkeys(each.model for each in known if each.task == task.name)
    why = "none is known under that name" if models else "none of any model is known"
    named = f"--published-as NAME: {suggestion(names[0], models)}; or " if models else ""
    fix = f"{named}--published FILE with results of your own"
    raise UserError(f"no published result of {names[0]} on {task.name}", why, fix)
