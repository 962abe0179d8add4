"""The words of a judgement, all made here from its numbers and enums."""

from __future__ import annotations

from xharness.comparison.wording import format_probability, format_signed
from xharness.studies.statistics.estimates import Estimate
from xharness.studies.statistics.judge import Judgement
from xharness.studies.statistics.verdicts import Direction, Reason
from xharness.tasks.common.text import plural

_CLAIMS = {
    Direction.GREATER: "greater than 0",
    Direction.LESS: "less than 0",
    Direction.DIFFERENT: "different from 0",
    Direction.EQUIVALENT: "as good as 0",
}
DETECTABLE = (
    "the larger of (z(1 - a) + z(0.8)) SE and t(1 - a) s + t(0.8) SE: a is alpha by the size of the family, halved if "
    "two-sided; SE is the bootstrap's, with what few seeds hide of their variance; s and t are those over seeds"
)


def sentence(judgement: Judgement) -> str:
    """Verdict, why, and what this budget could have found."""
    parts = [f"{judgement.verdict}: {_why(judgement)}", numbers(judgement), *_left_out(judgement)]
    return "; ".join(part for part in parts if part)


def numbers(judgement: Judgement) -> str:
    """Estimate, both intervals, p, and the detectable difference; empty if nothing was measured."""
    found = judgement.estimate
    if found is None:
        return ""
    parts = [f"{format_signed(found.value)} {bracket(found.interval)}"]
    if found.over_seeds:
        parts.append(f"over {plural(found.seeds, 'seed')} {bracket(found.over_seeds.interval)}")
        parts.append(f"p {format_probability(judgement.p_holm)} (Holm over {plural(judgement.tests, 'test')})")
    if judgement.detectable is not None:
        parts.append(f"this budget finds {judgement.detectable:.2f} with a power of 80 %")
    if judgement.order:
        order = judgement.order
        parts.append(f"eps_min {order.eps_min:.2f} at a confidence of {order.confidence:.3g}")
    return ", ".join(parts)


def bracket(interval: tuple[float, float] | None) -> str:
    """``[+0.10, +2.30]``; a dash if there is none."""
    return "–" if interval is None else f"[{format_signed(interval[0])}, {format_signed(interval[1])}]"


def crossing(found: Estimate) -> str:
    """The size at which two lines cross, and how often they do not."""
    share = f"undefined in {100 * found.undefined:.0f} % of the replicates"
    if found.interval is None or found.value != found.value:
        return f"no crossing within the sizes, {share}"
    low, high = found.interval
    return f"crossing at {found.value:,.0f} [{low:,.0f}, {high:,.0f}], {share}"


def _why(judgement: Judgement) -> str:
    claim, effect = _CLAIMS[judgement.hypothesis.direction], _points(judgement.hypothesis.smallest_effect)
    match judgement.reason:
        case Reason.ESTABLISHED:
            return f"it is {claim}" + (_reach(judgement) if judgement.estimate else "")
        case Reason.TOO_SMALL:
            return f"whatever it is, it is smaller than {effect}, the smallest effect of interest"
        case Reason.OPPOSITE:
            return f"it is not {claim} but the opposite"
        case Reason.DIFFERENT:
            return f"it is farther from 0 than {effect}"
        case Reason.UNDECIDED:
            return f"neither that it is {claim} nor that it is not could be shown"
        case Reason.ONE_SEED:
            return "one seed tells nothing of a recipe; the interval is about other items only"
        case Reason.NOT_MEASURED:
            return f"there is no {' and no '.join(judgement.lacking)}"


def _reach(judgement: Judgement) -> str:
    """Whether the effect is known to be one of interest, beside being there."""
    smallest, found = judgement.hypothesis.smallest_effect, judgement.estimate
    if judgement.hypothesis.direction is Direction.EQUIVALENT or not smallest or found is None or not found.interval:
        return f", within {_points(smallest)}" if smallest else ""
    low, high = found.interval
    return "" if low >= smallest or high <= -smallest else f", but perhaps by less than {_points(smallest)}"


def _left_out(judgement: Judgement) -> list[str]:
    cells = list(dict.fromkeys(f"{cell.task} {cell.language}" for cell in judgement.left_out))
    return [f"without {', '.join(cells)}, which not every run has"] if cells else []


def _points(number: float) -> str:
    return f"{number:g} point{'' if number == 1 else 's'}"
