"""How tasks are mixed, and the share that each gets."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.json_types import Json

STRATEGIES = ("proportional", "capped", "temperature", "uniform", "weights")


@dataclass(frozen=True, kw_only=True)
class MixtureOptions:
    """How tasks are mixed. With one task, every strategy means plain epochs.

    Attributes:
        strategy: ``proportional`` to the sizes; ``capped``, the same with sizes cut at ``cap`` (Raffel et al. 2020);
            ``temperature``, size to the power of 1 / ``temperature``; ``uniform``; ``weights``, as given.
        weights: For ``weights``: a share for every task, of any sum; 0 leaves the task out.
        homogeneous: All examples of a step come from one task; else each example's task is drawn by itself.
        grouped: Batches of similar length, out of :data:`MEGA_BATCH` batches sorted by length. Less padding, but
            examples of a batch are no longer independent. Needs ``homogeneous`` where there are several tasks.

    Raises:
        UserError: an unknown strategy, or a number that no mixture can have.
    """

    strategy: str = "proportional"
    cap: int = 2**17
    temperature: float = 2.0
    weights: Mapping[str, float] = field(default_factory=dict, hash=False)
    homogeneous: bool = True
    grouped: bool = False

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            why = "tasks can be mixed in five ways"
            raise UserError(f"unknown mixture '{self.strategy}'", why, suggestion(self.strategy, STRATEGIES))
        if self.cap < 1:
            raise UserError(f"the cap is {self.cap}", "sizes are cut at it", "give at least 1")
        if not (math.isfinite(self.temperature) and self.temperature > 0):
            why = "sizes are raised to the power of one over it"
            raise UserError(f"the temperature is {self.temperature}", why, "give a number above 0")
        if self.weights and self.strategy != "weights":
            why = f"the mixture is {self.strategy}, which takes none"
            raise UserError("weights that would be ignored", why, "choose the mixture weights, or leave them out")
        for name, weight in self.weights.items():
            if not (math.isfinite(weight) and weight >= 0):
                raise UserError(f"the weight of {name} is {weight}", "a weight is a share", "give a number from 0 on")


def described_options(options: MixtureOptions) -> dict[str, Json]:
    """The options that count, for storing as JSON."""
    used = {"capped": "cap", "temperature": "temperature", "weights": "weights"}
    value = {name: getattr(options, name) for strategy, name in used.items() if strategy == options.strategy}
    return {"strategy": options.strategy, **value, "homogeneous": options.homogeneous}


def with_text(
    options: MixtureOptions, sizes: Mapping[str, int], text: Collection[str], ratio: float, alpha: float
) -> MixtureOptions:
    """The mixture where some members are text: it takes its share of the steps, its languages by their exponent.

    Args:
        text: Members that are text in one language.
        ratio: Share of text where there are other members as well.
        alpha: See :func:`language_probabilities`.
    """
    if not text:
        return options
    rest = {name: size for name, size in sizes.items() if name not in text}
    share = ratio if rest else 1.0
    languages = language_probabilities({name: sizes[name] for name in text}, alpha)
    weights = {name: share * p for name, p in languages.items()}
    if rest:
        weights |= {name: (1 - share) * p for name, p in probabilities(rest, options).items()}
    return replace(options, strategy="weights", weights=weights)


def describe(sizes: Mapping[str, int], options: MixtureOptions) -> dict[str, Json]:
    """The mixture for storing as JSON: the options that count, sizes, and each task's probability."""
    said = described_options(options)
    return {
        **{name: value for name, value in said.items() if name != "weights"},  # probabilities say it
        "grouped": options.grouped,
        "sizes": dict(sorted(sizes.items())),
        "probabilities": probabilities(sizes, options),
    }


def probabilities(sizes: Mapping[str, int], options: MixtureOptions) -> dict[str, float]:
    """Probability of each task, by name in alphabetical order; the sum is 1.

    Args:
        sizes: Number of examples by task.

    Raises:
        UserError: no task, a task without examples, or weights that do not fit the tasks.
    """
    _check_sizes(sizes)
    names = sorted(sizes)
    match options.strategy:
        case "proportional":
            shares = [float(sizes[name]) for name in names]
        case "capped":
            shares = [float(min(sizes[name], options.cap)) for name in names]
        case "temperature":
            shares = _powers([sizes[name] for name in names], 1 / options.temperature)
        case "uniform":
            shares = [1.0 for _ in names]
        case _:
            shares = _weights(names, options.weights)
    total = math.fsum(shares)
    return {name: share / total for name, share in zip(names, shares, strict=True)}


def language_probabilities(sizes: Mapping[str, int], alpha: float) -> dict[str, float]:
    """Probability of each language, its size to the power of ``alpha`` (Conneau and Lample 2019); the sum is 1.

    Args:
        alpha: From 0, all alike, to 1, by size. XLM used 0.5 and 0.7, XLM-R 0.3.

    Raises:
        UserError: no language, one without text, or ``alpha`` outside of 0 to 1.
    """
    _check_sizes(sizes)
    if not 0 <= alpha <= 1:
        why = "sizes are raised to the power of it, to give small languages more"
        raise UserError(f"the exponent of language sampling is {alpha}", why, "give a number from 0 to 1")
    names = sorted(sizes)
    shares = _powers([sizes[name] for name in names], alpha)
    total = math.fsum(shares)
    return {name: share / total for name, share in zip(names, shares, strict=True)}


def _check_sizes(sizes: Mapping[str, int]) -> None:
    """Refuse an empty mixture and empty members."""
    if not sizes:
        raise UserError("nothing to train on", "the mixture has no member", "name at least one task")
    for name, size in sizes.items():
        if size < 1:
            why = "a mixture draws from every member"
            raise UserError(f"{name} has no training examples", why, "check its data, or leave it out")


def _powers(sizes: Sequence[int], exponent: float) -> list[float]:
    """Sizes to a power, relative to the largest, so that no exponent overflows."""
    largest = max(sizes)
    return [math.pow(size / largest, exponent) for size in sizes]


def _weights(names: Sequence[str], weights: Mapping[str, float]) -> list[float]:
    """The weights in the order of the names."""
    for name in weights:
        if name not in names:
            raise UserError(f"a weight for '{name}'", "the mixture has no such task", suggestion(name, names))
    if missing := [name for name in names if name not in weights]:
        why = "with weights, every task of the mixture needs one"
        raise UserError(f"no weight for {', '.join(missing)}", why, "give it one; 0 leaves a task out")
    if not any(weights.values()):
        raise UserError("all weights are 0", "nothing is left to draw from", "give one task a weight above 0")
    return [float(weights[name]) for name in names]
