"""XNLI and PAWS-X of the demo world: pairs whose relation is known because we made the second from the first.

Items are the same in all languages, and so are their labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from xharness.demo.files import File, World, lines, table
from xharness.demo.grammar import Grammar
from xharness.demo.lexicon import ADJECTIVES, ADVERBS, MEMBERS
from xharness.demo.meaning import YEARS, Clause, Phrase, Sentence, clause, person, place
from xharness.tasks.base import Task

Pair = tuple[Sentence, Sentence, str]


def _thin(rng: Random, said: Clause, keep: float) -> Clause:
    """The clause with optional parts left out, each at probability ``1 - keep``."""
    return said._replace(
        place=said.place if rng.random() < keep else None,
        year=said.year if rng.random() < keep else 0,
        adverb=said.adverb if rng.random() < keep else "",
    )


def _entailed(rng: Random, said: Clause) -> Clause:
    """Say less, or say it more generally. A denial stays true only as it is, so it is merely said in another order."""
    if said.negated:
        return said._replace(fronted=not said.fronted)
    thing = said.object._replace(adjective=said.object.adjective if rng.random() < 0.4 else "")
    if rng.random() < 0.4:
        thing = thing._replace(words=(thing.words[0].rsplit("/", 1)[0],))
    return _thin(rng, said, 0.3)._replace(object=thing)


def _contradicted(rng: Random, said: Clause) -> Clause:
    """Deny it, or change the number or the adjective to its opposite."""
    thing = said.object
    changes = [said._replace(negated=not said.negated)]
    if thing.adjective and not said.negated:
        opposite = thing.adjective[:-1] + {"+": "-", "-": "+"}[thing.adjective[-1]]
        changes.append(said._replace(object=thing._replace(adjective=opposite)))
    if thing.number and not said.negated:
        other = thing.number + rng.randrange(1, 9)
        changes.append(said._replace(object=thing._replace(number=other)))
    changed = rng.choice(changes)
    return changed if said.negated else _thin(rng, changed, 0.6)


def _undecided(rng: Random, said: Clause) -> Clause:
    """Say it of somebody else, or add a place, a year, a manner or a quality (which a denial would entail)."""
    thing = said.object
    changes = [said._replace(subject=person(rng, unlike=said.subject))]
    if not said.negated:
        changes += [said._replace(place=place(rng))] * (said.place is None)
        changes += [said._replace(year=rng.randrange(*YEARS))] * (not said.year)
        changes += [said._replace(adverb=rng.choice(ADVERBS))] * (not said.adverb)
        changes += [said._replace(object=thing._replace(adjective=rng.choice(ADJECTIVES)))] * (not thing.adjective)
    return rng.choice(changes)


RELATED: dict[str, Callable[[Random, Clause], Clause]] = {
    "contradiction": _contradicted,
    "entailment": _entailed,
    "neutral": _undecided,
}


def inferences(rng: Random, count: int, clauses: int) -> list[Pair]:
    """Premise, hypothesis and label; three in a row share their premise, as in XNLI."""
    pairs: list[Pair] = []
    while len(pairs) < count:
        said = clause(rng, 0.6)._replace(negated=rng.random() < 0.15)
        more = tuple(clause(rng, 0.5) for _ in range(clauses - 1))
        labels = list(RELATED)
        rng.shuffle(labels)
        pairs += [(Sentence((said, *more)), Sentence((RELATED[label](rng, said),)), label) for label in labels]
    return pairs[:count]


def meeting(rng: Random) -> Clause:
    """Somebody does something to somebody, somewhere or some time."""
    other = person(rng) if rng.random() < 0.5 else Phrase("noun", (f"noun/worker/{rng.randrange(MEMBERS)}",))
    said = clause(rng, 0.5)._replace(subject=person(rng), object=other, fronted=False)
    return said if said.place or said.year else said._replace(place=place(rng))


def paraphrases(rng: Random, count: int, clauses: int) -> list[Pair]:
    """Two sentences of the same words: "1" if they differ only in order, "0" if the roles are swapped."""
    pairs: list[Pair] = []
    while len(pairs) < count:
        first = meeting(rng)
        if first.subject == first.object:
            continue
        label = rng.choice("01")
        second = first._replace(fronted=label == "1" or rng.random() < 0.5)
        if label == "0":
            second = second._replace(subject=first.object, object=first.subject)
        if rng.random() < 0.5:
            first, second = second, first
        more = tuple(clause(rng, 0.5) for _ in range(clauses - 1))
        pairs.append((Sentence((first, *more)), Sentence((second, *more)), label))
    return pairs


def inference_files(world: World, task: Task) -> Iterator[File]:
    """English train and dev, and test in every language, of pairs that entail, contradict or do neither."""
    return _files(world, task, inferences)


def paraphrase_files(world: World, task: Task) -> Iterator[File]:
    """The same of pairs that say the same or not."""
    return _files(world, task, paraphrases)


def _files(world: World, task: Task, make: Callable[[Random, int, int], list[Pair]]) -> Iterator[File]:
    clauses = world.amount.clauses
    for split, count in world.train_counts(task.name).items():
        pairs = make(world.rng(f"{task.name}/{split}"), count, clauses)
        yield File(f"download/{task.name}/{split}-en.tsv", table(_rows(world.grammars["en"], pairs)))
    count = max(world.test_count(task, language) for language in world.languages(task))
    test = make(world.rng(f"{task.name}/test"), count, clauses)
    for language in world.languages(task):
        pairs = test[: world.test_count(task, language)]
        blank = (row[:2] for row in _rows(world.grammars[language], pairs))
        yield File(f"download/{task.name}/test-{language}.tsv", table(blank))
        yield File(f"labels/{task.name}/test-{language}.tsv", lines(label for _, _, label in pairs))


def _rows(grammar: Grammar, pairs: list[Pair]) -> Iterator[tuple[str, str, str]]:
    return ((grammar.say(first), grammar.say(second), label) for first, second, label in pairs)
