"""Bitext mining: the threshold comes from dev gold; the best one for test is a variant under a name that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TypeAlias

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.compute.loading import Loaded
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.base import Answerer, AnswerRequest, CellAnswers
from xharness.evaluation.answer.embedding import EmbeddingSettings, Encoder, searches_on_gpu, similarities
from xharness.evaluation.options import EvaluateOptions
from xharness.predict.room import Remedies
from xharness.retrieve import bucc, mteb
from xharness.retrieve.approximate import EXACT
from xharness.retrieve.once import Layers
from xharness.retrieve.search import Vectors
from xharness.runs.items import SIMILARITY
from xharness.tasks.base import FloatArray, Items, Metric, Task
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.data import CellData
from xharness.tasks.metrics.bitext import BitextF1
from xharness.tasks.types.bitext_mining import Corpora

Pairs: TypeAlias = list[tuple[str, str]]


@dataclass(frozen=True)
class MiningSettings:
    """Where vectors come from, and how pairs are mined."""

    embedding: EmbeddingSettings
    mining: bucc.MiningOptions


class BitextMiningAnswerer(Answerer[MiningSettings]):
    """All texts of a call are embedded as one stream, each distinct one once."""

    head = Head.ENCODER

    def settings(self, options: EvaluateOptions, task: Task, checkpoint: Checkpoint) -> MiningSettings:
        """See :meth:`Answerer.settings`."""
        return MiningSettings(EmbeddingSettings.of(options, task, checkpoint), options.mining)

    def check_room(
        self,
        loaded: Loaded,
        task: Task,
        examples: Sequence[Corpora],
        settings: MiningSettings,
        max_length: int,
        remedies: Remedies,
    ) -> None:
        """See :meth:`Answerer.check_room`."""
        super().check_room(loaded, task, examples, settings, max_length, remedies)
        settings.embedding.check_room(loaded, task, max_length, remedies)

    def cache_key_fields(self, settings: MiningSettings) -> JsonObject:
        """See :meth:`Answerer.cache_key_fields`."""
        return {**settings.embedding.cache_key_fields(), **settings.mining.cache_key_fields()}

    def signature_parts(self, settings: MiningSettings) -> dict[str, str]:
        """See :meth:`Answerer.signature_parts`."""
        mining = settings.mining
        threshold = "dev" if mining.threshold is None else str(mining.threshold)
        parts = {"margin": mining.margin, "k": str(mining.k), "keep": mining.retrieval, "threshold": threshold}
        parts |= {"index": mining.index} if mining.index != EXACT else {}
        parts |= {"vectors": "fp16"} if mining.vectors == "disk" else {}
        return settings.embedding.signature_parts() | parts

    def remark(self, settings: MiningSettings) -> str:
        """See :meth:`Answerer.remark`."""
        return settings.embedding.remark()

    def answer(self, request: AnswerRequest[MiningSettings]) -> tuple[list[CellAnswers], Throughput]:
        """See :meth:`Answerer.answer`."""
        settings, embedding = request.settings, request.settings.embedding
        mining = replace(settings.mining, gpu=searches_on_gpu(request))
        languages = {cell.language: _language(cell, request.tuning.get(cell.language)) for cell in request.cells}
        corpora = [corpus for language in languages.values() for corpus in (language.dev, language.test) if corpus]
        total = sum(len(corpus.source) + len(corpus.target) for corpus in corpora)
        encoder = Encoder(request, embedding, total, half=mining.vectors == "disk")
        searched = dict[str, Mapping[str, mteb.Searched]]()
        scored = {(cell.language, cell.split): cell for cell in request.cells}

        def search(language: str, split: str, source: Layers, target: Layers) -> None:
            cell = scored.get((language, split))
            if cell is not None:
                searched[language] = _searched(cell, source[embedding.main], target[embedding.main], mining)

        results = bucc.run(languages, encoder, mining, search)
        mined = [
            _with_mteb(_answers(cell, results[cell.language], embedding.main, mining), cell, searched)
            for cell in request.cells
        ]
        return mined, encoder.spent


def _language(cell: CellData, dev: CellData | None) -> bucc.LanguageCorpora:
    """Corpora of one language; gold of dev only."""
    found = [data.examples[0] if data else None for data in (dev, cell if cell.split == "test" else None)]
    corpora = [corpus if isinstance(corpus, Corpora) else None for corpus in found]
    return bucc.LanguageCorpora(dev=corpora[0], dev_gold=_gold(dev), test=corpora[1])


def _gold(cell: CellData | None) -> Pairs | None:
    """Gold pairs of a cell that may be absent."""
    return cell.gold if cell else None  # type: ignore[return-value]  # the reader of the type gives pairs


def _answers(
    cell: CellData, layers: Mapping[int, bucc.MiningResult], main: int, settings: bucc.MiningOptions
) -> CellAnswers:
    """One language's pairs, threshold, dev numbers and oracle."""
    result = layers[main]
    gold = _gold(cell) if cell.split == "test" else None
    extra = _facts(result, main, settings)
    variants = _oracle(result, gold, cell.language, extra)
    if len(layers) > 1:
        extra["sweep"] = _sweep(cell, gold, layers)
    reason = _only_dev(result) if cell.split == "dev" else result.reason
    if result.pairs is None or result.mined is None:
        return CellAnswers(None, variants, extra, reason)
    scores = result.mined.scores[: len(result.pairs)]
    details = {SIMILARITY: similarities(["\t".join(pair) for pair in result.pairs], scores)}
    return CellAnswers(list(result.pairs), variants, extra, reason, details)


