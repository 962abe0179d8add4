"""The whole chain: pretrained → intermediate task(s) → every target → evaluation → submission.

    out/phases/<tasks>-<hash>/      one checkpoint a phase, named by everything that it depends on
    out/suites/<chain>-<hash>/      links to the checkpoints that answer the tasks
    out/runs/<chain>-<hash>/        the evaluation, named by the phases that it evaluates and the data it reads
    out/chains/<chain>-<hash>.json  what it can be compared by

A phase is named by the hash of its identity, which holds the fingerprint of its parent. Changing the third phase
therefore never touches the first two, and one intermediate checkpoint serves all targets.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xharness.checkpoints.checkpoint import Checkpoint, find
from xharness.checkpoints.offline import offline
from xharness.checkpoints.provenance import PRETRAINED, chain, read, tasks_of
from xharness.compute import device
from xharness.evaluation.evaluate import Reporter, Result, evaluate
from xharness.evaluation.options import EvaluateOptions
from xharness.predict.layers import main_block
from xharness.studies.chain_table import DESCRIPTIONS
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.files import render_json, sha256, sweep_partial, write_atomic
from xharness.tasks.common.keys import content_key
from xharness.tasks.common.outputs import check_folder
from xharness.tasks.common.sealed import seal
from xharness.tasks.data import DataFolder
from xharness.tasks.intermediate import mlm
from xharness.tasks.intermediate.data import find_folder
from xharness.tasks.readers.text import text_files
from xharness.tasks.registry import Registry
from xharness.train.finetune import finetune
from xharness.train.mixture import MixtureOptions
from xharness.train.options import FinetuneOptions
from xharness.train.parallel import ProcessGroup, join
from xharness.train.phase import prepare
from xharness.train.recipes import REFERENCE, check_tables
from xharness.train.recipes import resolve as resolve_recipe

TARGETS = ("xnli", "pawsx", "udpos", "panx", "xquad", "tydiqa")
RETRIEVAL_FOLDER = "encoder"
NO_INTERMEDIATE = "none"
THEN = "-then-"  # between the phases in the name of a chain
SPELLED_OUT = 3  # tasks of a mixture in a name; folders and tables have no room for more


@dataclass(frozen=True)
class ChainOptions:
    """A chain: how to train, in ``train``, and what to evaluate on.

    Attributes:
        train: Model, data, recipe and device of every phase; its ``tasks`` are the intermediate ones, empty for none.
        targets: Tasks of the last phase.
        evaluation: Folder with XTREME's data; training data may lie elsewhere.
        layer: Block for retrieval, on the checkpoint before the targets, as Phang et al. 2020 do.
    """

    train: FinetuneOptions
    targets: Sequence[str] = TARGETS
    evaluation: Path = Path("data")
    layer: str = "reference"

    @property
    def of_targets(self) -> dict[str, FinetuneOptions]:
        """The phase of each target: without what is said about the mixture of intermediate tasks."""
        alone = replace(
            self.train,
            mixture=MixtureOptions(grouped=self.train.mixture.grouped),
            task_weights={},
            translations={},
            mlm_ratio=None,
            mlm_alpha=None,
            mlm_langs=None,
        )
        return {target: replace(alone, tasks=(target,)) for target in self.targets}

    @property
    def before_targets(self) -> dict[str, FinetuneOptions]:
        """By target: the phase that the reference trains before it (Social IQa, before XCOPA's COPA)."""
        if self.train.recipe != REFERENCE:
            return {}
        registry = self.registry
        recipes = {target: registry.task(target).recipe for target in self.targets}
        firsts = {target: recipe.after for target, recipe in recipes.items() if recipe and recipe.after}
        return {target: replace(self.of_targets[target], tasks=(first,)) for target, first in firsts.items()}

    @property
    def registry(self) -> Registry:
        """The tasks that are known."""
        return self.train.registry

    @property
    def further(self) -> list[Task]:
        """Targets that are neither XTREME's nor the user's own, such as XCOPA: evaluated where they are named."""
        registry = self.registry
        common = {task.name for task in registry.select(None)}
        return [registry.task(target) for target in self.targets if target not in common]

    @property
    def evaluated(self) -> list[Task]:
        """XTREME's tasks and every added one, and the further targets."""
        return [*self.registry.select(None), *self.further]

    def check(self) -> None:
        """Refuse wrong names before anything is read. Imports no torch.

        Raises:
            UserError: an unknown task, a target named twice, or one without a model of its own.
        """
        device.check_names(self.train.device, self.train.precision)
        self.train.check_trackers()
        registry = self.registry
        for name in self.train.tasks:
            registry.trainable(name)
        check_folder(self.train.out)
        for name in self.targets:
            _check_target(name, registry)
            if list(self.targets).count(name) > 1:
                raise UserError(f"target '{name}' is named twice", "every target is trained once", "name it once")


def _check_target(name: str, registry: Registry) -> None:
    """Refuse a name that is not a target, or one that another target's model answers."""
    first: dict[str, str] = {}
    for task in (task for task in registry.tasks.values() if task.recipe is not None):
        first.setdefault(registry.trainable(task.name).name, task.name)
    if name in first.values():
        return
    if name in registry.tasks and registry.tasks[name].recipe is not None:
        trained = registry.trainable(name)
        other = registry.task(first[trained.name])
        why = f"{name} is answered by the model of {other.name}: both train on {trained.title}"
        raise UserError(f"{name} is not a target of its own", why, f"name {other.name}")
    why = "targets are tasks that are scored, and that have a recipe"
    raise UserError(f"unknown target '{name}'", why, suggestion(name, first.values()))


@offline()
def run_chain(options: ChainOptions, reporter: Reporter) -> Result | None:
    """Train what is not trained yet, evaluate what is not evaluated yet.

    Processes that were launched together share the training of every phase; the main one evaluates.

    Returns:
        The evaluation; None in the other processes.

    Raises:
        UserError: anything that the user can fix; the same command continues.
    """
    options.check()
    out = options.train.out
    processes, device = join(options.train.device)
    reporter = reporter if processes.main else Reporter()
    start = processes.together(lambda: check_chain(options))
    processes.by_main(lambda: _sweep(out))
    name = _name(start, options.train.tasks)
    encoder = start.path
    if options.train.tasks:
        encoder = train_phase(replace(options.train, device=device), out, reporter, processes)
    links = {RETRIEVAL_FOLDER: encoder}
    for target, phase in options.of_targets.items():
        parent = encoder
        if (before := options.before_targets.get(target)) and _last(encoder) != list(before.tasks):
            parent = train_phase(replace(before, model=encoder, device=device), out, reporter, processes)
        links[target] = train_phase(replace(phase, model=parent, device=device), out, reporter, processes)
    if not processes.main:
        return None
    # A changed phase or other data are another chain: its run stands beside the old one, never in its place.
    fingerprints = {member: find(folder)[""].fingerprint for member, folder in links.items()}
    description = _describe(options, start, links)
    content = {"phases": fingerprints, "layer": options.layer, "data": description["comparable"]["evaluation data"]}
    name = f"{name}-{content_key(content)[:8]}"
    suite = _link(out / "suites" / name, links)
    write_atomic(out / DESCRIPTIONS / f"{name}.json", render_json(seal(description)))
    return evaluate(replace(_evaluation(options), model=suite, out=out / "runs" / name, device=device), reporter)


def _sweep(out: Path) -> None:
    """Remove what killed processes have left of the chain's own files; phases and runs see to theirs."""
    for folder in (out, out / DESCRIPTIONS):
        sweep_partial(folder)


def check_chain(options: ChainOptions) -> Checkpoint:
    """Refuse now what a later phase or the evaluation would refuse. Reads no example and loads no weights.

    Returns:
        The checkpoint that the chain starts from.

    Raises:
        UserError: the first thing that is wrong.
    """
    _evaluation(options).check()
    found = find(options.train.model, allow_pickle=options.train.allow_pickle)
    if "" not in found:
        why, fix = "a chain starts from one checkpoint", f"give one: {', '.join(sorted(found))}"
        raise UserError(f"{options.train.model} is a suite", why, fix)
    start = found[""]
    _name(start, options.train.tasks)  # reads its provenance
    _block(options, start)
    registry = options.registry
    first = [options.train] if options.train.tasks else []
    for phase in (*first, *options.before_targets.values(), *options.of_targets.values()):
        phase.check()
        tasks = [registry.known[name] for name in phase.tasks]
        check_tables(phase.overrides, tasks, registry)
        for task in tasks:
            resolve_recipe(
                task,
                blocks=start.blocks,
                recipe=phase.recipe,
                overrides=phase.overrides,
                sets=phase.changes,
                registry=registry,
            )
        for name in phase.tasks:
            _check_data(registry.trainable(name), phase.data)
    return start


def _check_data(task: Task, data: Path) -> None:
    """Refuse a folder without training data of a task."""
    if task is mlm.TASK:
        text_files(data)
        return
    folder = find_folder(data, task)
    if task.reader is None or not task.reader.find(folder, "en", "train"):
        why, fix = "there are only files of other splits", "add its file, named as published"
        raise UserError(f"no train data of {task.name} in {folder}", why, fix)


def _evaluation(options: ChainOptions) -> EvaluateOptions:
    """How the chain is evaluated; of which suite and into which folder is decided later."""
    train = options.train
    return EvaluateOptions(
        model=train.model,
        data=options.evaluation,
        out=train.out,
        tasks=_with_further(options),
        tasks_from=train.tasks_from,
        layer=options.layer,
        pooling="mean",  # a chain's encoders are compared with each other, whatever they were made from
        prompt="none",
        device=train.device,
        precision=train.precision,
    )


def _with_further(options: ChainOptions) -> str | None:
    """What is evaluated where XTREME is not all: the tasks that have data and a model; None where it is all."""
    if not options.further:
        return None
    there = {task.name: task for task, _, _ in _cells(options)}
    models = {RETRIEVAL_FOLDER, *options.targets}
    answered = [
        name for name, task in there.items() if task.type.retrieves or models & {*(task.suite_folders or (name,))}
    ]
    return ",".join(answered) or None


def _block(options: ChainOptions, start: Checkpoint) -> int | None:
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


def _content(options: ChainOptions) -> str:
    """Hash of everything that the evaluation may read, wherever it lies."""
    data = DataFolder.open(options.evaluation, names=options.registry.tasks)
    files: dict[Path, None] = {}
    for task, split, language in _cells(options):
        assert task.reader is not None  # it found them
        labels = data.labels_file(task, language, split)
        found = task.reader.find(data.download / task.name, language, split)
        files |= dict.fromkeys([*found, *([labels] if labels else [])])
    return sha256(files)


def _name(start: Checkpoint, intermediate: Sequence[str]) -> str:
    """Name of a chain: the phases before its targets, those that made its start included."""
    phases = [phase.split("+") for phase in chain(start.path) if phase != PRETRAINED]
    return THEN.join(map(_short, [*phases, *([intermediate] if intermediate else [])])) or NO_INTERMEDIATE


def _short(tasks: Sequence[str]) -> str:
    """A phase in a name: ``mnli+squad_v1``, or ``anli_plus+8more`` where there are many."""
    return "+".join(tasks) if len(tasks) <= SPELLED_OUT else f"{tasks[0]}+{len(tasks) - 1}more"


def _describe(options: ChainOptions, start: Checkpoint, links: Mapping[str, Path]) -> dict[str, Any]:
    """What :mod:`xharness.studies.chain_table` reads.

    Returns:
        ``lineage``: fingerprints from the first ancestor to the encoder; ``comparable``: what must be the same.
    """
    lineage = [find(links[RETRIEVAL_FOLDER])[""].fingerprint]
    record = read(links[RETRIEVAL_FOLDER])
    while record and record["parents"]:
        parent = record["parents"][0]
        lineage, record = [parent.get("fingerprint", ""), *lineage], parent["provenance"]
    identities = {target: (read(links[target]) or {})["identity"] for target in options.targets}
    for target, before in options.before_targets.items():
        (parent,) = (read(links[target]) or {})["parents"]
        identities["+".join(before.tasks)] = parent["provenance"]["identity"]
    data = ("data", "dev")
    return {
        "lineage": lineage,
        "comparable": {
            "start": lineage[0],
            "targets": sorted(identities),
            "recipe": {t: {k: v for k, v in i.items() if k not in (*data, "parent")} for t, i in identities.items()},
            "training data": {t: {k: i[k] for k in data} for t, i in identities.items()},
            "layer": _block(options, start),
            "evaluation data": _content(options),
        },
    }


def train_phase(options: FinetuneOptions, out: Path, reporter: Reporter, processes: ProcessGroup) -> Path:
    """One phase in the folder that its identity names."""
    phase = processes.together(lambda: prepare(options))
    folder = out / "phases" / f"{'+'.join(phase.members)}-{content_key(phase.identity)[:12]}"
    words = f"{phase.parent.name} → {' + '.join(phase.members)}"

    def progress(what: str, fraction: float) -> None:
        reporter.progress(f"{words}: {what}", fraction)

    done = finetune(replace(options, out=folder), Reporter(progress, reporter.note), phase=phase)
    return done if len(phase.members) == 1 else done / next(iter(phase.members))  # a mixture's heads share one encoder


def _last(folder: Path) -> list[str]:
    """What the last phase of a checkpoint trained on; nothing if xharness trained none."""
    record = read(folder)
    return tasks_of(record) if record else []


def _link(suite: Path, members: dict[str, Path]) -> Path:
    """A folder of links to checkpoints, named after what they answer."""
    suite.mkdir(parents=True, exist_ok=True)
    for name, target in members.items():
        link = suite / name
        if link.is_symlink() or link.exists():
            if not link.is_symlink():
                raise UserError(f"{link} is no link", "the suite of a chain is made of links", "choose another --out")
            link.unlink()
        link.symlink_to(os.path.relpath(target.resolve(), suite.resolve()), target_is_directory=True)
    return suite
