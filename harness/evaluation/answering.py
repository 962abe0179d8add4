"""Chunks through their models, one in memory at a time; each cell's files are written when it is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.compute.device import Device
from xharness.compute.loading import encoder_class, load, load_tokenizer, without_model
from xharness.evaluation.answer import answerer_of
from xharness.evaluation.answer.base import AnswerRequest, CellAnswers
from xharness.evaluation.manifest import EvaluationPhase
from xharness.evaluation.plan import Plan, PlannedCell
from xharness.evaluation.reading import ChunkData
from xharness.evaluation.reporter import Reporter
from xharness.predict.journal import Journal
from xharness.runs.record import Record
from xharness.submissions.measuring import measure
from xharness.tasks.base import Items
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.keys import content_key
from xharness.tasks.data import CellData

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

    from xharness.compute.loading import Loaded


def answer(plan: Plan, found: Sequence[ChunkData], models: Models, reporter: Reporter) -> list[EvaluationPhase]:
    """Answer and save all chunks.

    Returns:
        What each took.
    """
    phases = []
    done, total = 0, max(1, sum(data.chunk.size for data in found))
    for data in found:

        def progress(fraction: float, data: ChunkData = data, done: int = done) -> None:
            reporter.progress(str(data.chunk), (done + fraction * data.chunk.size) / total)

        task, checkpoint = data.chunk.fitting.task, data.chunk.fitting.checkpoint
        loaded = models.load(checkpoint, answerer_of(task).head, done / total)
        request = _request(plan, data, loaded, progress, reporter.note)
        answers, spent = answerer_of(task).answer(request)
        for cell, read, answered in zip(data.chunk.cells, data.cells, answers, strict=True):
            _save(plan, cell, read, answered)
        plan.folder.forget_unfinished()
        phases.append(EvaluationPhase(task.name, [cell.language for cell in data.chunk.cells], spent))
        done += data.chunk.size
        del loaded, request  # or this model stays in memory while the next one is loaded
    reporter.progress("scoring", 1.0)
    return phases


class Models:
    """The model that is in memory, and the tokenizer: never more than one of each."""

    def __init__(self, device: Device, reporter: Reporter) -> None:
        self._device, self._reporter = device, reporter
        self._loaded: tuple[Checkpoint, Head, Loaded] | None = None
        self._tokenizer: tuple[Checkpoint, PreTrainedTokenizerFast, list[str]] | None = None

    def encoder(self, checkpoint: Checkpoint) -> Loaded:
        """Everything about a checkpoint's encoder but its weights."""
        return without_model(checkpoint, self._read(checkpoint), encoder_class(checkpoint), self._device)

    def _read(self, checkpoint: Checkpoint) -> PreTrainedTokenizerFast:
        """A checkpoint's tokenizer with all its inputs, of which every class of model takes its own."""
        if self._tokenizer is None or self._tokenizer[0] != checkpoint:
            self._tokenizer = None
            read = load_tokenizer(checkpoint)
            self._tokenizer = (checkpoint, read, list(read.model_input_names))
        _, tokenizer, names = self._tokenizer
        tokenizer.model_input_names = list(names)
        return tokenizer

    def load(self, checkpoint: Checkpoint, head: Head, fraction: float) -> Loaded:
        """A checkpoint with a head; the one that is there already, or one in its place."""
        if self._loaded is None or self._loaded[:2] != (checkpoint, head):
            self._reporter.progress(f"loading: {checkpoint.name}", fraction)
            self._loaded = None  # let go of the old model before the new one comes
            self._loaded = (checkpoint, head, load(checkpoint, head, self._device, self._read(checkpoint)))
        return self._loaded[2]


def _request(
    plan: Plan, data: ChunkData, loaded: Loaded, progress: Callable[[float], None], note: Callable[[str], None]
) -> AnswerRequest[object]:
    """What an answerer is asked."""
    fitting, first = data.chunk.fitting, data.chunk.cells[0]
    return AnswerRequest(
        task=fitting.task,
        labels=fitting.labels,
        loaded=loaded,
        cells=data.cells,
        tuning=data.tuning,
        settings=first.settings,
        max_length=first.max_length,
        batch_tokens=plan.batch_tokens,
        progress=progress,
        note=note,
        folder=plan.folder.path,
        journal=Journal(plan.folder.unfinished, content_key({"cells": [cell.key for cell in data.chunk.cells]})),
    )


def _save(plan: Plan, cell: PlannedCell, data: CellData, answered: CellAnswers) -> None:
    """Write predictions, statistics and record of one cell."""
    task = cell.task
    main, reason, failed = _measured(cell, data, answered)
    items = {} if main is None else {"main": main}
    items |= {name: measured for name, (_, measured) in answered.variants.items()}
    items |= answered.details
    record = Record(
        task=task.name,
        language=cell.language,
        split=cell.split,
        key=cell.key,
        n=len(main.ids) if main else task.type.size(data.examples),
        signature=cell.signature(data),
        prediction=task.file_name(cell.language, cell.split) if answered.answers is not None else "",
        reason=reason,
        extra=answered.extra,
        variants={name: metric.name for name, (metric, _) in answered.variants.items()},
        parts=cell.parts,
        failed=failed,
    )
    rendered = task.type.render(answered.answers) if answered.answers is not None else None
    plan.folder.save(record, rendered, items)


def _measured(cell: PlannedCell, data: CellData, answered: CellAnswers) -> tuple[Items | None, str, bool]:
    """Statistics of a cell; else why there are none, and whether that is the metric's failure."""
    if answered.answers is None:
        return None, answered.reason, False
    if data.gold is None:
        missing = f"labels/{cell.task.name}/{cell.task.file_name(cell.language, cell.split)}"
        return None, f"no gold: there is no {missing}", False
    try:
        return measure(cell.task, data.gold, answered.answers, cell.language), answered.reason, False
    except UserError as error:
        return None, error.why, True
