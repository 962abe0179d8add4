"""Running text of several sentences, with the place of each in it."""

from __future__ import annotations

from collections.abc import Sequence

from xharness.demo.grammar import Grammar
from xharness.demo.meaning import Clause, Sentence
from xharness.demo.questions import between


def passage(grammar: Grammar, facts: Sequence[Clause]) -> tuple[str, list[tuple[int, int]]]:
    """A sentence a fact, and where each begins and ends (in characters): the context of ``questions.told``."""
    gap, text, places = between(grammar), "", []
    for fact in facts:
        text += gap if text else ""
        said = grammar.say(Sentence((fact,)))
        places.append((len(text), len(text) + len(said)))
        text += said
    return text, places
