"""Tables of what a study found, for screen, page, LaTeX and the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from xharness.comparison.wording import DOWN, UP
from xharness.studies.findings import Findings
from xharness.studies.statistics.contrasts import Endpoint, LanguageSet
from xharness.studies.statistics.effects import ArmEffect
from xharness.studies.statistics.estimates import Estimate
from xharness.studies.statistics.judge import Judgement
from xharness.studies.statistics.wording import bracket
from xharness.tables.table import MISSING, Column, Emphasis, Table, TableCell, TableRow, words
from xharness.tasks.common.text import plural

NARROWEST = 12
"""Characters of a column: about those of an interval."""

MARKS = {Emphasis.GAIN: UP, Emphasis.LOSS: DOWN}


def effects_table(found: Findings, not_zero_shot: Collection[tuple[str, str]] = ()) -> Table:
    """A row an arm; of every target the score in other languages and in English, and the change from the baseline.

    Args:
        not_zero_shot: Arms and targets whose models have seen labelled data of other languages.
    """
    return _by_arm("effects", "mean", found, found.effects, not_zero_shot)


def robustness_table(found: Findings) -> Table:
    """A row an arm; of every target with changed data what became of the answers to the originals."""
    what = (
        "of right answers the share that stays right when the item is changed (retention), and of all answers the "
        "share that stays the same (consistency): mean"
    )
    return _by_arm("robustness", what, found, found.robustness, ())


def _by_arm(
    name: str, what: str, found: Findings, effects: Sequence[ArmEffect], not_zero_shot: Collection[tuple[str, str]]
) -> Table:
    shown = [each for each in effects if each.score is not None]
    endpoints = list(dict.fromkeys(each.endpoint for each in shown))
    cells = {(each.arm, each.endpoint): each for each in shown}
    arms = list(dict.fromkeys(each.arm for each in effects))
    seeds = max((each.score.seeds for each in shown if each.score), default=0)
    headed = (Column(_heading(each), numeric=True, folds=True, narrowest=NARROWEST) for each in endpoints)
    columns = [Column("arm", folds=True, narrowest=NARROWEST), *headed]
    rows = [
        TableRow([words(_title(found, arm)), *(_score(cells.get((arm, e)), seeds, not_zero_shot) for e in endpoints)])
        for arm in arms
    ]
    caption = (
        f"{found.study.name}, size {found.study.size}: {what} over languages and {plural(seeds, 'seed')}; then the "
        f"change from '{found.baseline}' with its 95 % interval, {UP} or {DOWN} where that excludes 0"
    )
    return Table(name, caption, columns, rows)


def verdicts_table(found: Findings) -> Table:
    """A row a hypothesis."""
    names = ("estimate", "95 % interval", "over seeds", "p (Holm)", "finds", "seeds")
    columns = [
        Column("hypothesis", folds=True),
        Column("verdict"),
        *(Column(name, numeric=True) for name in names),
    ]
    rows = [TableRow([words(each.hypothesis.name), _verdict(each), *_numbers(each)]) for each in found.judgements]
    return Table("verdicts", "Hypotheses, as they were declared", columns, rows)


def _heading(endpoint: Endpoint) -> str:
    english = endpoint.languages is LanguageSet.ENGLISH
    measured = f"{endpoint.score} on " if endpoint.score else ""
    return f"{measured}{endpoint.target}, {'English' if english else 'other languages'}"


def _title(found: Findings, arm: str) -> str:
    return found.study.design.arms[arm].title or arm


def _score(effect: ArmEffect | None, seeds: int, not_zero_shot: Collection[tuple[str, str]]) -> TableCell:
    """A score, and the change that it is; its number of seeds if it has fewer than others."""
    if effect is None or effect.score is None:
        return words(MISSING)
    change, emphasis = effect.change, _emphasis(effect.change)
    detail = f"{change.value:+.1f} {bracket(change.interval)} {MARKS.get(emphasis, '')}".rstrip() if change else ""
    if effect.score.seeds < seeds:
        detail = f"{detail} ({plural(effect.score.seeds, 'seed')})".lstrip()
    marked = (effect.arm, effect.endpoint.target) in not_zero_shot
    return TableCell(f"{effect.score.value:.1f}", effect.score.value, detail, marked, emphasis)


def _emphasis(change: Estimate | None) -> Emphasis:
    if change is None or change.interval is None:
        return Emphasis.NONE
    low, high = change.interval
    return Emphasis.GAIN if low > 0 else Emphasis.LOSS if high < 0 else Emphasis.NONE


def _verdict(judgement: Judgement) -> TableCell:
    return words(str(judgement.verdict))


def _numbers(judgement: Judgement) -> Sequence[TableCell]:
    found = judgement.estimate
    if found is None:
        return [words(MISSING)] * 6
    over = bracket(found.over_seeds.interval) if found.over_seeds else MISSING
    finds = MISSING if judgement.detectable is None else f"{judgement.detectable:.1f}"
    texts = (f"{found.value:+.2f}", bracket(found.interval), over, f"{judgement.p_holm:.3g}", finds, str(found.seeds))
    return [words(text) for text in texts]
