"""One evaluation: prepare, answer what is not done yet, score what has gold, and write it all down.

The cells of a task go through the model in chunks of several languages. Which cells share a chunk depends only on the
cells that were asked for, never on what is done already: a chunk that was interrupted is computed again as a whole, so
that batches, and with them the last bits of every number, are those of an undisturbed run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xharness.checkpoints.checkpoint import check_architecture
from xharness.checkpoints.compatibility import Compatible
from xharness.checkpoints.offline import offline
from xharness.checkpoints.provenance import doubt
from xharness.compute.device import Device, resolve
from xharness.evaluation.answer import answerer_of
from xharness.evaluation.answer.base import AnswerRequest, CellAnswers
from xharness.evaluation.manifest import Phase, describe
from xharness.evaluation.options import EvaluateOptions
from xharness.evaluation.plan import PlannedCell, Prepared, prepare
from xharness.evaluation.scoring import cell_signature, score_run
from xharness.predict.room import Remedies
from xharness.retrieve.sweeps import plots
from xharness.runs.folder import Record
from xharness.submissions.measuring import FIX, measure
from xharness.tables.html import scores_table
from xharness.tasks.base import Items, Task
from xharness.tasks.common.errors import BadFiles, UserError
from xharness.tasks.common.files import write_atomic
from xharness.tasks.data import CellData, changed_meanwhile
from xharness.tasks.readers.lines import left_out

SHOWN_FAILURES = 3
CHUNK_BYTES = 2_000_000  # text that goes through the model together: enough to fill batches, little enough to lose


@dataclass(frozen=True)
class Reporter:
    """Where progress goes; the command line draws bars, Python code may pass nothing.

    Attributes:
        progress: Told what is being done and the fraction of the whole run that is done.
        note: Told facts worth a line.
    """

    progress: Callable[[str, float], None] = lambda _what, _fraction: None
    note: Callable[[str], None] = lambda _text: None


@dataclass(frozen=True)
class Result:
    """A finished evaluation.

    Attributes:
        prepared: What was asked for, checked.
        scores: The content of ``scores.json``.
        manifest: The content of ``manifest.json``.
        computed: Number of cells that were answered now; the others were done before.
    """

    prepared: Prepared = field(repr=False)
    scores: Mapping[str, Any] = field(repr=False)
    manifest: Mapping[str, Any] = field(repr=False)
    computed: int

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        return scores_table(self.scores)


@dataclass(frozen=True)
class Chunk:
    """Cells of one task that go through the model together, and their share of the work."""

    cells: Sequence[PlannedCell]
    size: int

    @property
    def fitting(self) -> Compatible:
        """Task and checkpoint of the chunk."""
        return self.cells[0].fitting

    def __str__(self) -> str:
        return f"{self.fitting.task.name} {' '.join(cell.language for cell in self.cells)}"


@offline()
def evaluate(options: EvaluateOptions, reporter: Reporter | None = None) -> Result:
    """Evaluate a checkpoint, or continue an interrupted evaluation of it.

    Raises:
        UserError: anything that the user can fix; nothing that was done before is lost. Where the metric of a cell
            failed, the others are finished and written first.
    """
    return carry_out(prepare(options), reporter)


@offline()
def carry_out(prepared: Prepared, reporter: Reporter | None = None) -> Result:
    """The same for an evaluation that is checked already."""
    reporter, options = reporter or Reporter(), prepared.options
    started = time.time()
    device = resolve(options.device, options.precision)
    prepared = prepared.resolved(device)
    folder = prepared.folder
    folder.check(prepared.identity, overwrite=options.overwrite)
    with folder.locked():
        folder.open(prepared.identity, overwrite=options.overwrite)
        for said in filter(None, map(doubt, prepared.checkpoints.values())):
            reporter.note(f"note: {said}")
        chunks = [chunk for chunk in _chunks(prepared) if not all(_done(prepared, c) for c in chunk.cells)]
        phases = _answer(prepared, chunks, device, reporter) if chunks else []
        scores = score_run(prepared)
        written = folder.write_scores(scores)
        for name, picture in plots(scores).items():
            write_atomic(folder.path / name, picture)
        manifest = describe(prepared, device, phases, started, written)
        folder.write_manifest(manifest)
        _refuse_failures(prepared)
    return Result(prepared, scores, manifest, sum(len(chunk.cells) for chunk in chunks))


def _refuse_failures(prepared: Prepared) -> None:
    """Raise UserError for the cells that were asked for and whose metric failed, when all else is written."""
    records = (prepared.folder.record(cell.task.name, cell.language, cell.split) for cell in prepared.cells())
    failed = [record for record in records if record is not None and record.failed]
    if not failed:
        return
    names = ", ".join(f"{record.task} {record.language}" for record in failed[:SHOWN_FAILURES])
    more = f" and {len(failed) - SHOWN_FAILURES} more" if len(failed) > SHOWN_FAILURES else ""
    raise UserError(f"no score for {names}{more}", failed[0].reason, f"{FIX}; the rest is in {prepared.folder.path}")


def _chunks(prepared: Prepared) -> Iterator[Chunk]:
    """All cells that were asked for, in chunks of one task and about CHUNK_BYTES."""
    cells: list[PlannedCell] = []
    size = 0
    for cell in prepared.cells():
        if cells and (cell.task is not cells[0].task or size >= CHUNK_BYTES):
            yield Chunk(cells, size)
            cells, size = [], 0
        cells = [*cells, cell]
        size += prepared.size(cell)
    if cells:
        yield Chunk(cells, size)


def _done(prepared: Prepared, cell: PlannedCell) -> bool:
    """True if the cell's files are whole and its key is the one asked for."""
    record = prepared.folder.record(cell.task.name, cell.language, cell.split)
    return record is not None and record.key == cell.key


