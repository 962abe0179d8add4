"""Two sides compared, cell by cell, task by task, in groups and in total."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from xharness.comparison.comparison import CompareOptions, Comparison, ComparisonRow
from xharness.comparison.pairing import Paired, pair
from xharness.comparison.resampling import Resampled, average, resample_task
from xharness.comparison.rows import ResampledTask, RowBuilder
from xharness.comparison.source import Source
from xharness.comparison.statistics import holm
from xharness.submissions.files import languages_in
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import not_finite
from xharness.tasks.common.text import plural
from xharness.tasks.registry import BENCHMARKS, Benchmark

__all__ = ["CompareOptions", "Comparison", "ComparisonRow", "compare", "compare_all"]


def compare(base: Sequence[Source], new: Sequence[Source], options: CompareOptions | None = None) -> Comparison:
    """Compare two sides; more than one source on a side are runs with other seeds.

    Raises:
        UserError: different measurements (unless ``across``), no common cell, or one side with several seeds and the
            other with a single one.
    """
    return compare_all(base, [new], options)[0]


def compare_all(
    base: Sequence[Source], news: Sequence[Sequence[Source]], options: CompareOptions | None = None
) -> list[Comparison]:
    """Compare several sides with one base. Holm's families span all of them: tasks and totals, groups, cells."""
    options = options or CompareOptions()
    options.check()
    plain = [_compare(base, new, options) for new in news]
    for comparison in plain:
        _refuse_what_is_not_finite(comparison)
    tasks = _correct_families([c.first_family for c in plain], options, gate=True)
    groups = _correct_families([c.groups for c in plain], options)
    cells = _correct_families([c.cells for c in plain], options)
    return [
        replace(
            comparison,
            tasks=first[: len(comparison.tasks)],
            total=first[-1] if comparison.total else None,
            groups=second,
            cells=third,
            notes=[*comparison.notes, *_too_few(sum(map(len, cells)), options)],
        )
        for comparison, first, second, third in zip(plain, tasks, groups, cells, strict=True)
    ]


def _refuse_what_is_not_finite(comparison: Comparison) -> None:
    """Raise UserError that names the row: NaN is neither a loss nor no loss."""
    total = [comparison.total] if comparison.total else []
    for row in (*comparison.cells, *comparison.tasks, *comparison.groups, *total):
        if place := not_finite(vars(row)):
            why = f"its {place} is not a finite number, so that it is neither a regression nor none"
            raise UserError(f"{row.name} cannot be compared", why, "look at its metric, and evaluate it again")


def _correct_families(
    families: Sequence[Sequence[ComparisonRow]], options: CompareOptions, *, gate: bool = False
) -> list[list[ComparisonRow]]:
    """The rows of one family (spread over comparisons) with corrected p-values."""
    rows = [row for part in families for row in part]
    both, losses = holm([row.p for row in rows]), holm([row.p_loss for row in rows])
    corrected = iter(
        replace(
            row,
            p_holm=p,
            p_loss_holm=p_loss,
            significant=p <= options.alpha,
            regression=gate and p_loss <= options.alpha,
        )
        for row, p, p_loss in zip(rows, both, losses, strict=True)
    )
    return [[next(corrected) for _ in part] for part in families]


def _too_few(cells: int, options: CompareOptions) -> Iterator[str]:
    """A note if no p-value could be small enough for the family of cells."""
    if cells / (options.resamples + 1) > options.alpha:
        needed = int(cells / options.alpha)
        yield f"no single cell can be significant among {cells:,} with so few resamples: give --resamples {needed}"


# --- one comparison before correction --------------------------------------------------------------------------------


def _compare(base: Sequence[Source], new: Sequence[Source], options: CompareOptions) -> Comparison:
    """All rows, with p-values that are not corrected yet."""
    _refuse_unlike_sides(base, new)
    benchmark = BENCHMARKS[base[0].benchmark]
    pairing = pair(base, new, across=options.across)
    rows = RowBuilder(base, new, options)
    cells: list[ComparisonRow] = []
    tasks: dict[str, ResampledTask] = {}
    for members in _by_task(pairing.cells.values()):
        resampled = resample_task(members, options.resamples, options.seed)
        cells += [rows.cell(cell, one) for cell, one in zip(members, resampled, strict=True)]
        if task := _averaged(members, resampled, benchmark):
            tasks[members[0].task.name] = task
    several = sum(name in tasks for name in benchmark.in_total) > 1
    return Comparison(
        base=base,
        new=new,
        options=options,
        cells=cells,
        tasks=[rows.task(task) for task in tasks.values()],
        groups=[rows.average("group", name, members, tasks) for name, members in _groups(benchmark, tasks)],
        total=rows.average("total", "all tasks", benchmark.in_total, tasks) if several else None,
        missing=pairing.missing,
        signatures=_signatures(base[0], new[0], pairing.cells),
    )


def _refuse_unlike_sides(base: Sequence[Source], new: Sequence[Source]) -> None:
    if (len(base) > 1) != (len(new) > 1):
        raise UserError(
            f"{plural(len(base), 'run')} against {plural(len(new), 'run')}",
            "the spread over seeds must be known on both sides or on none",
            "give at least two finished runs a side, or a single one on both",
        )


def _averaged(members: Sequence[Paired], resampled: Sequence[Resampled], benchmark: Benchmark) -> ResampledTask | None:
    """The average over the benchmark's languages of a task; None where none of them is there."""
    wanted = languages_in(benchmark, members[0].task)
    averaged = [one for cell, one in zip(members, resampled, strict=True) if cell.language in wanted]
    return ResampledTask(members, average(averaged), len(averaged), len(wanted)) if averaged else None


def _signatures(base: Source, new: Source, cells: Iterable[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """What produced the numbers of each cell on both sides."""
    return {
        f"{task}.{language}": {
            "base": base.cells[task, language].signature,
            "new": new.cells[task, language].signature,
        }
        for task, language in cells
    }


def _by_task(cells: Iterable[Paired]) -> list[list[Paired]]:
    """Cells of one task after those of another, in the order in which tasks occur."""
    found: dict[str, list[Paired]] = {}
    for cell in cells:
        found.setdefault(cell.task.name, []).append(cell)
    return list(found.values())


def _groups(benchmark: Benchmark, tasks: Mapping[str, ResampledTask]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Groups of which at least two tasks are there: of a single one the task's row says the same."""
    for name, members in benchmark.groups.items():
        if sum(member in tasks for member in members) > 1:
            yield name, members
