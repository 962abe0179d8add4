"""Text classification: a label for one text or two, by one look at it or by the vote over copies with other words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.checkpoints.compatibility import Compatible, Incompatible, fit_labels
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.base import Answerer, AnswerRequest, CellAnswers
from xharness.evaluation.options import VOTES, EvaluateOptions
from xharness.predict.smoothing import Smoothing
from xharness.predict.text_classification import classify, vote
from xharness.tasks.base import Task
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.synonyms import Synonyms, read_synonyms
from xharness.tasks.types.text_classification import SentencePair


class TextClassificationAnswerer(Answerer[Smoothing | None]):
    """Every label of the task needs an output of the head, and the other way round."""

    head = Head.SEQUENCE
    paired = True

    def fit(self, task: Task, checkpoint: Checkpoint) -> Compatible | Incompatible:
        """See :meth:`Answerer.fit`."""
        return fit_labels(task, checkpoint, self.head)

    def settings(self, options: EvaluateOptions, _task: Task, _checkpoint: Checkpoint) -> Smoothing | None:
        """How texts are varied; None where they are answered as they are."""
        if options.synonyms is None:
            return None
        return Smoothing(_read(options.synonyms), options.votes or VOTES, options.seed)

    def cache_key_fields(self, settings: Smoothing | None) -> JsonObject:
        """See :meth:`Answerer.cache_key_fields`."""
        if settings is None:
            return {}
        return {"synonyms": settings.synonyms.sha, "votes": settings.votes, "seed": settings.seed}

    def signature_parts(self, settings: Smoothing | None) -> dict[str, str]:
        """See :meth:`Answerer.signature_parts`."""
        if settings is None:
            return {}
        return {"votes": f"{settings.votes}/synonyms={settings.synonyms.sha[:8]}/seed={settings.seed}"}

    def renamed(self, answers: object, names: Mapping[str, str]) -> list[str]:
        """See :meth:`Answerer.renamed`."""
        assert isinstance(answers, list)
        return [names[label] for label in answers]

    def answer(self, request: AnswerRequest[Smoothing | None]) -> tuple[list[CellAnswers], Throughput]:
        """See :meth:`Answerer.answer`."""
        texts, labels, length = request.stream(SentencePair), request.labels, request.max_length
        if request.settings is None:
            found, spent = classify(request.loaded, texts, labels, max_length=length, **request.streaming)
        else:
            found, spent = vote(request.loaded, texts, labels, request.settings, max_length=length, **request.streaming)
        return [CellAnswers(part) for part in request.by_cell(found)], spent


def _read(path: Path) -> Synonyms:
    """A list of synonyms, read once as long as it is not written: every cell asks for it."""
    if not path.is_file():
        return read_synonyms(path)  # which says so
    facts = path.stat()
    return _known(path, facts.st_ino, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=1)
def _known(path: Path, *_state: int) -> Synonyms:
    return read_synonyms(path)


ANSWERER = TextClassificationAnswerer()
