"""Whether inputs have room for text beside their special tokens, and beside a question: asked before a model loads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xharness.compute.loading import Loaded
from xharness.compute.special_tokens import SpecialTokenTemplate, pair_template, single_template
from xharness.predict.spans import SpanOptions
from xharness.tasks.common.errors import UserError
from xharness.tasks.types.extractive_qa import SpanQuestion


@dataclass(frozen=True)
class Remedies:
    """How a command makes room: what to do about the longest input, and (empty if nothing) about questions."""

    longer: str
    shorter: str


PLAIN = Remedies("raise max_length", "lower max_question_length")


def room_for_text(
    loaded: Loaded, name: str, max_length: int, *, paired: bool, remedies: Remedies = PLAIN
) -> tuple[SpecialTokenTemplate, int]:
    """Refuse inputs that are too short for anything of their texts.

    Args:
        name: Of the task.
        max_length: Longest input in word pieces, special tokens included.
        paired: Whether an input has two texts.

    Returns:
        The special tokens around the texts, and the longest input that model and ``max_length`` allow.

    Raises:
        UserError: naming the task and what takes the room.
    """
    limit = min(max_length, loaded.max_tokens)
    template = (pair_template if paired else single_template)(loaded.tokenizer)
    if limit - template.size < (2 if paired else 1):
        raise UserError(
            f"no room for the text of {name}",
            f"the longest input is {limit} pieces, and special tokens take {template.size} of them",
            _fix(loaded, limit, remedies.longer),
        )
    return template, limit


def room_beside_questions(
    loaded: Loaded, name: str, questions: Sequence[SpanQuestion], spans: SpanOptions, remedies: Remedies = PLAIN
) -> None:
    """As :func:`room_for_text` for questions about contexts; they are read only if one could be too long."""
    template, limit = room_for_text(loaded, name, spans.max_length, paired=True, remedies=remedies)
    if limit - template.size <= spans.max_question_length:
        lengths = map(len, encode_questions(loaded, questions))
        room_for_context(min(spans.max_question_length, max(lengths, default=0)), template, loaded, limit, remedies)


def encode_questions(loaded: Loaded, questions: Iterable[SpanQuestion]) -> list[list[int]]:
    """Token ids of questions without special tokens; equal ones are encoded once."""
    texts = [question.question.strip() for question in questions]
    distinct = list(dict.fromkeys(texts))
    if not distinct:
        return []
    encoded = loaded.tokenizer(distinct, add_special_tokens=False, truncation=False, padding=False, verbose=False)
    ids = dict(zip(distinct, encoded["input_ids"], strict=True))
    return [ids[text] for text in texts]


def room_for_context(
    question: int, template: SpecialTokenTemplate, loaded: Loaded, limit: int, remedies: Remedies = PLAIN
) -> int:
    """Pieces of context that fit beside a question of so many pieces.

    Raises:
        UserError: none.
    """
    room = limit - template.size - question
    if room < 1:
        raise UserError(
            f"no room for the context beside a question of {question} pieces",
            f"the longest input is {limit} pieces",
            _fix(loaded, limit, remedies.longer, remedies.shorter),
        )
    return room


def _fix(loaded: Loaded, limit: int, *ways: str) -> str:
    """The ways that help: nothing makes the inputs of a model longer."""
    bounded = limit >= loaded.max_tokens
    longer = f"use a model that takes more than {limit} pieces" if bounded else ways[0]
    return " or ".join(filter(None, (longer, *ways[1:])))
