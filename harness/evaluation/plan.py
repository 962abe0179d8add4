"""What is run, resolved: every cell with its settings, its key and what its number says of how it was answered.

Nothing below the plan reads the user's options: they are resolved here, once, and recorded in the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

from xharness.checkpoints.compatibility import Compatible
from xharness.checkpoints.provenance import did_not_train, seen_by
from xharness.checkpoints.sentence_model import is_sentence_model
from xharness.compute.device import Device
from xharness.evaluation.answer import answerer_of
from xharness.evaluation.code import code_of
from xharness.evaluation.options import EvaluateOptions
from xharness.evaluation.prepare import Prepared
from xharness.evaluation.selection import match
from xharness.runs.identity import differences
from xharness.runs.own_tasks import REMEMBERED
from xharness.runs.record import Record
from xharness.submissions.signature import Signature
from xharness.submissions.zero_shot import PART
from xharness.tasks.base import Task
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.common.keys import content_key
from xharness.tasks.common.version import VERSION
from xharness.tasks.data import CellData, DataFolder
from xharness.tasks.diagnostics import DIAGNOSTICS
from xharness.tasks.perturbed import PART as PERTURBATION
from xharness.tasks.registry import Benchmark, benchmark


@dataclass(frozen=True)
class PlannedCell:
    """One task in one language.

    Attributes:
        settings: Of the answerer of the task's type.
        max_length: Longest input in word pieces.
        parts: Everything that can change its answers, by name.
        conditions: What its number says of how it was answered, by the names in signatures.
    """

    fitting: Compatible
    language: str
    split: str
    settings: object
    max_length: int
    parts: Mapping[str, Json]
    conditions: Mapping[str, str]

    @cached_property
    def key(self) -> str:
        """Hash of all the parts."""
        return content_key(self.parts)

    @property
    def task(self) -> Task:
        """The task."""
        return self.fitting.task

    def signature(self, data: CellData) -> str:
        """The string beside a number that names what produced it."""
        parts = {
            "task": f"{self.task.name}.{self.language}",
            "metric": self.task.metric.name,
            "split": self.split,
            "model": self.fitting.checkpoint.fingerprint[:8],
            "data": data.sha[:8],
        }
        return str(Signature.of(**parts, **self.conditions))


@dataclass(frozen=True)
class Plan(Prepared):
    """A checked evaluation on a device; what it was asked for is resolved, and recorded in ``options``.

    Attributes:
        batch_tokens: Bound on padded tokens in a batch.
        limit: The first so many examples of each cell; None for all.
        resamples: 0 leaves the intervals out.
    """

    batch_tokens: int
    limit: int | None
    resamples: int
    seed: int

    @property
    def benchmark(self) -> Benchmark:
        """What scores are averaged for."""
        return benchmark(self.options.version)

    @classmethod
    def of(cls, prepared: Prepared, device: Device) -> Plan:
        """Resolve a checked evaluation. Only then identity and keys can be told."""
        options = prepared.options.resolved(device.precision, device.batch_tokens)
        given = {field.name: getattr(prepared, field.name) for field in fields(Prepared)}
        return cls(
            **{**given, "options": options},
            batch_tokens=options.batch_tokens or device.batch_tokens,
            limit=options.limit,
            resamples=options.resamples,
            seed=options.seed,
        )

    @property
    def identity(self) -> JsonObject:
        """What makes this run the run that it is: model, and every option that can change an answer."""
        return {
            "model": {name or "model": checkpoint.fingerprint for name, checkpoint in self.checkpoints.items()},
            "options": {
                **self.options.identity(),
                **self._of_embeddings(),
                **self._of_diagnostics(),
                **({PERTURBATION: self.data.perturbed.name} if self.data.perturbed else {}),
            },
        }

    def _of_diagnostics(self) -> JsonObject:
        """How cases are drawn if not as usual, whichever tasks are evaluated: those drawn otherwise would not count."""
        return {
            part: value
            for name, usual in DIAGNOSTICS.items()
            for part, value in self.registry.tasks[name].signature.items()
            if value != usual.signature.get(part)
        }

    def _of_embeddings(self) -> JsonObject:
        """What ``auto`` stands for in a single embedding model; the members of a suite tell it in their cells' keys."""
        retrieving = [fitting for fitting in self.compatible if fitting.task.type.retrieves]
        if "" not in self.checkpoints or not is_sentence_model(self.checkpoints[""].path) or not retrieving:
            return {}
        task, checkpoint = retrieving[0].task, retrieving[0].checkpoint
        answerer = answerer_of(task)
        return answerer.cache_key_fields(answerer.settings(self.options, task, checkpoint))

    @property
    def own_tasks(self) -> JsonObject:
        """What a run remembers of the file that declares tasks of the user's own."""
        return {REMEMBERED: str(self.options.tasks_from.resolve())} if self.options.tasks_from else {}

    @property
    def tasks_option(self) -> str:
        """What a command needs to know the tasks that are evaluated; empty where they are known anyway."""
        return f" --tasks-from {self.options.tasks_from}" if self.options.tasks_from else ""

    def remarks(self) -> list[str]:
        """A line for each thing to know of settings, with the tasks that it holds for."""
        tasks: dict[str, list[str]] = {}
        for fitting in self.compatible:
            answerer = answerer_of(fitting.task)
            remark = answerer.remark(answerer.settings(self.options, fitting.task, fitting.checkpoint))
            tasks.setdefault(remark, []).append(fitting.task.name)
        said = [f"{', '.join(names)}: {remark}" for remark, names in tasks.items() if remark]
        return [*said, *([self.data.perturbed.remark] if self.data.perturbed else [])]

    def untrained(self) -> list[str]:
        """A line for each checkpoint whose training came to nothing, with the tasks that it answers."""
        tasks: dict[str, list[str]] = {}
        for fitting in self.compatible:
            if why := did_not_train(fitting.checkpoint.provenance):
                tasks.setdefault("; ".join(why), []).append(fitting.task.name)
        return [f"{', '.join(names)}: the model did not train: {why}" for why, names in tasks.items()]

    def merged(self) -> list[str]:
        """A line for each checkpoint that is an adapter and its base."""
        found: list[Any] = [checkpoint.merged_from for checkpoint in self.checkpoints.values()]
        return [
            f"the adapter {each['adapter']['path']} was merged into {each['base']['path']}" for each in found if each
        ]

    @cached_property
    def cells(self) -> Sequence[PlannedCell]:
        """All cells that are asked for, in order of tasks and languages, with their keys as things were at first."""
        return [
            self.plan(fitting, language, scored_split(self.data, fitting.task, language))
            for fitting in self.compatible
            for language in self.languages[fitting.task.name]
        ]

    def plan(self, fitting: Compatible, language: str, split: str) -> PlannedCell:
        """One cell with what its key is made of, as things are now."""
        task, answerer, options = fitting.task, answerer_of(fitting.task), self.options
        settings = answerer.settings(options, task, fitting.checkpoint)
        max_length = answerer.max_length(options, task)
        splits = dict.fromkeys(filter(None, (task.type.tuning_split, split)))
        files = [file for name in splits for file in self.data.files(task, language, name)]
        parts: dict[str, Json] = {
            "version": VERSION,
            "task": task.name,
            "language": language,
            "metric": task.metric.name,
            "code": code_of(task),
            "labels": list(fitting.labels),
            "model": fitting.checkpoint.fingerprint,
            "data": self.data.hashes.sha256(files),
            "options": {**options.cache_key_fields(), **answerer.cache_key_fields(settings)},
            "max_length": task.max_length,
            **({"ranking": asdict(task.ranking)} if task.ranking else {}),
        }
        of_type = {**task.signature, **answerer.signature_parts(settings), **self.data.conditions(task, language)}
        conditions = _conditions(options, fitting, max_length, of_type)
        return PlannedCell(fitting, language, split, settings, max_length, parts, conditions)

    def load(self, task: Task, language: str, split: str) -> CellData:
        """The examples and gold of one cell, as many as are asked for."""
        options = self.options
        return self.data.load(task, language, split, keep_csv_quotes=options.reference_quirks, limit=options.limit)

    def why_stale(self, record: Record) -> str:
        """Why a cell of an earlier call does not count: other data, weights or code than now; empty if it counts."""
        task = self.registry.tasks.get(record.task)
        if task is None:
            return "its task is not known here; --tasks-from names the file that declares it"
        fitting = match(task, self.checkpoints)
        if not isinstance(fitting, Compatible) or not self.data.holds(task, record.language, record.split):
            return ""  # its data or its checkpoint lie elsewhere: nothing to compare with
        now = self.plan(fitting, record.language, record.split)
        if now.key == record.key:
            return ""
        changed = "; ".join(differences(record.parts, now.parts)) if record.parts else "another version wrote it"
        return f"it was answered otherwise ({changed}); evaluate it again"

    def size(self, cell: PlannedCell) -> int:
        """Bytes of a cell's files: a cheap measure of its work."""
        return sum(file.stat().st_size for file in self.data.files(cell.task, cell.language, cell.split))


def scored_split(data: DataFolder, task: Task, language: str) -> str:
    """``test``, but the tuning split where only that is there: it has gold, and its number is marked as dev."""
    tuning = task.type.tuning_split
    return tuning if tuning and language not in data.languages(task, "test") else "test"


def _conditions(
    options: EvaluateOptions, fitting: Compatible, max_length: int, of_type: Mapping[str, str]
) -> dict[str, str]:
    """Resolved options, as far as a number tells them."""
    conditions = {"precision": options.precision, "length": str(max_length), **of_type}
    conditions |= PART if seen_by(fitting.checkpoint.provenance) else {}
    if fitting.checkpoint.labels_given and fitting.labels:
        conditions["labels"] = "/".join(map(str, fitting.labels))
    conditions |= {"quirks": "reference"} if options.reference_quirks else {}
    conditions |= {"limit": str(options.limit)} if options.limit else {}
    return conditions
