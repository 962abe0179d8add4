"""UDPOS and PAN-X of the demo world: sentences whose tags are known because we chose every word for what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import TypeAlias

from xharness.demo.files import File, World
from xharness.demo.grammar import Grammar, Token
from xharness.demo.meaning import Sentence, clause, firm, person, place, sentence
from xharness.tasks.base import Task

Tagged: TypeAlias = list[tuple[str, str]]
DrawSentence: TypeAlias = Callable[[Random, Grammar, int], Tagged]
"""From a generator, a language and a number of clauses to a sentence."""


def _speech(rng: Random, grammar: Grammar, clauses: int) -> Tagged:
    """A sentence with parts of speech."""
    said = sentence(rng, 0.5, rng.randint(1, clauses + 1))
    return [(token.form, token.tag) for token in grammar.sentence(said)]


def mention(rng: Random, grammar: Grammar, _clauses: int) -> Tagged:
    """A name alone, a name with a place in brackets, or a sentence about somebody named."""
    draw = rng.random()
    name = rng.choice((person, place, firm))
    if draw < 0.4:
        said = grammar.phrase(name(rng), "")
        if draw < 0.15:
            said += [Token("(", "PUNCT"), *grammar.phrase(place(rng), ""), Token(")", "PUNCT")]
    else:
        about = clause(rng, 0.4)._replace(subject=name(rng))
        if rng.random() < 0.3:
            about = about._replace(object=rng.choice((person, firm))(rng))
        said = grammar.sentence(Sentence((about,)))
    return [(token.form, token.entity) for token in said]


def _text(sentences: Sequence[Tagged], column: int | None) -> str:
    """One word a line (both columns, or one), an empty line between sentences, a single newline at the end."""
    rows = ("\n".join("\t".join(word) if column is None else word[column] for word in said) for said in sentences)
    return "\n\n".join(rows) + "\n"


def speech_files(world: World, task: Task) -> Iterator[File]:
    """English train and dev, and test in every language, with parts of speech."""
    return _files(world, task, _speech)


def entity_files(world: World, task: Task) -> Iterator[File]:
    """The same with named entities."""
    return _files(world, task, mention)


def _files(world: World, task: Task, draw: DrawSentence) -> Iterator[File]:
    """Languages have sentences of their own."""
    for split, count in world.train_counts(task.name).items():
        train = _sentences(world, task, "en", split, count, draw)
        yield File(f"download/{task.name}/{split}-en.tsv", _text(train, None))
    for language in world.languages(task):
        test = _sentences(world, task, language, "test", world.test_count(task, language), draw)
        yield File(f"download/{task.name}/test-{language}.tsv", _text(test, 0))
        yield File(f"labels/{task.name}/test-{language}.tsv", _text(test, 1))


def _sentences(world: World, task: Task, language: str, split: str, count: int, draw: DrawSentence) -> list[Tagged]:
    rng = world.rng(f"{task.name}/{split}/{language}")
    return [draw(rng, world.grammars[language], world.amount.clauses) for _ in range(count)]
