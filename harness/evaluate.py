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

from harness.abilities import NEEDED, Ability
from harness.answering import Outcome, Request, answer_cells
from harness.checkpoint import check_architecture
from harness.device import Device, resolve
from harness.display import scores_table
from harness.manifest import Phase, describe
from harness.options import EvaluateOptions
from harness.prepare import PlannedCell, Prepared, prepare
from harness.runs import Record
from harness.scoring import cell_signature, score_run
from harness.sweeps import plots
from tasks import formats
from tasks.base import Bitext, Corpora, Items, Kind, Task
from tasks.data import CellData
from tasks.errors import BadFiles
from tasks.files import write_atomic

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
    def ability(self) -> Ability:
        """Task and checkpoint of the chunk."""
        return self.cells[0].ability

    def __str__(self) -> str:
        return f"{self.ability.task.name} {' '.join(cell.language for cell in self.cells)}"


def evaluate(options: EvaluateOptions, reporter: Reporter | None = None) -> Result:
    """Evaluate a checkpoint, or continue an interrupted evaluation of it.

    Raises:
        UserError: anything that the user can mend; nothing that was done before is lost.
    """
    reporter = reporter or Reporter()
    started = time.time()
    prepared = prepare(options)
    device = resolve(options.device, options.precision)
    with prepared.folder.locked():
        prepared.folder.open(prepared.identity, overwrite=options.overwrite)
        chunks = [chunk for chunk in _chunks(prepared, device) if not all(_done(prepared, c) for c in chunk.cells)]
        phases = _answer(prepared, chunks, device, reporter) if chunks else []
        scores = score_run(prepared, device.precision)
        manifest = describe(prepared, device, phases, started)
        prepared.folder.write_scores(scores)
        for name, picture in plots(scores).items():
            write_atomic(prepared.folder.path / name, picture)
        prepared.folder.write_manifest(manifest)
    return Result(prepared, scores, manifest, sum(len(chunk.cells) for chunk in chunks))


def _chunks(prepared: Prepared, device: Device) -> Iterator[Chunk]:
    """All cells that were asked for, in chunks of one task and about CHUNK_BYTES."""
    cells: list[PlannedCell] = []
    size = 0
    for cell in prepared.cells(device.precision):
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
    dev = [_dev(prepared, chunk, cells) for chunk, cells in zip(chunks, data, strict=True)]
    _refuse_problems([cell for cells in data for cell in cells] + [cell for cells in dev for cell in cells.values()])
    for chunk in chunks:
        check_architecture(chunk.ability.checkpoint)
    from harness.loading import Loaded, load

    phases, done, total = [], 0, max(1, sum(chunk.size for chunk in chunks))
    loaded: tuple[Any, Loaded] | None = None
    for chunk, cells, dev_cells in zip(chunks, data, dev, strict=True):
        wanted = (chunk.ability.checkpoint, NEEDED[chunk.ability.task.kind])
        if loaded is None or loaded[0] != wanted:
            reporter.progress(f"loading {chunk.ability.checkpoint.name}", done / total)
            loaded = None  # let go of the old model before the new one comes
            loaded = (wanted, load(*wanted, device))

        def progress(fraction: float, chunk: Chunk = chunk, done: int = done) -> None:
            reporter.progress(str(chunk), (done + fraction * chunk.size) / total)

        request = Request(chunk.ability, loaded[1], cells, dev_cells, prepared.options, progress, reporter.note)
        outcomes, spent = answer_cells(request)
        for cell, loaded_cell, outcome in zip(chunk.cells, cells, outcomes, strict=True):
            _save(prepared, device, cell, loaded_cell, outcome)
        phases.append(Phase(chunk.ability.task.name, [cell.language for cell in chunk.cells], spent))
        done += chunk.size
    reporter.progress("scoring", 1.0)
    return phases


def _load(prepared: Prepared, task: Task, language: str, split: str) -> CellData:
    """The examples and gold of one cell."""
    options = prepared.options
    return prepared.data.load(task, language, split, quirks=options.reference_quirks, limit=options.limit)


def _dev(prepared: Prepared, chunk: Chunk, cells: Sequence[CellData]) -> dict[str, CellData]:
    """The dev split of mined languages, which decides the threshold."""
    task = chunk.ability.task
    if task.kind is not Kind.MINING:
        return {}
    loaded = {cell.language: cell for cell in cells if cell.split == "dev"}
    missing = [c.language for c in cells if c.language not in loaded and prepared.data.holds(task, c.language, "dev")]
    return loaded | {language: _load(prepared, task, language, "dev") for language in missing}


def _refuse_problems(cells: Sequence[CellData]) -> None:
    """Raise BadFiles with every malformed line of every cell."""
    problems = [problem for cell in cells for problem in cell.problems]
    if problems:
        files = len({problem.file for problem in problems})
        raise BadFiles(
            f"{len(problems)} problem{'s' if len(problems) > 1 else ''} in {files} data file{'s' if files > 1 else ''}",
            problems,
            "mend the files; xharness data check lists every problem",
        )


def _save(prepared: Prepared, device: Device, cell: PlannedCell, data: CellData, outcome: Outcome) -> None:
    """Write predictions, statistics and record of one cell."""
    task = cell.task
    items: dict[str, Items] = {}
    reason = outcome.reason
    if outcome.answers is not None and data.gold is not None:
        items["main"] = task.metric.measure(data.gold, outcome.answers, cell.language)
    elif outcome.answers is not None:
        reason = f"no gold: there is no labels/{task.name}/{task.file_name(cell.language, cell.split)}"
    items |= {name: measured for name, (_, measured) in outcome.variants.items()}
    items |= outcome.details
    record = Record(
        task=task.name,
        language=cell.language,
        split=cell.split,
        key=cell.key,
        n=len(items["main"].ids) if "main" in items else _count(data),
        signature=cell_signature(prepared, device, cell, data),
        prediction=task.file_name(cell.language, cell.split) if outcome.answers is not None else "",
        reason=reason,
        extra=outcome.extra,
        variants={name: metric.name for name, (metric, _) in outcome.variants.items()},
    )
    rendered = formats.render(task.format, outcome.answers) if outcome.answers is not None else None
    prepared.folder.save(record, rendered, items)


def _count(data: CellData) -> int:
    """Number of examples of a cell; queries for retrieval, sentences of the searched side for mining."""
    first = data.examples[0] if data.examples else None
    if isinstance(first, Bitext):
        return len(first.queries)
    return len(first.source) if isinstance(first, Corpora) else len(data.examples)
