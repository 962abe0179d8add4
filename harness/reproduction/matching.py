"""A published result beside every fork: how far each is from it, and whether its own protocol is the nearest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xharness.reproduction.forks import VECTORS, Fork
from xharness.reproduction.published import SCORE, PublishedResult
from xharness.tasks.base import Task
from xharness.tasks.common.json_types import JsonObject

EQUAL = 0.05  # points a language within which two forks are equally near: published numbers have one decimal
AVERAGE = "average"
LAST = "last"


@dataclass(frozen=True)
class Match:
    """One fork beside the published values.

    Attributes:
        own: The mean over the languages of both, in percent.
        difference: ``own`` minus the published mean, in points.
        distance: Mean of the differences' sizes over those languages, in points.
        farthest: The language with the largest difference, and that difference.
        inside: Of how many languages the published value is in the 95 % interval.
        with_interval: How many languages have one.
    """

    fork: Fork
    own: float
    difference: float
    distance: float
    farthest: tuple[str, float]
    inside: int
    with_interval: int

    def as_json(self) -> JsonObject:
        """The fork by what it is, and the numbers."""
        return {
            "measure": self.fork.measure,
            **self.fork.vectors,
            "usual": self.fork.usual,
            "own": self.own,
            "difference": self.difference,
            "distance": self.distance,
            "farthest": list(self.farthest),
            "inside": [self.inside, self.with_interval],
        }


@dataclass(frozen=True)
class ComparedResult:
    """One measure of a published result.

    Attributes:
        languages: Those that are published and at hand; ``average`` where only that is published.
        published: The mean over them, in percent.
        matches: Nearest first; empty where nothing can be compared.
        usual: What ``xharness evaluate`` prints.
        stated: The nearest of the forks that follow the published protocol; None where none does.
    """

    result: PublishedResult
    measure: str
    languages: Sequence[str]
    published: float
    matches: Sequence[Match] = field(default_factory=tuple)
    usual: Match | None = None
    stated: Match | None = None

    @property
    def nearest(self) -> list[Match]:
        """The nearest fork and those that are as near."""
        return [match for match in self.matches if match.distance <= self.matches[0].distance + EQUAL]

    @property
    def confirmed(self) -> bool:
        """The published protocol is among the nearest."""
        return self.stated is not None and self.stated in self.nearest

    @property
    def not_varied(self) -> dict[str, str]:
        """What is known of the protocol and was not tried in another way."""
        return {name: value for name, value in self.result.protocol.items() if name not in VECTORS}

    def as_json(self) -> JsonObject:
        """Everything but the published values by language."""
        return {
            "published_by": self.result.name,
            "source": self.result.source,
            "protocol": dict(self.result.protocol),
            "measure": self.measure,
            "languages": list(self.languages),
            "published": self.published,
            "stated": self.stated.as_json() if self.stated else None,
            "forks": [match.as_json() for match in self.matches],
        }


def compare_with(result: PublishedResult, forks: Sequence[Fork], task: Task) -> Iterator[ComparedResult]:
    """A comparison for each measure that was published."""
    for measure in {**result.values, **result.averages}:
        published = result.by_language(measure) or {AVERAGE: result.averages[measure]}
        pairs = [(fork, _own(fork, published, task)) for fork in forks]
        matches = sorted((_match(fork, own, published) for fork, own in pairs if own), key=_order)
        languages = [name for name in published if matches and any(name in own for _, own in pairs)]
        mean = sum(published[name] for name in languages or published) / len(languages or published)
        usual = next((match for match in matches if match.fork.usual), None)
        stated = next((match for match in matches if _follows(match.fork, result, measure, task)), None)
        yield ComparedResult(result, measure, languages, mean, matches, usual, stated)


def _order(match: Match) -> tuple[float | str, ...]:
    """Nearest first; equally near forks by what they are."""
    return (match.distance, match.fork.measure, *(f"{match.fork.vectors.get(name, ''):>6}" for name in VECTORS))


def _own(fork: Fork, published: Mapping[str, float], task: Task) -> dict[str, float]:
    """The fork's values for the published languages; for an average only if all of the task's languages are there."""
    if AVERAGE not in published:
        return {name: fork.scores[name] for name in published if name in fork.scores}
    if not set(task.languages) <= set(fork.scores):
        return {}
    return {AVERAGE: sum(fork.scores[name] for name in task.languages) / len(task.languages)}


def _match(fork: Fork, own: Mapping[str, float], published: Mapping[str, float]) -> Match:
    apart = {name: value - published[name] for name, value in own.items()}
    farthest = max(apart, key=lambda name: abs(apart[name]))
    bounds = {name: fork.intervals.get(name) for name in own}
    known = {name: interval for name, interval in bounds.items() if interval is not None}
    return Match(
        fork=fork,
        own=sum(own.values()) / len(own),
        difference=sum(apart.values()) / len(apart),
        distance=sum(map(abs, apart.values())) / len(apart),
        farthest=(farthest, apart[farthest]),
        inside=sum(low <= published[name] <= high for name, (low, high) in known.items()),
        with_interval=len(known),
    )


def _follows(fork: Fork, result: PublishedResult, measure: str, task: Task) -> bool:
    """The measure that was published, and every part of the protocol that can be compared."""
    named = SCORE if (measure,) == tuple(task.metric.primary_scores) else measure
    said = {name: value for name, value in result.protocol.items() if name in VECTORS and fork.vectors}
    return fork.measure == named and all(
        fork.vectors[name] == (fork.vectors["blocks"] if value == LAST else value) for name, value in said.items()
    )
