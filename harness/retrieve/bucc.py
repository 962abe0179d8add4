"""BUCC: mine dev, choose the threshold on dev gold, apply it to test. Test gold is never seen on the way to a pair."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

from xharness.retrieve.approximate import EXACT
from xharness.retrieve.margin import Margin
from xharness.retrieve.mining import Retrieval, mine
from xharness.retrieve.once import Encode, Key, Layers, embed_once
from xharness.retrieve.search import CHUNK
from xharness.retrieve.threshold import Pair, Threshold, choose_threshold, measure_threshold
from xharness.tasks.base import FloatArray
from xharness.tasks.common.json_types import Json
from xharness.tasks.types.bitext_mining import Corpora

Place: TypeAlias = Literal["memory", "disk"]
PLACES: tuple[Place, ...] = ("memory", "disk")
Look: TypeAlias = Callable[[str, str, Layers, Layers], None]  # language, split, vectors of source and target by layer
TOGETHER = 200_000  # sentences embedded in one call; larger corpora one by one, which bounds the memory


@dataclass(frozen=True)
class MiningOptions:
    """How to mine; see :func:`xharness.retrieve.mining.mine`. The defaults are the reference's.

    Attributes:
        threshold: Score from which on a pair is kept; None chooses it on dev gold.
        index: ``exact``, or how neighbours are approximated.
        vectors: Where they are kept: in memory in fp32, or on disk in half precision.
    """

    k: int = 4
    margin: Margin = "ratio"
    retrieval: Retrieval = "max"
    threshold: float | None = None
    index: str = EXACT
    vectors: Place = "memory"
    gpu: bool = False
    chunk: int = CHUNK

    def cache_key_fields(self) -> dict[str, Json]:
        """What of it can change a pair. Defaults that came later are left out, so that older keys hold."""
        default = {name for name, value in (("index", EXACT), ("vectors", "memory")) if getattr(self, name) == value}
        return {name: value for name, value in asdict(self).items() if name not in {"gpu", "chunk", *default}}


@dataclass(frozen=True, eq=False)
class Mined:
    """Candidate pairs of one corpus as (source id, target id), best first, with their scores.

    ``recall`` is the share of the true neighbours that the search found: 1 if it was exact.
    """

    pairs: tuple[Pair, ...]
    scores: FloatArray
    recall: float = 1.0

    def above(self, threshold: float) -> tuple[Pair, ...]:
        """The pairs that score at least ``threshold``."""
        return self.pairs[: int((self.scores >= threshold).sum())]


@dataclass(frozen=True)
class LanguageCorpora:
    """What there is of one language. Gold is only ever that of dev."""

    dev: Corpora | None = None
    dev_gold: Sequence[Pair] | None = None
    test: Corpora | None = None


@dataclass(frozen=True, eq=False)
class MiningResult:
    """What came out for one language at one layer.

    Attributes:
        pairs: Predicted pairs of test, best first; None where there is nothing to predict or no threshold.
        threshold: The one that was applied, or would be.
        chosen_on: Where it comes from: ``dev gold`` or ``given``; empty if there is none.
        dev: What the threshold gives on dev. If it was chosen there, this is an in-sample number.
        reason: Why ``pairs`` is None.
        mined: All candidates of test, for the oracle threshold.
    """

    pairs: tuple[Pair, ...] | None
    threshold: float | None
    chosen_on: str
    dev: Threshold | None
    reason: str
    mined: Mined | None

    def oracle(self, gold: Collection[Pair]) -> Threshold | None:
        """The best threshold that knowing test gold could give: an upper bound, comparable with no prediction."""
        return choose_threshold(self.mined.scores, self.mined.pairs, gold) if self.mined else None


def mine_corpora(corpora: Corpora, source: Layers, target: Layers, settings: MiningOptions) -> dict[int, Mined]:
    """Candidates of one corpus at every layer, by id.

    Args:
        source: Vectors of the source side by layer, shape (sentences, width).
        target: The same for the target side.
    """
    sides = [text for _, text in corpora.source], [text for _, text in corpora.target]
    found = {}
    for layer in source:
        candidates = mine(
            source[layer],
            target[layer],
            *sides,
            k=settings.k,
            margin=settings.margin,
            retrieval=settings.retrieval,
            index=settings.index,
            gpu=settings.gpu,
            chunk=settings.chunk,
        )
        rows = zip(candidates.source_rows.tolist(), candidates.target_rows.tolist(), strict=True)
        pairs = tuple((corpora.source[left][0], corpora.target[right][0]) for left, right in rows)
        found[layer] = Mined(pairs, candidates.scores, candidates.recall)
    return found


def decide(
    dev: Mined | None, dev_gold: Collection[Pair] | None, test: Mined | None, threshold: float | None = None
) -> MiningResult:
    """Choose the threshold and apply it.

    Args:
        dev: Candidates of dev.
        dev_gold: Its gold pairs.
        test: Candidates of test.
        threshold: Given by the user; then none is chosen.
    """
    measured, chosen_on = None, "given"
    if dev is not None and dev_gold and threshold is None:
        measured, chosen_on = choose_threshold(dev.scores, dev.pairs, dev_gold), "dev gold"
        threshold = measured.value
    elif dev is not None and dev_gold and threshold is not None:
        measured = measure_threshold(threshold, dev.scores, dev.pairs, dev_gold)
    if threshold is None:
        return MiningResult(
            None, None, "", None, "no threshold: there is no dev gold to choose it on; give --threshold", test
        )
    if test is None:
        return MiningResult(None, threshold, chosen_on, measured, "there are no test sentences", None)
    return MiningResult(test.above(threshold), threshold, chosen_on, measured, "", test)


def run(
    languages: Mapping[str, LanguageCorpora], encode: Encode, settings: MiningOptions, look: Look | None = None
) -> dict[str, dict[int, MiningResult]]:
    """Results of every language at every layer; small corpora are embedded together.

    Args:
        look: Shown the vectors of each corpus beside what is made of them here, which it cannot change.
    """
    corpora = {
        (name, split): found
        for name, language in languages.items()
        for split, found in (("dev", language.dev), ("test", language.test))
        if found is not None
    }
    mined = dict[tuple[str, str], dict[int, Mined]]()
    for group in _groups(corpora):
        texts = {}
        for key in group:
            texts[*key, "source"] = [text for _, text in corpora[key].source]
            texts[*key, "target"] = [text for _, text in corpora[key].target]
        vectors = embed_once(texts, encode)
        for key in group:
            mined[key] = mine_corpora(corpora[key], vectors[*key, "source"], vectors[*key, "target"], settings)
            if look:
                look(*key, vectors[*key, "source"], vectors[*key, "target"])
    results: dict[str, dict[int, MiningResult]] = {}
    for name, language in languages.items():
        dev, test = mined.get((name, "dev"), {}), mined.get((name, "test"), {})
        results[name] = {
            layer: decide(dev.get(layer), language.dev_gold, test.get(layer), settings.threshold)
            for layer in sorted(dev | test)
        }
    return results


def _groups(corpora: Mapping[Key, Corpora]) -> list[list[Key]]:
    """Corpora in their order, together while they have no more than TOGETHER sentences."""
    groups, room = list[list[Key]](), 0
    for key, found in corpora.items():
        size = len(found.source) + len(found.target)
        if size > room:
            groups.append([])
            room = TOGETHER
        groups[-1].append(key)
        room -= size
    return groups
