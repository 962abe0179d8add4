"""Retrieval and mining as :mod:`harness.answering` wants them; all texts of a call are embedded as one stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from harness.layers import main_block, resolve_layer, resolve_pooling
from harness.predict.embed import embed
from harness.retrieve import bucc, tatoeba
from harness.retrieve.approximate import EXACT
from harness.retrieve.once import Encode, Layers
from harness.throughput import Throughput
from tasks.base import Bitext, Corpora, FloatArray, Items, Metric
from tasks.data import CellData
from tasks.metrics.accuracy import Accuracy
from tasks.metrics.bitext import PairSet

if TYPE_CHECKING:
    from harness.answering import Outcome, Request

SIMILARITY = "similarity"  # of what was found, by query (Tatoeba) or by "source id TAB target id" (BUCC)


def retrieve(request: Request) -> tuple[list[Outcome], Throughput]:
    """Tatoeba: English to the other language is the answer; the way back is a variant."""
    from harness.answering import Outcome

    bitexts = {cell.language: cell.examples[0] for cell in request.cells}
    known = {language: bitext for language, bitext in bitexts.items() if isinstance(bitext, Bitext)}
    encode, spent, chosen = _encoder(
        request, sum(len(bitext.queries) + len(bitext.candidates) for bitext in known.values())
    )
    found = tatoeba.retrieve(known, encode, gpu=_gpu(request))
    outcomes = []
    for cell in request.cells:
        layers, variants = found[cell.language], {}
        extra: dict[str, Any] = {"layer": chosen}
        if cell.gold is not None:
            variants["accuracy_to_english"] = (Accuracy(), _back(layers[chosen], cell))
            if len(layers) > 1:
                extra["sweep"] = _tatoeba_sweep(layers, cell.gold)
        rows = [str(row) for row in layers[chosen].forward.tolist()]
        details = {SIMILARITY: _scored([str(k) for k in range(len(rows))], layers[chosen].similarity)}
        outcomes.append(Outcome(rows, variants, extra, details=details))
    return outcomes, spent[0]


def mine(request: Request) -> tuple[list[Outcome], Throughput]:
    """BUCC: the threshold comes from dev gold; the best one for test is a variant under a name that says so."""
    settings = replace(request.options.mining, gpu=_gpu(request))
    languages = {cell.language: _language(cell, request.dev.get(cell.language)) for cell in request.cells}
    corpora = [corpus for language in languages.values() for corpus in (language.dev, language.test) if corpus]
    total = sum(len(corpus.source) + len(corpus.target) for corpus in corpora)
    on_disk = request.options.out if settings.vectors == "disk" else None
    encode, spent, chosen = _encoder(request, total, on_disk)
    results = bucc.run(languages, encode, settings)
    return [_mined(cell, results[cell.language], chosen, settings) for cell in request.cells], spent[0]


def _encoder(request: Request, total: int, on_disk: Path | None = None) -> tuple[Encode, list[Throughput], int]:
    """The function that embeds texts, where it leaves its throughput, and the layer whose answers count.

    A sweep scores all layers from one pass; its answers are those of the reference layer, because the best one on
    test is no fair choice.

    Args:
        total: Texts that it will be asked for in all its calls.
        on_disk: Folder for the vectors.
    """
    depth = request.ability.checkpoint.blocks
    layers = resolve_layer(request.options.layer, depth)
    spent, done = [Throughput()], 0

    def encode(texts: Sequence[str]) -> Layers:
        nonlocal done
        embedded = embed(
            request.loaded,
            texts,
            layers=layers,
            pooling=resolve_pooling(request.options.pooling),
            max_length=request.max_length,
            batch_tokens=request.batch_tokens,
            on_disk=on_disk,
            progress=lambda share: request.progress((done + share * len(texts)) / max(1, total)),
            on_halved=request.halved,
        )
        spent[0] += embedded.throughput
        done += len(texts)
        return embedded.by_layer()

    return encode, spent, main_block(request.options.layer, depth)


def _scored(ids: Sequence[str], scores: ArrayLike) -> Items:
    """One number an item, shape (items, 1)."""
    return Items(tuple(ids), tuple(ids), np.asarray(scores, dtype=np.float64).reshape(-1, 1))


def _gpu(request: Request) -> bool:
    return request.loaded.device.name.startswith("cuda")


def _back(found: tatoeba.Found, cell: CellData) -> Items:
    """Statistics of the way back: for each sentence of the other language, whether its English one is found."""
    back = found.backward[[int(row) for row in cell.gold or ()]].tolist()
    return Accuracy().measure([str(k) for k in range(len(back))], [str(k) for k in back], cell.language)


def _tatoeba_sweep(layers: Mapping[int, tatoeba.Found], gold: Sequence[str]) -> dict[str, dict[str, float]]:
    """Accuracy in percent by block, in both directions."""
    rows = np.array([int(row) for row in gold])
    return {
        "accuracy": {str(layer): 100 * float((found.forward == rows).mean()) for layer, found in layers.items()},
        "accuracy_to_english": {
            str(layer): 100 * float(tatoeba.right_back(found, gold).mean()) for layer, found in layers.items()
        },
    }


def _language(cell: CellData, dev: CellData | None) -> bucc.Language:
    """Corpora of one language; gold of dev only."""
    found = [data.examples[0] if data else None for data in (dev, cell if cell.split == "test" else None)]
    corpora = [corpus if isinstance(corpus, Corpora) else None for corpus in found]
    return bucc.Language(dev=corpora[0], dev_gold=dev.gold if dev else None, test=corpora[1])


def _mined(cell: CellData, layers: Mapping[int, bucc.Result], chosen: int, settings: bucc.Settings) -> Outcome:
    """One language's pairs, threshold, dev numbers and oracle."""
    from harness.answering import Outcome

    result = layers[chosen]
    extra: dict[str, Any] = {
        "layer": chosen,
        "threshold": result.threshold,
        "threshold_from": result.chosen_on,
        "dev": asdict(result.dev) if result.dev else None,
    }
    variants: dict[str, tuple[Metric, Items]] = {}
    if result.mined is not None and settings.index != EXACT:
        extra |= {"index": settings.index, "recall": result.mined.recall}
    gold = cell.gold if cell.split == "test" else None
    if gold is not None and result.mined is not None and (oracle := result.oracle(gold)) is not None:
        pairs = list(result.mined.above(oracle.value))
        variants["oracle_threshold_f1"] = (PairSet(), PairSet().measure(gold, pairs, cell.language))
        extra["oracle_threshold_value"] = oracle.value
    if len(layers) > 1:
        extra["sweep"] = _bucc_sweep(cell, gold, layers)
    reason = _only_dev(result) if cell.split == "dev" else result.reason
    if result.pairs is None or result.mined is None:
        return Outcome(None, variants, extra, reason)
    scores = result.mined.scores[: len(result.pairs)]
    details = {SIMILARITY: _scored(["\t".join(pair) for pair in result.pairs], scores)}
    return Outcome(list(result.pairs), variants, extra, reason, details)


