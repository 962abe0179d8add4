"""What a chain will evaluate, and what of it can be refused before its first phase is trained."""

from __future__ import annotations

from pathlib import Path

from xharness.checkpoints.checkpoint import Checkpoint, find
from xharness.checkpoints.provenance import chain as read_phases
from xharness.compute.inputs import inputs_of
from xharness.evaluation.options import EvaluateOptions
from xharness.predict.layers import AS_TRAINED, main_block
from xharness.studies.chain_options import ChainOptions
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import sha256
from xharness.tasks.common.keys import content_key
from xharness.tasks.data import DataFolder
from xharness.tasks.intermediate import mlm
from xharness.tasks.intermediate.data import find_files
from xharness.tasks.readers.text import text_files
from xharness.tasks.recipe import Recipe
from xharness.tasks.registry import XTREME
from xharness.train.recipes import check_tables
from xharness.train.recipes import resolve as resolve_recipe

RETRIEVAL_FOLDER = "encoder"


def check_chain(options: ChainOptions) -> Checkpoint:
    """Refuse now what a later phase or the evaluation would refuse. Reads no example and loads no weights.

    Returns:
        The checkpoint that the chain starts from.

    Raises:
        UserError: the first thing that is wrong.
    """
    evaluation_options(options).check()
    found = find(options.train.model, allow_pickle=options.train.allow_pickle)
    if "" not in found:
        why, fix = "a chain starts from one checkpoint", f"give one: {', '.join(sorted(found))}"
        raise UserError(f"{options.train.model} is a suite", why, fix)
    start = found[""]
    read_phases(start.path)  # its provenance is whole
    retrieval_block(options, start)
    registry = options.registry
    first = [options.of_intermediate] if options.train.tasks else []
    for phase in (*first, *options.before_targets.values(), *options.of_targets.values()):
        phase.check()
        tasks = [registry.known[name] for name in phase.tasks]
        check_tables(phase.overrides, tasks, registry)
        for task in tasks:
            recipe = resolve_recipe(
                task,
                blocks=start.blocks,
                recipe=phase.recipe,
                overrides=phase.overrides,
                sets=phase.changes,
                registry=registry,
            )
            _check_pooler(start, recipe)
        for name in phase.tasks:
            _check_data(registry.trainable(name), phase.data)
    return start


def _check_pooler(start: Checkpoint, recipe: Recipe) -> None:
    """Refuse a dual encoder of the output of a pooler where there is none."""
    if recipe.negatives is None or recipe.pooling not in (None, "pooler"):
        return
    from xharness.train.dual_encoder import no_pooler

    if not inputs_of(start).pooler:
        raise no_pooler(start.model_type)


def _check_data(task: Task, data: Path) -> None:
    """Refuse a folder without training data of a task."""
    if task is mlm.TASK:
        text_files(data)
        return
    find_files(task, data, "train")


def evaluation_options(options: ChainOptions) -> EvaluateOptions:
    """How the chain is evaluated; of which suite and into which folder is decided later."""
    train = options.train
    return EvaluateOptions(
        model=train.model,
        data=options.evaluation,
        out=train.out,
        version=options.version,
        tasks=_with_further(options),
        tasks_from=train.tasks_from,
        layer=options.layer,
        pooling=AS_TRAINED,  # a chain's encoders are compared with each other, whatever they were made from
        prompt="none",
        device=train.device,
        precision=train.precision,
    )


def _with_further(options: ChainOptions) -> str | None:
    """What is evaluated beside the benchmark: the tasks that have data and a model; None where it is all."""
    if not options.further:
        return None
    there = {task.name: task for task, _, _ in _cells(options)}
    models = {RETRIEVAL_FOLDER, *options.targets}
    answered = [
        name for name, task in there.items() if task.type.retrieves or models & {*(task.suite_folders or (name,))}
    ]
    return ",".join(answered) or None


def retrieval_block(options: ChainOptions, start: Checkpoint) -> int | None:
    """The block that retrieval reads; None where there are no data of retrieval.

    Raises:
        UserError: no data at all, or no such block.
    """
    retrieves = any(task.type.retrieves for task, _, _ in _cells(options))
    return main_block(options.layer, start.blocks) if retrieves else None


def _cells(options: ChainOptions) -> list[tuple[Task, str, str]]:
    """Task, split and language of everything that the evaluation may read."""
    data = DataFolder.open(options.evaluation, names=options.registry.tasks)
    return [
        (task, split, language)
        for task in options.evaluated
        for split in filter(None, (task.type.tuning_split, "test"))
        for language in data.languages(task, split)
    ]


def evaluated_content(options: ChainOptions) -> str:
    """Hash of everything that the evaluation may read, wherever it lies, and of a benchmark that is not XTREME."""
    data = DataFolder.open(options.evaluation, names=options.registry.tasks)
    files: dict[Path, None] = {}
    for task, split, language in _cells(options):
        assert task.reader is not None  # it found them
        labels = data.labels_file(task, language, split)
        found = task.reader.find(data.download / task.name, language, split)
        files |= dict.fromkeys([*found, *([labels] if labels else [])])
    content = sha256(files)
    return content if options.benchmark is XTREME else content_key({"benchmark": options.version, "files": content})
