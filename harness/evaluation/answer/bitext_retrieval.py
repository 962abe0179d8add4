"""Bitext retrieval: English to the other language is the answer; the way back is a variant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.compute.loading import Loaded
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.base import Answerer, AnswerRequest, CellAnswers
from xharness.evaluation.answer.embedding import EmbeddingSettings, Encoder, searches_on_gpu, similarities
from xharness.evaluation.options import EvaluateOptions
from xharness.predict.room import Remedies
from xharness.retrieve import mteb, tatoeba
from xharness.runs.items import SIMILARITY
from xharness.tasks.base import Items, Metric, Task
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.metrics.label_f1 import LabelF1
from xharness.tasks.types.bitext_retrieval import Bitext


class BitextRetrievalAnswerer(Answerer[EmbeddingSettings]):
    """All texts of a call are embedded as one stream, each distinct one once."""

    head = Head.ENCODER

    def settings(self, options: EvaluateOptions, task: Task, checkpoint: Checkpoint) -> EmbeddingSettings:
        """See :meth:`Answerer.settings`."""
        return EmbeddingSettings.of(options, task, checkpoint)

    def check_room(
        self,
        loaded: Loaded,
        task: Task,
        examples: Sequence[Bitext],
        settings: EmbeddingSettings,
        max_length: int,
        remedies: Remedies,
    ) -> None:
        """See :meth:`Answerer.check_room`."""
        super().check_room(loaded, task, examples, settings, max_length, remedies)
        settings.check_room(loaded, task, max_length, remedies)

    def cache_key_fields(self, settings: EmbeddingSettings) -> JsonObject:
        """See :meth:`Answerer.cache_key_fields`."""
        return settings.cache_key_fields()

    def signature_parts(self, settings: EmbeddingSettings) -> dict[str, str]:
        """See :meth:`Answerer.signature_parts`."""
        return settings.signature_parts()

    def remark(self, settings: EmbeddingSettings) -> str:
        """See :meth:`Answerer.remark`."""
        return settings.remark()

    def answer(self, request: AnswerRequest[EmbeddingSettings]) -> tuple[list[CellAnswers], Throughput]:
        """See :meth:`Answerer.answer`."""
        bitexts = dict(zip((cell.language for cell in request.cells), request.stream(Bitext), strict=True))
        total = sum(len(bitext.queries) + len(bitext.candidates) for bitext in bitexts.values())
        encoder = Encoder(request, request.settings, total)
        found = tatoeba.retrieve(bitexts, encoder, gpu=searches_on_gpu(request))
        answers = [
            _answers(found[cell.language], cell.gold, cell.language, request.settings.main)  # type: ignore[arg-type]
            for cell in request.cells
        ]
        return answers, encoder.spent


def _answers(
    layers: Mapping[int, tatoeba.NearestNeighbours], gold: Sequence[str] | None, language: str, main: int
) -> CellAnswers:
    """Rows of one language, the way back, and both by block where blocks were swept."""
    variants: dict[str, tuple[Metric, Items]] = {}
    extra: dict[str, Json] = {"layer": main}
    if gold is not None:
        variants["accuracy_to_english"] = (Accuracy(), _way_back(layers[main], gold, language))
        variants["mteb_f1"] = mteb.tatoeba(layers[main].backward, gold).measured(LabelF1(), language)
        if len(layers) > 1:
            extra["sweep"] = _sweep(layers, gold)
    rows = [str(row) for row in layers[main].forward.tolist()]
    details = {SIMILARITY: similarities([str(k) for k in range(len(rows))], layers[main].similarity)}
    return CellAnswers(rows, variants, extra, details=details)


def _way_back(found: tatoeba.NearestNeighbours, gold: Sequence[str], language: str) -> Items:
    """For each sentence of the other language, whether its English one is found."""
    back = found.backward[[int(row) for row in gold]].tolist()
    return Accuracy().measure([str(k) for k in range(len(back))], [str(k) for k in back], language)


def _sweep(layers: Mapping[int, tatoeba.NearestNeighbours], gold: Sequence[str]) -> dict[str, dict[str, float]]:
    """Accuracy in percent by block, in both directions."""
    rows = np.array([int(row) for row in gold])
    return {
        "accuracy": {str(layer): 100 * float((found.forward == rows).mean()) for layer, found in layers.items()},
        "accuracy_to_english": {
            str(layer): 100 * float(tatoeba.right_back(found, gold).mean()) for layer, found in layers.items()
        },
    }


ANSWERER = BitextRetrievalAnswerer()
