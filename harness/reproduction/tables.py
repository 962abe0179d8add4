"""A reproduction as tables and sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from xharness.evaluation.answer.authors import NO_PROMPT
from xharness.reproduction.forks import VECTORS, Fork
from xharness.reproduction.matching import AVERAGE, ComparedResult, Match
from xharness.reproduction.published import SCORE
from xharness.reproduction.reproduce import Reproduction
from xharness.tables.table import Column, Table, TableRow, number, spelled, words
from xharness.tasks.base import Task
from xharness.tasks.common.text import plural

SHOWN = 4  # forks of each comparison, beside what evaluate prints and what was stated
COLUMNS = (
    Column("measure"),
    Column("block"),
    Column("pooling"),
    Column("prompt"),
    Column("own", numeric=True),
    Column("diff", numeric=True, help="own mean minus published mean, in points"),
    Column("a language", numeric=True, help="mean size of the differences by language, in points"),
    Column("farthest"),
    Column("inside", help="languages whose published value is in the 95 % interval"),
    Column(""),
)


def tables(found: Reproduction) -> list[Table]:
    """A table of forks for each comparison that could be made."""
    return [_table(each, found.task) for each in found.comparisons if each.matches]


def _table(comparison: ComparedResult, task: Task) -> Table:
    chosen = {id(match) for match in _shown(comparison)}
    shown = [match for match in comparison.matches if id(match) in chosen]
    varied = [name for name in VECTORS if len({match.fork.vectors.get(name, "") for match in shown}) > 1]
    rows = [_row(match, comparison, task, varied) for match in shown]
    name = f"{comparison.result.task}-{comparison.measure}"
    return Table(name, _caption(comparison, task), COLUMNS, rows).without_empty_columns()


def _shown(comparison: ComparedResult) -> Iterator[Match]:
    yield from comparison.matches[:SHOWN]
    yield from filter(None, (comparison.stated, comparison.usual))


def _caption(comparison: ComparedResult, task: Task) -> str:
    of = "average over all languages" if [*comparison.languages] == [AVERAGE] else _languages(comparison)
    measure = measure_name(comparison.measure, task)
    return f"{comparison.result.name}: {measure} {comparison.published:.2f} ({of})"


def _languages(comparison: ComparedResult) -> str:
    here, of = len(comparison.languages), len(comparison.result.order.split())
    return plural(here, "language") if here == of else f"{here} of {plural(of, 'language')}"


def _row(match: Match, comparison: ComparedResult, task: Task, varied: Collection[str]) -> TableRow:
    """A row; of block, pooling and prompt only what differs in this table."""
    fork, (language, apart) = match.fork, match.farthest
    said = ["as published"] * (match is comparison.stated) + ["as evaluate prints"] * fork.usual
    return TableRow(
        [
            words(measure_name(fork.measure, task)),
            *(words(word if name in varied else "") for name, word in zip(VECTORS, _vectors(fork), strict=True)),
            number(match.own),
            number(match.difference, sign=True),
            number(match.distance),
            words("" if language == AVERAGE else f"{language} {number(apart, 1, sign=True).text}"),
            words(f"{match.inside}/{match.with_interval}" if match.with_interval else ""),
            words(", ".join(said)),
        ]
    )  # fmt: skip


def _vectors(fork: Fork) -> tuple[str, str, str]:
    if not fork.vectors:
        return "", "", ""
    prompt = repr(fork.vectors["prompt"]) if fork.vectors["prompt"] else NO_PROMPT
    return fork.vectors["layer"], fork.vectors["pooling"], prompt


def measure_name(measure: str, task: Task) -> str:
    """How people call a measure: the score by its metric's name."""
    primary = task.metric.primary_scores
    if measure == SCORE:
        return spelled(primary[0]) if len(primary) == 1 else f"mean of {' and '.join(map(spelled, primary))}"
    return spelled(measure)


def sentences(found: Reproduction) -> list[str]:
    """What follows from each comparison, one line each."""
    return [line for each in found.comparisons for line in _sentences(each, found.task)]


def _sentences(comparison: ComparedResult, task: Task) -> Iterator[str]:
    name = f"{comparison.result.name}, {measure_name(comparison.measure, task)}"
    if not comparison.matches:
        yield f"{name}: {comparison.published:.2f} cannot be compared: {_why_not(comparison, task)}"
        return
    nearest = comparison.nearest
    which = f"nearest is {_described(nearest[0].fork, task)}, {nearest[0].distance:.2f} points a language"
    more = f" (and {plural(len(nearest) - 1, 'other')} as near)" if len(nearest) > 1 else ""
    yield f"{name}: {which}{more}{_beside(comparison, task)}"
    if comparison.not_varied:
        facts = ", ".join(f"{key} {value}" for key, value in comparison.not_varied.items())
        yield f"  not tried in another way: {facts}"


def _beside(comparison: ComparedResult, task: Task) -> str:
    """What the published protocol itself gives."""
    if comparison.stated is None:
        return "; the published protocol is not among what was tried"
    if comparison.confirmed:
        return "; that is the published protocol"
    stated = comparison.stated
    return f"; the published protocol, {_described(stated.fork, task)}, is {stated.distance:.2f} away"


def _described(fork: Fork, task: Task) -> str:
    if not fork.vectors:
        return measure_name(fork.measure, task)
    layer, pooling, prompt = _vectors(fork)
    said = "no prompt" if prompt == NO_PROMPT else f"prompt {prompt}"
    return f"{measure_name(fork.measure, task)}, block {layer}, pooling {pooling}, {said}"


def _why_not(comparison: ComparedResult, task: Task) -> str:
    if comparison.result.order:
        return "none of its languages was evaluated"
    return f"it is an average over {plural(len(task.languages), 'language')}, and not all of them were evaluated"


def with_sources(found: Reproduction) -> Sequence[str]:
    """Where the published values were read."""
    told = dict.fromkeys((each.result.name, each.result.source, each.result.note) for each in found.comparisons)
    return [f"{name}: {source}{f' ({note})' if note else ''}" for name, source, note in told]
