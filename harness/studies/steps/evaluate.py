"""Steps that evaluate a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xharness.evaluation.options import EvaluateOptions
from xharness.evaluation.reporter import Reporter
from xharness.studies.graph import Step
from xharness.studies.steps.train import MODEL, PlannedCheckpoint
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.files import FileHashes, hash_file
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.keys import content_key
from xharness.tasks.data import DataFolder
from xharness.tasks.registry import Registry, open_registry

KIND, DATA, VERSION, MEAN = "evaluate", "data", 1, "mean"


@dataclass(frozen=True, kw_only=True)
class EvaluationRequest:
    """What is evaluated of every checkpoint of a target.

    Attributes:
        tasks: Names.
        languages: Empty is all that the data hold.
        pooling: The mean, so that checkpoints of a study are compared whatever they were made from; or as a dual
            encoder was trained.
    """

    tasks: tuple[str, ...]
    data: Path
    languages: tuple[str, ...] = ()
    limit: int | None = None
    layer: str = "reference"
    device: str = "auto"
    precision: str = "auto"
    tasks_from: Path | None = None
    pooling: str = MEAN

    def record(self) -> dict[str, Json]:
        """What of it changes answers, as JSON."""
        return {
            "tasks": sorted(self.tasks),
            "languages": sorted(self.languages),
            "limit": self.limit,
            "layer": self.layer,
            "precision": self.precision,
            **({"pooling": self.pooling} if self.pooling != MEAN else {}),
        }


def plan(
    request: EvaluationRequest,
    model: PlannedCheckpoint,
    start: Path,
    data_key: str,
    title: str,
    data_step: Step | None = None,
) -> Step:
    """The step that evaluates a checkpoint.

    Args:
        start: The checkpoint that the study starts from, where no step makes the model.
        data_key: Of the evaluated data: :func:`data_key`, or the key of the step that makes them.
    """
    content = {"version": VERSION, "model": model.key, "member": model.member, "data": data_key, **request.record()}
    if request.tasks_from:
        content["code"] = hash_file(request.tasks_from)  # a changed reader or metric is another evaluation
    work = {
        **request.record(),
        "tasks": ",".join(request.tasks),
        "languages": ",".join(request.languages) or None,
        "data": str(request.data.resolve()),
        "device": request.device,
        "tasks_from": str(request.tasks_from.resolve()) if request.tasks_from else None,
        "start": str(start.resolve()),
        "member": model.member,
        "data_key": None if data_step else data_key,
    }
    parents = {**model.parents, **({DATA: data_step.id} if data_step else {})}
    return Step(KIND, content_key(content), title, parents, work)


def run(step: Step, inputs: Mapping[str, Path], out: Path, reporter: Reporter) -> None:
    """Evaluate, or continue.

    Raises:
        UserError: anything that the user can fix; among it data that are not those that were planned with.
    """
    from xharness.evaluation.evaluate import evaluate

    work: Any = step.work
    check_data(step, Path(work["data"]))
    model = inputs[MODEL] / work["member"] if MODEL in inputs else Path(work["start"])
    options = EvaluateOptions(
        model=model,
        data=inputs.get(DATA, Path(work["data"])),
        out=out,
        overwrite=True,  # what a killed call left of other weights or batches is answered again
        tasks=work["tasks"],
        langs=work["languages"],
        limit=work["limit"],
        layer=work["layer"],
        pooling=work.get("pooling", MEAN),
        prompt="none",
        device=work["device"],
        precision=work["precision"],
        tasks_from=Path(work["tasks_from"]) if work["tasks_from"] else None,
    )
    evaluate(options, reporter)


def check_answers(request: EvaluationRequest, model: PlannedCheckpoint, registry: Registry, place: str) -> None:
    """Refuse a target whose checkpoint cannot answer what it is evaluated on.

    Raises:
        UserError: naming the task.
    """
    for name in request.tasks:
        if name not in registry.tasks:
            why = "a target evaluates tasks that can be scored"
            raise UserError(f"{place} evaluates an unknown task '{name}'", why, suggestion(name, registry.tasks))
        task = registry.task(name)
        if task.type.retrieves:
            continue
        trained = [registry.trainable(each) for each in model.tasks]
        if not any(_fits(each, task) for each in trained):
            what, wanted = " + ".join(model.tasks) or "nothing", registry.trainable(name).name
            why = f"{name} is answered by a model of {wanted}, and its last phase trains on {what}"
            raise UserError(f"{place} cannot be answered: {name}", why, f"add phase = {{tasks = ['{wanted}']}}")


def _fits(trained: Task, answered: Task) -> bool:
    """Whether the head that one task trains has what another one asks."""
    if trained.type != answered.type:
        return False
    labels = {answered.label_aliases.get(label, label) for label in trained.labels}
    return not answered.labels or set(answered.labels) <= labels


def data_key(tasks: Sequence[Task], languages: Sequence[str], folder: Path, hashes: FileHashes) -> str:
    """Hash of everything that an evaluation may read.

    Raises:
        UserError: no data of a task in any of the languages.
    """
    data = DataFolder.open(folder, names=[task.name for task in tasks])
    found = {task.name: _files(task, languages, data) for task in tasks}
    for name, files in found.items():
        if not files:
            which = f" in {', '.join(languages)}" if languages else ""
            raise UserError(f"no data of {name}{which} in {folder}", "it is evaluated", "see: xharness data check")
    return content_key({name: hashes.sha256(files) for name, files in found.items()})


def check_data(step: Step, folder: Path) -> None:
    """Refuse data that changed since a step was planned: its result would count as one on those.

    Raises:
        UserError: they did.
    """
    work: Any = step.work
    if not work["data_key"]:
        return
    registry = open_registry(Path(work["tasks_from"]) if work["tasks_from"] else None)
    tasks = [registry.task(name) for name in work["tasks"].split(",")]
    languages = work["languages"].split(",") if work["languages"] else ()
    if data_key(tasks, languages, folder, FileHashes()) != work["data_key"]:
        why = f"data in {folder} changed since the study was planned"
        raise UserError(f"{step.title} is not what was planned", why, "run the study again: it plans anew")


def _files(task: Task, languages: Sequence[str], data: DataFolder) -> list[Path]:
    """Files of a task that an evaluation reads, gold included."""
    files: dict[Path, None] = {}
    for split in filter(None, (task.type.tuning_split, "test")):
        for language in data.languages(task, split):
            if languages and language not in languages:
                continue
            assert task.reader is not None  # it found the language
            labels = data.labels_file(task, language, split)
            own = task.reader.find(data.download / task.name, language, split)
            files |= dict.fromkeys([*own, *([labels] if labels else [])])
    return list(files)