def _searched(
    cell: CellData, source: Vectors, target: Vectors, mining: bucc.MiningOptions
) -> Mapping[str, mteb.Searched]:
    """MTEB's search of a cell, where it has gold."""
    corpora, gold = cell.examples[0], _gold(cell)
    if not isinstance(corpora, Corpora) or gold is None:
        return {}
    return mteb.bucc(corpora, gold, source, target, gpu=mining.gpu, chunk=mining.chunk)


def _with_mteb(
    answered: CellAnswers, cell: CellData, searched: Mapping[str, Mapping[str, mteb.Searched]]
) -> CellAnswers:
    """The same with MTEB's numbers: variants of test; of dev, which is not MTEB's data, facts."""
    further = mteb.variants(searched.get(cell.language, {}), cell.language)
    if cell.split == "test":
        return replace(answered, variants={**answered.variants, **further})
    facts = {name: mteb.number(metric, items) for name, (metric, items) in further.items()}
    return replace(answered, extra={**answered.extra, **facts})


def _facts(result: bucc.MiningResult, main: int, settings: bucc.MiningOptions) -> dict[str, Json]:
    """Block, threshold, dev numbers, and recall of a search that is not exact."""
    facts: dict[str, Json] = {
        "layer": main,
        "threshold": result.threshold,
        "threshold_from": result.chosen_on,
        "dev": asdict(result.dev) if result.dev else None,
    }
    if result.mined is not None and settings.index != EXACT:
        facts |= {"index": settings.index, "recall": result.mined.recall}
    return facts


def _oracle(
    result: bucc.MiningResult, gold: Pairs | None, language: str, extra: dict[str, Json]
) -> dict[str, tuple[Metric, Items]]:
    """What the best threshold for test would have given, and that threshold among the facts."""
    if gold is None or result.mined is None or (oracle := result.oracle(gold)) is None:
        return {}
    extra["oracle_threshold_value"] = oracle.value
    pairs = list(result.mined.above(oracle.value))
    return {"oracle_threshold_f1": (BitextF1(), BitextF1().measure(gold, pairs, language))}


def _only_dev(result: bucc.MiningResult) -> str:
    """What can be said of a language that has no test sentences here."""
    if result.dev is None:
        return "only dev is here, without gold"
    dev = result.dev
    chosen = "chosen on the same gold" if result.chosen_on != "given" else "given"
    kept = f"{dev.kept} pairs, {dev.right} right"
    return f"only dev is here: dev F1 {dev.f1:.2f} ({kept}, threshold {dev.value:.4f} {chosen})"


def _sweep(cell: CellData, gold: Pairs | None, layers: Mapping[int, bucc.MiningResult]) -> dict[str, dict[str, float]]:
    """F1 in percent by block: on dev, where the threshold was chosen, and on test, where it was applied."""
    measured: dict[str, dict[str, float]] = {
        "dev_f1": {str(layer): result.dev.f1 for layer, result in layers.items() if result.dev}
    }
    if gold is not None:
        metric = BitextF1()
        measured["f1"] = {
            str(layer): _f1(metric, metric.measure(gold, list(result.pairs), cell.language))
            for layer, result in layers.items()
            if result.pairs is not None
        }
    return {name: scores for name, scores in measured.items() if scores}


def _f1(metric: Metric, items: Items) -> float:
    totals: FloatArray = items.statistics.sum(axis=0)
    return float(metric.aggregate(totals)["f1"])


ANSWERER = BitextMiningAnswerer()