def _only_dev(result: bucc.Result) -> str:
    """What can be said of a language that has no test sentences here."""
    if result.dev is None:
        return "only dev is here, without gold"
    dev = result.dev
    chosen = "chosen on the same gold" if result.chosen_on != "given" else "given"
    kept = f"{dev.kept} pairs, {dev.right} right"
    return f"only dev is here: dev F1 {dev.f1:.2f} ({kept}, threshold {dev.value:.4f} {chosen})"


def _bucc_sweep(cell: CellData, gold: Any, layers: Mapping[int, bucc.Result]) -> dict[str, dict[str, float]]:
    """F1 in percent by block: on dev, where the threshold was chosen, and on test, where it was applied."""
    measured: dict[str, dict[str, float]] = {
        "dev_f1": {str(layer): result.dev.f1 for layer, result in layers.items() if result.dev}
    }
    if gold is not None:
        metric = PairSet()
        measured["f1"] = {
            str(layer): _f1(metric, metric.measure(gold, list(result.pairs), cell.language))
            for layer, result in layers.items()
            if result.pairs is not None
        }
    return {name: scores for name, scores in measured.items() if scores}


def _f1(metric: Metric, items: Items) -> float:
    totals: FloatArray = items.counts.sum(axis=0)
    return float(metric.aggregate(totals)["f1"])
