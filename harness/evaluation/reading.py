"""The examples of the cells that are answered: read, and refused as a whole before a model is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xharness.checkpoints.architecture import check_architecture
from xharness.checkpoints.checkpoint import Checkpoint
from xharness.checkpoints.compatibility import Compatible
from xharness.evaluation.answer import answerer_of
from xharness.evaluation.plan import Plan, PlannedCell
from xharness.evaluation.reporter import Reporter
from xharness.predict.room import Remedies
from xharness.tasks.common.errors import BadFiles
from xharness.tasks.common.text import enumerated
from xharness.tasks.data import CellData, changed_meanwhile

if TYPE_CHECKING:
    from xharness.compute.loading import Loaded

CHUNK_BYTES = 2_000_000  # text that goes through the model together: enough to fill batches, little enough to hold


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
        return f"{self.fitting.task.name}: {enumerated([cell.language for cell in self.cells])}"


@dataclass(frozen=True)
class ChunkData:
    """What was read for a chunk.

    Attributes:
        cells: In the order of the chunk's.
        tuning: The tuning split by language, where the type has one: it decides how test is answered.
    """

    chunk: Chunk
    cells: Sequence[CellData]
    tuning: Mapping[str, CellData]


def chunks(plan: Plan) -> Iterator[Chunk]:
    """All cells that were asked for, in chunks of one task and about CHUNK_BYTES, or all of a task that wants that."""
    cells: list[PlannedCell] = []
    size = 0
    for cell in plan.cells:
        full = size >= CHUNK_BYTES and not cell.task.type.together
        if cells and (cell.task is not cells[0].task or full):
            yield Chunk(cells, size)
            cells, size = [], 0
        cells = [*cells, cell]
        size += plan.size(cell)
    if cells:
        yield Chunk(cells, size)


def read(
    plan: Plan, wanted: Sequence[Chunk], encoder: Callable[[Checkpoint], Loaded], reporter: Reporter
) -> list[ChunkData]:
    """The data of all chunks.

    Args:
        encoder: Everything about a checkpoint's encoder but its weights.
        reporter: Told how many cells are read.

    Raises:
        BadFiles: with every malformed line of every cell.
        UserError: the data changed meanwhile, or a tokenizer or a length does not fit a model.
    """
    found, done, total = [], 0, sum(len(chunk.cells) for chunk in wanted)
    for chunk in wanted:
        reporter.progress(f"reading data: {done} of {total} cells", 0.0)
        found.append(_read(plan, chunk))
        done += len(chunk.cells)
    _refuse_problems(found)
    _refuse_changed(plan, wanted)
    for chunk in wanted:
        check_architecture(chunk.fitting.checkpoint)
    _check_room(plan, found, encoder)
    return found


def _read(plan: Plan, chunk: Chunk) -> ChunkData:
    task, split = chunk.fitting.task, chunk.fitting.task.type.tuning_split
    cells = [plan.load(task, cell.language, cell.split) for cell in chunk.cells]
    if split is None:
        return ChunkData(chunk, cells, {})
    tuning = {cell.language: cell for cell in cells if cell.split == split}
    missing = [c.language for c in cells if c.language not in tuning and plan.data.holds(task, c.language, split)]
    return ChunkData(chunk, cells, tuning | {language: plan.load(task, language, split) for language in missing})


def _refuse_problems(found: Sequence[ChunkData]) -> None:
    """Raise BadFiles with every malformed line of every cell."""
    cells = [cell for data in found for cell in (*data.cells, *data.tuning.values())]
    problems = sorted({problem for cell in cells for problem in cell.problems})
    if problems:
        files = len({problem.file for problem in problems})
        raise BadFiles(
            f"{len(problems)} problem{'s' if len(problems) > 1 else ''} in {files} data file{'s' if files > 1 else ''}",
            problems,
            "fix the files; xharness data check lists every problem",
        )


def _refuse_changed(plan: Plan, wanted: Sequence[Chunk]) -> None:
    """Raise UserError if what was read is no longer what the keys were made from."""
    for cell in (cell for chunk in wanted for cell in chunk.cells):
        if plan.plan(cell.fitting, cell.language, cell.split).key != cell.key:
            raise changed_meanwhile(f"{cell.task.name} in '{cell.language}'")


def _check_room(plan: Plan, found: Sequence[ChunkData], encoder: Callable[[Checkpoint], Loaded]) -> None:
    """Refuse tokenizers and lengths that do not fit a model, for all chunks before the first model is loaded."""
    checkpoint, loaded = None, None
    for data in found:
        task, cell = data.chunk.fitting.task, data.chunk.cells[0]
        if loaded is None or checkpoint != data.chunk.fitting.checkpoint:
            checkpoint = data.chunk.fitting.checkpoint
            loaded = encoder(checkpoint)
        # evaluate has no such option
        shorter = f"lower --max-question-length of: xharness task {task.name}{plan.tasks_option}"
        examples = [example for each in data.cells for example in each.examples]
        remedies = Remedies("raise --max-length", shorter)
        answerer_of(task).check_room(loaded, task, examples, cell.settings, cell.max_length, remedies)
