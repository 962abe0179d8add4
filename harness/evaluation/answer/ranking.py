"""Ranking: queries and candidates as vectors of one encoder; the nearest candidates are the answer.

The reference's vector is the last block's. Candidates are encoded in shards that stay in the run folder, so that an
interrupted run, and a later one in other languages, does not encode them again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.compute.batches import IntArray
from xharness.compute.loading import Loaded
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.base import Answerer, AnswerRequest, CellAnswers
from xharness.evaluation.answer.embedding import EmbeddingSettings, Encoder, searches_on_gpu, similarities, width_of
from xharness.evaluation.options import EvaluateOptions
from xharness.predict.layers import layer_signature, main_block, resolve_layer
from xharness.predict.room import Remedies
from xharness.retrieve import ranking
from xharness.retrieve.approximate import EXACT
from xharness.retrieve.shards import VectorShards
from xharness.runs.items import SIMILARITY
from xharness.tasks.base import RankingInputs, Task
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.common.keys import content_key
from xharness.tasks.common.version import VERSION
from xharness.tasks.data import CellData
from xharness.tasks.types.ranking import CUTOFF, Candidates, RankingQueries, Rankings

FOLDER = "candidates"
"""Of the vectors, in a run folder."""
SHARE = "share@20"
"""Of the ranked candidates that are in a language."""
PLAIN = RankingInputs(template="query;candidate", separator="none", query_length=512)
"""Of a task that says nothing of its texts."""


@dataclass(frozen=True)
class RankingSettings:
    """Where vectors come from, how candidates are searched, and where their vectors are kept.

    Attributes:
        source: What tells vectors apart beside block, pooling and texts: the model, precision, batches.
    """

    embedding: EmbeddingSettings
    inputs: RankingInputs
    search: ranking.RankingSearch
    folder: Path
    source: JsonObject


class RankingAnswerer(Answerer[RankingSettings]):
    """All queries of all languages are searched at once in candidates that are encoded once."""

    head = Head.ENCODER

    def settings(self, options: EvaluateOptions, task: Task, checkpoint: Checkpoint) -> RankingSettings:
        """See :meth:`Answerer.settings`."""
        embedding = _with_last_block(EmbeddingSettings.of(options, task, checkpoint), checkpoint.blocks)
        source = {"model": checkpoint.fingerprint, **options.cache_key_fields(), "version": VERSION}
        source = {name: value for name, value in source.items() if name not in ("limit", "reference_quirks")}
        return RankingSettings(embedding, task.ranking or PLAIN, options.ranking, options.out / FOLDER, source)

    def check_room(
        self,
        loaded: Loaded,
        task: Task,
        examples: Sequence[RankingQueries],
        settings: RankingSettings,
        max_length: int,
        remedies: Remedies,
    ) -> None:
        """See :meth:`Answerer.check_room`. The shorter one of queries and candidates decides."""
        shortest = min(max_length, settings.inputs.query_length)
        super().check_room(loaded, task, examples, settings, shortest, remedies)
        settings.embedding.check_room(loaded, task, shortest, remedies)

    def cache_key_fields(self, settings: RankingSettings) -> JsonObject:
        """See :meth:`Answerer.cache_key_fields`."""
        return {**settings.embedding.cache_key_fields(), **settings.search.cache_key_fields()}

    def signature_parts(self, settings: RankingSettings) -> dict[str, str]:
        """See :meth:`Answerer.signature_parts`."""
        inputs = settings.inputs
        parts = {"template": inputs.template, "separator": inputs.separator, "query": str(inputs.query_length)}
        parts |= {"vectors": "fp16"} if inputs.half_precision else {}
        parts |= {"index": settings.search.index} if settings.search.index != EXACT else {}
        return settings.embedding.signature_parts() | parts

    def remark(self, settings: RankingSettings) -> str:
        """See :meth:`Answerer.remark`."""
        return settings.embedding.remark()

    def answer(self, request: AnswerRequest[RankingSettings]) -> tuple[list[CellAnswers], Throughput]:
        """See :meth:`Answerer.answer`."""
        queries = request.stream(RankingQueries)
        answers: list[CellAnswers] = []
        spent = Throughput()
        for start, end in _same_candidates(queries):
            part = replace(request, cells=request.cells[start:end])
            found, took = _answer(part, queries[start:end])
            answers += found
            spent += took
        return answers, spent


def _with_last_block(embedding: EmbeddingSettings, depth: int) -> EmbeddingSettings:
    """The same with the reference's block of ranking, which is the last one, where the reference's was asked for."""
    if embedding.named != "reference":
        return embedding
    layers = embedding.layers if embedding.layer == "sweep" else tuple(resolve_layer("last", depth))
    return replace(embedding, layers=layers, main=main_block("last", depth), shown=layer_signature("last", depth))


def _same_candidates(queries: Sequence[RankingQueries]) -> list[tuple[int, int]]:
    """Runs of cells that rank the same candidates."""
    keys = [each.candidates.sha256 for each in queries]
    cuts = [0, *(place for place in range(1, len(keys)) if keys[place] != keys[place - 1]), len(keys)]
    return list(pairwise(cuts))


def _answer(
    request: AnswerRequest[RankingSettings], queries: Sequence[RankingQueries]
) -> tuple[list[CellAnswers], Throughput]:
    """Cells that rank the same candidates."""
    candidates, settings = queries[0].candidates, request.settings
    shards = _shards(request, candidates)
    texts = [text for each in queries for text in each.texts]
    encoder = Encoder(replace(request, journal=None), settings.embedding, len(texts) + shards.missing)
    vectors = shards.fill(candidates.texts, encoder)  # which keeps them shard by shard
    asked = encoder(texts, max_length=min(request.max_length, settings.inputs.query_length))
    gpu = searches_on_gpu(request)
    found = {layer: ranking.rank(asked[layer], vectors[layer], CUTOFF, settings.search, gpu=gpu) for layer in vectors}
    main = settings.embedding.main
    pools = {
        name: ranking.rank_in_pool(asked[main], vectors[main], pool, CUTOFF, gpu=gpu)
        for name, pool in candidates.pools.items()
    }
    ends = np.cumsum([len(each.ids) for each in queries])
    return [
        _cell(request, cell, each, found, pools, slice(end - len(each.ids), end))
        for cell, each, end in zip(request.cells, queries, ends.tolist(), strict=True)
    ], encoder.spent


def _shards(request: AnswerRequest[RankingSettings], candidates: Candidates) -> VectorShards:
    """Where the vectors of the candidates are, or will be."""
    settings = request.settings
    parts: dict[str, Json] = {
        **settings.source,
        **settings.embedding.cache_key_fields(),
        "layer": list(settings.embedding.layers),
        "max_length": settings.embedding.max_length(request.max_length),
        "half": settings.inputs.half_precision,
        "candidates": candidates.sha256,
        "task": request.task.name,  # makes the texts
    }
    return VectorShards(
        settings.folder,
        content_key(parts)[:16],
        layers=settings.embedding.layers,
        count=len(candidates.rows),
        width=width_of(request.loaded, settings.embedding),
        half=settings.inputs.half_precision,
    )


def _cell(
    request: AnswerRequest[RankingSettings],
    cell: CellData,
    queries: RankingQueries,
    found: Mapping[int, ranking.Ranked],
    pools: Mapping[str, IntArray],
    own: slice,
) -> CellAnswers:
    """Rankings of one cell out of those of all, and how they are spread over languages and blocks."""
    settings, names = request.settings, tuple(queries.candidates.rows)
    main = found[settings.embedding.main]
    extra: dict[str, Json] = {"layer": settings.embedding.main, "candidates": len(names)}
    if settings.search.index != EXACT:
        extra |= {"index": settings.search.index, "recall": main.recall}
    if pools:
        by_pool = {name: _named(queries.ids, names, rows[own]) for name, rows in pools.items()}
        extra["by_answer_language"] = _by_pool(request.task, cell, queries.candidates, main.rows[own], by_pool)
    gold = _gold(cell)
    if len(found) > 1 and gold is not None:
        by_layer = {layer: _named(queries.ids, names, each.rows[own]) for layer, each in found.items()}
        scores = {str(layer): _score(request.task, cell, gold, each) for layer, each in by_layer.items()}
        extra["sweep"] = {request.task.metric.primary_scores[0]: scores}
    details = {SIMILARITY: similarities(queries.ids, main.similarity[own, 0])}
    return CellAnswers(_named(queries.ids, names, main.rows[own]), {}, extra, details=details)


def _by_pool(
    task: Task, cell: CellData, candidates: Candidates, rows: IntArray, by_pool: Mapping[str, Rankings]
) -> dict[str, dict[str, float]]:
    """By language of the answer: its share of what was ranked, and the score where only it is ranked."""
    found = {SHARE: {name: _share(pool, rows) for name, pool in candidates.pools.items()}}
    gold = _gold(cell)
    if gold is None:
        return found
    scores = {}
    for name, answers in by_pool.items():
        pool = candidates.pools[name]
        inside = {
            query: [each for each in right if candidates.rows.get(each.strip()) in pool]
            for query, right in gold.items()
        }
        scores[name] = _score(task, cell, {query: right for query, right in inside.items() if right}, answers)
    return found | {task.metric.primary_scores[0]: scores}


def _gold(cell: CellData) -> Rankings | None:
    return cell.gold  # type: ignore[return-value]  # the reader of the type gives rankings


def _score(task: Task, cell: CellData, gold: Rankings, answers: Rankings) -> float:
    """The task's number in percent; 0 without gold."""
    if not gold:
        return 0.0
    totals = task.metric.measure(gold, answers, cell.language).statistics.sum(axis=0)
    return float(task.metric.aggregate(totals)[task.metric.primary_scores[0]])


def _share(pool: range, rows: IntArray) -> float:
    """How many of the rows are in a pool, in percent."""
    return 100 * float(((rows >= pool.start) & (rows < pool.stop)).mean()) if rows.size else 0.0


def _named(ids: Sequence[str], names: Sequence[str], rows: IntArray) -> Rankings:
    """Rows of candidates as their ids, by query."""
    return {name: [names[row] for row in ranking] for name, ranking in zip(ids, rows.tolist(), strict=True)}


ANSWERER = RankingAnswerer()