def _answer(prepared: Prepared, chunks: Sequence[Chunk], device: Device, reporter: Reporter) -> list[Phase]:
    """Answer and save the chunks, one model in memory at a time."""
    data = [[_load(prepared, cell.task, cell.language, cell.split) for cell in chunk.cells] for chunk in chunks]
    tuned = [_tuning(prepared, chunk, cells) for chunk, cells in zip(chunks, data, strict=True)]
    _refuse_problems([cell for cells in data for cell in cells] + [cell for cells in tuned for cell in cells.values()])
    _refuse_changed(prepared, [cell for chunk in chunks for cell in chunk.cells])
    for read in (cell for cells in data for cell in cells):
        for note in left_out(read.rows):
            reporter.note(f"{read.task.name} {read.language}: {note}")
    for chunk in chunks:
        check_architecture(chunk.fitting.checkpoint)
    _check_room(prepared, chunks, data, device)
    from xharness.compute.loading import Loaded, load

    phases, done, total = [], 0, max(1, sum(chunk.size for chunk in chunks))
    loaded: tuple[Any, Loaded] | None = None
    for chunk, cells, tuning in zip(chunks, data, tuned, strict=True):
        task, checkpoint = chunk.fitting.task, chunk.fitting.checkpoint
        wanted = (checkpoint, answerer_of(task).head)
        if loaded is None or loaded[0] != wanted:
            reporter.progress(f"loading {checkpoint.name}", done / total)
            loaded = None  # let go of the old model before the new one comes
            loaded = (wanted, load(*wanted, device))

        def progress(fraction: float, chunk: Chunk = chunk, done: int = done) -> None:
            reporter.progress(str(chunk), (done + fraction * chunk.size) / total)

        request = AnswerRequest(
            task=task,
            labels=chunk.fitting.labels,
            loaded=loaded[1],
            cells=cells,
            tuning=tuning,
            settings=chunk.cells[0].settings,
            max_length=answerer_of(task).max_length(prepared.options, task),
            batch_tokens=prepared.options.batch_tokens or device.batch_tokens,
            progress=progress,
            note=reporter.note,
        )
        answers, spent = answerer_of(task).answer(request)
        for cell, loaded_cell, answered in zip(chunk.cells, cells, answers, strict=True):
            _save(prepared, cell, loaded_cell, answered)
        phases.append(Phase(task.name, [cell.language for cell in chunk.cells], spent))
        done += chunk.size
    reporter.progress("scoring", 1.0)
    return phases


