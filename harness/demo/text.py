"""Unlabelled text of the demo world, one file a language: short documents with an empty line between them.

Most are pages in two languages, the same sentence in English and in the language, in any order; the others tell a few
facts, ask about one and answer. Bilingual pages are what makes the languages of a tiny encoder meet within a minute
(Conneau and Lample 2019 call it translation language modelling); names, loanwords and digits help.

Meanings are drawn for this text apart from those of the tasks; by chance fewer than one test sentence in a thousand
is here all the same, as there are only so many short ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from xharness.demo.files import File, World, lines
from xharness.demo.grammar import Grammar
from xharness.demo.meaning import clause, sentence
from xharness.demo.questions import paragraph, roles, told
from xharness.tasks.base import Task

BILINGUAL = 0.8
QUESTIONS = 0.25


def text_files(world: World, _task: Task) -> Iterator[File]:
    """``text/<language>.txt`` of every language."""
    for code, grammar in world.grammars.items():
        rng = world.rng(f"text/{code}")
        pages = (_page(rng, grammar, world.grammars["en"]) for _ in range(world.amount.text))
        yield File(f"text/{code}.txt", "\n".join(lines(page) for page in pages))


def _page(rng: Random, grammar: Grammar, english: Grammar) -> list[str]:
    """One document."""
    if grammar is english or rng.random() > BILINGUAL:
        return _interview(rng, grammar)
    pair = [english, grammar]
    rng.shuffle(pair)
    if rng.random() < QUESTIONS:
        fact = clause(rng, 0.5)
        asked = rng.choice(roles(fact))
        return [speaker.question(fact, asked) for speaker in pair]
    said = sentence(rng, 0.5)
    return [speaker.say(said) for speaker in pair]


def _interview(rng: Random, grammar: Grammar) -> list[str]:
    """Two facts, a question about one of them, and its answer."""
    page = told(grammar, paragraph(rng, f"interview/{rng.random()}", facts=2, questions=1))
    (question,) = page["qas"]
    return [page["context"], question["question"], question["answers"][0]["text"]]
