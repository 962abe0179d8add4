"""Tagging: the prediction on a word's first piece; long sentences in windows, glued so that no word is lost.

The windows are the reference's (google-research/xtreme ``utils_preprocess.py``): words are packed greedily into
segments that fit, without overlap; a word of no pieces, or too many for a segment, becomes the unknown token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

from xharness.compute.batches import IntArray
from xharness.compute.loading import Loaded
from xharness.compute.special_tokens import SpecialTokenTemplate, single_template
from xharness.compute.throughput import Throughput
from xharness.predict.stream import Streaming, require_finite, stream
from xharness.tasks.types.tagging import TaggedSentence

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast
    from transformers.utils import ModelOutput


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of words of one sentence that fits into the model.

    ``firsts`` are the positions of the words' first pieces in ``ids``, which carry the special tokens too.
    """

    sentence: int
    first_word: int
    ids: list[int]
    firsts: list[int]


def tag(
    loaded: Loaded,
    sentences: Sequence[TaggedSentence],
    labels: Sequence[str | None],
    *,
    max_length: int,
    **streaming: Unpack[Streaming],
) -> tuple[list[list[str]], Throughput]:
    """Tag every word of every sentence; outputs of the head that the task does not have are never chosen."""
    template = single_template(loaded.tokenizer)
    segments = segment(loaded, sentences, template, min(max_length, loaded.max_tokens))
    tags = [[""] * len(sentence.words) for sentence in sentences]
    known = [index for index, label in enumerate(labels) if label is not None]

    def use(batch: IntArray, output: ModelOutput) -> None:
        rows = [row for row, i in enumerate(batch) for _ in segments[i].firsts]
        columns = [position for i in batch for position in segments[i].firsts]
        chosen = require_finite(output.logits[rows, columns], loaded)[:, known].argmax(-1).tolist()
        words = ((segments[i], offset) for i in batch for offset in range(len(segments[i].firsts)))
        for (piece, offset), index in zip(words, chosen, strict=True):
            tags[piece.sentence][piece.first_word + offset] = str(labels[known[index]])

    types = [template.token_types(len(piece.ids) - template.size) for piece in segments]
    ids = [piece.ids for piece in segments]
    spent = stream(loaded, ids, types, use, **streaming)
    return tags, spent


def segment(
    loaded: Loaded, sentences: Sequence[TaggedSentence], template: SpecialTokenTemplate, max_length: int
) -> list[Segment]:
    """Cut sentences into segments of at most ``max_length`` pieces, special tokens included."""
    limit = max_length - template.size
    pieces = word_pieces(loaded, [sentence.words for sentence in sentences], limit)
    segments = []
    for number, words in enumerate(pieces):
        start, used = 0, 0
        for word, ids in enumerate([*words, None]):
            if word > start and (ids is None or used + len(ids) > limit):
                segments.append(_segment(number, start, words[start:word], template))
                start, used = word, 0
            used += len(ids or ())
    return segments


def word_pieces(loaded: Loaded, sentences: Sequence[Sequence[str]], limit: int) -> list[list[list[int]]]:
    """Token ids of every word, each distinct word tokenised once and alone."""
    spaced = _needs_space(loaded.tokenizer)
    forms = [[" " + w if spaced and i else w for i, w in enumerate(words)] for words in sentences]
    distinct = list(dict.fromkeys(form for words in forms for form in words))
    encode = loaded.tokenizer
    ids = encode(distinct, add_special_tokens=False, truncation=False, padding=False)["input_ids"] if distinct else []
    unknown = next(i for i in (encode.unk_token_id, encode.eos_token_id, loaded.pad_id) if i is not None)
    table = {form: (row if 0 < len(row) <= limit else [unknown]) for form, row in zip(distinct, ids, strict=True)}
    return [[table[form] for form in words] for words in forms]


def _segment(number: int, start: int, words: Sequence[list[int]], template: SpecialTokenTemplate) -> Segment:
    """Glue words to one input and note where each begins."""
    ids, firsts = list(template.before), []
    for word in words:
        firsts.append(len(ids))
        ids += word
    return Segment(number, start, [*ids, *template.after], firsts)


def _needs_space(tokenizer: PreTrainedTokenizerFast) -> bool:
    """True for tokenizers (byte-level ones) to which a word inside a sentence begins with its space.

    Told from what is done to a text before its vocabulary is looked up, which may have no piece for any probe.
    """
    backend = tokenizer.backend_tokenizer

    def prepared(text: str) -> str:
        if backend.normalizer is not None:
            text = backend.normalizer.normalize_str(text)
        return (
            text
            if backend.pre_tokenizer is None
            else "".join(p for p, _ in backend.pre_tokenizer.pre_tokenize_str(text))
        )

    whole, first, second = prepared("ab cd"), prepared("ab"), prepared("cd")
    return whole != first + second and whole == first + prepared(" cd")
