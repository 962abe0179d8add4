"""A mention of Mewsli-X and the sentence that it stands in, as the text that a model reads.

It is made as google-research/xtreme, ``utils_mewslix.py``, makes it, for training and for evaluation alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from xharness.tasks.readers.entities import normalised
from xharness.tasks.readers.text_spans import CharacterSpan, span_of, spans_of

MARKED = re.compile(r"\{(.*?)\}")


class Context(NamedTuple):
    """The text that mentions stand in, and its sentences."""

    language: str
    text: str
    sentences: list[CharacterSpan]


def context_of(fields: Mapping[str, Any], languages: Sequence[str]) -> Context | str:
    """The context in a file's object; what is wrong with it otherwise."""
    language, text = fields.get("language"), fields.get("text")
    spans = spans_of(fields.get("sentence_spans"), text) if isinstance(text, str) else "no text"
    if not isinstance(language, str) or language not in languages:
        known = f"it must be {languages[0]}" if len(languages) == 1 else f"known are {' '.join(languages)}"
        return f"language {str(language)[:20]!r}: {known}"
    if not isinstance(text, str) or not text:
        return "no text in 'context'; get-mewsli-x.sh of its authors restores the texts"
    return f"sentence_spans: {spans}" if isinstance(spans, str) else Context(language, text, spans)


def query_of(given: Any, context: Context) -> str:
    """What a model reads of a mention, given its ``mention_span``.

    Raises:
        ValueError: with what is wrong with it.
    """
    fields: Mapping[str, Any] = given if isinstance(given, dict) else {}
    text, start, end = context.text, fields.get("start"), fields.get("end")
    span = span_of(start, end, text)
    if span is None:
        raise ValueError(f"mention_span is {start} to {end}, outside its text of {len(text):,} characters")
    words = text[span[0] : span[1]]
    if fields.get("text") != words:
        raise ValueError(f"mention_span says '{str(fields.get('text'))[:40]}', and its text has '{words[:40]}' there")
    inside = [each for each in context.sentences if each[0] <= span[0] and span[1] <= each[1]]
    if not inside:
        raise ValueError("it is in no sentence")
    first, last = inside[0]
    return query_text(text[first : span[0]], words, text[span[1] : last])


def query_text(left: str, mention: str, right: str) -> str:
    """``Paris: He lives in { Paris } now.``: a mention, and the sentence that it stands in.

    Braces that were there become parentheses.
    """
    left, right = (MARKED.sub(r"(\1)", side) for side in (left, right))
    return normalised(f"{mention}: {left} {{ {mention} }} {right}")