def _check_room(
    prepared: Prepared, chunks: Sequence[Chunk], data: Sequence[Sequence[CellData]], device: Device
) -> None:
    """Refuse tokenizers and lengths that do not fit a model, for all chunks before the first model is loaded."""
    from xharness.compute.loading import Loaded, encoder_class, load_tokenizer, without_model

    encoder: tuple[Any, Loaded] | None = None
    for chunk, cells in zip(chunks, data, strict=True):
        task, checkpoint = chunk.fitting.task, chunk.fitting.checkpoint
        if encoder is None or encoder[0] != checkpoint:
            tokenizer = load_tokenizer(checkpoint)
            encoder = (checkpoint, without_model(checkpoint, tokenizer, encoder_class(checkpoint), device))
        own = f" --tasks-from {prepared.options.tasks_from}" if prepared.options.tasks_from else ""
        shorter = f"lower --max-question-length of: xharness task {task.name}{own}"  # evaluate has no such option
        answerer = answerer_of(task)
        answerer.check_room(
            encoder[1],
            task,
            [example for cell in cells for example in cell.examples],
            chunk.cells[0].settings,
            answerer.max_length(prepared.options, task),
            Remedies("raise --max-length", shorter),
        )


def _load(prepared: Prepared, task: Task, language: str, split: str) -> CellData:
    """The examples and gold of one cell."""
    options = prepared.options
    return prepared.data.load(task, language, split, quirks=options.reference_quirks, limit=options.limit)


def _tuning(prepared: Prepared, chunk: Chunk, cells: Sequence[CellData]) -> dict[str, CellData]:
    """The tuning split by language, where the type has one: it decides how test is answered."""
    task, data = chunk.fitting.task, prepared.data
    split = task.type.tuning_split
    if split is None:
        return {}
    loaded = {cell.language: cell for cell in cells if cell.split == split}
    missing = [c.language for c in cells if c.language not in loaded and data.holds(task, c.language, split)]
    return loaded | {language: _load(prepared, task, language, split) for language in missing}


def _refuse_problems(cells: Sequence[CellData]) -> None:
    """Raise BadFiles with every malformed line of every cell."""
    problems = sorted({problem for cell in cells for problem in cell.problems})
    if problems:
        files = len({problem.file for problem in problems})
        raise BadFiles(
            f"{len(problems)} problem{'s' if len(problems) > 1 else ''} in {files} data file{'s' if files > 1 else ''}",
            problems,
            "fix the files; xharness data check lists every problem",
        )


def _refuse_changed(prepared: Prepared, cells: Sequence[PlannedCell]) -> None:
    """Raise UserError if what was read is no longer what the keys were made from."""
    for cell in cells:
        if prepared.plan(cell.fitting, cell.language, cell.split).key != cell.key:
            raise changed_meanwhile(f"{cell.task.name} in '{cell.language}'")


def _save(prepared: Prepared, cell: PlannedCell, data: CellData, answered: CellAnswers) -> None:
    """Write predictions, statistics and record of one cell."""
    task = cell.task
    items: dict[str, Items] = {}
    reason, failed = answered.reason, False
    if answered.answers is not None and data.gold is not None:
        try:
            items["main"] = measure(task, data.gold, answered.answers, cell.language)
        except UserError as error:
            reason, failed = error.why, True
    elif answered.answers is not None:
        reason = f"no gold: there is no labels/{task.name}/{task.file_name(cell.language, cell.split)}"
    items |= {name: measured for name, (_, measured) in answered.variants.items()}
    items |= answered.details
    record = Record(
        task=task.name,
        language=cell.language,
        split=cell.split,
        key=cell.key,
        n=len(items["main"].ids) if "main" in items else task.type.size(data.examples),
        signature=cell_signature(prepared, cell, data),
        prediction=task.file_name(cell.language, cell.split) if answered.answers is not None else "",
        reason=reason,
        extra=answered.extra,
        variants={name: metric.name for name, (metric, _) in answered.variants.items()},
        parts=cell.parts,
        failed=failed,
    )
    rendered = task.type.render(answered.answers) if answered.answers is not None else None
    prepared.folder.save(record, rendered, items)
