"""What is said, before any language says it: phrases and clauses of concepts, and how they are drawn at random.

Every task of the demo world starts from these, so that its gold is right by construction and the same in all languages.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from xharness.demo.lexicon import ADJECTIVES, ADVERBS, CLASSES, FAMILY, FIRM_KINDS, FIRMS, GIVEN, MEMBERS, PLACES, VERBS

YEARS = (1950, 2030)


class Phrase(NamedTuple):
    """Something or someone.

    Attributes:
        kind: noun, person, place, firm or pronoun.
        words: Concepts of the head; a name may have two.
        number: 0 where no number is said.
        share: The number is a percentage.
        determiner: the, a, this, or "".
    """

    kind: str
    words: tuple[str, ...]
    adjective: str = ""
    number: int = 0
    share: bool = False
    determiner: str = ""


class Clause(NamedTuple):
    """Somebody does something to something, perhaps somewhere and in some year (0: not said)."""

    subject: Phrase
    verb: str
    object: Phrase
    place: Phrase | None = None
    year: int = 0
    adverb: str = ""
    done: bool = False
    negated: bool = False
    fronted: bool = False


class Sentence(NamedTuple):
    """Clauses joined by ``link`` (a grammar concept), perhaps after an interjection."""

    clauses: tuple[Clause, ...]
    link: str = "and"
    oh: bool = False


def person(rng: Random, unlike: Phrase | None = None, given: str = "") -> Phrase:
    """A person's name, mostly given and family name; another one than ``unlike``."""
    name, family = given or rng.choice(GIVEN), rng.choice(FAMILY)
    found = Phrase("person", (name, family) if rng.random() < 0.7 else (name,))
    return person(rng, unlike) if found == unlike else found


def place(rng: Random, name: str = "") -> Phrase:
    """A place name; some carry an adjective as towns called New or Great do."""
    name = name or rng.choice(PLACES)
    return Phrase("place", (rng.choice(ADJECTIVES), name) if rng.random() < 0.2 else (name,))


def firm(rng: Random) -> Phrase:
    """An organisation's name, mostly with the word for what it is."""
    name, kind = rng.choice(FIRMS), rng.choice(FIRM_KINDS)
    return Phrase("firm", (name, kind) if rng.random() < 0.6 else (name,))


def thing(rng: Random, rich: float, classes: tuple[str, ...] = CLASSES) -> Phrase:
    """A common noun with an adjective and a number at probability ``rich`` each (the number at half of it)."""
    noun = f"noun/{rng.choice(classes)}/{rng.randrange(MEMBERS)}"
    adjective = rng.choice(ADJECTIVES) if rng.random() < rich else ""
    if rng.random() < rich / 2:
        share = rng.random() < 0.15
        return Phrase("noun", (noun,), adjective, rng.randrange(5, 95) if share else rng.randrange(2, 20), share)
    return Phrase("noun", (noun,), adjective, determiner=rng.choice(("the", "the", "a", "a", "this")))


def actor(rng: Random, rich: float) -> Phrase:
    """Someone who can act: a person, a firm, a pronoun, an animal or a worker."""
    draw = rng.random()
    if draw < 0.35:
        return person(rng)
    if draw < 0.5:
        return firm(rng)
    if draw < 0.6:
        return Phrase("pronoun", (rng.choice(("grammar/he", "grammar/she", "grammar/they")),))
    return thing(rng, rich / 2, ("animal", "worker"))


def fitting(verb: str) -> str:
    """The class of things that a verb is about: one eats food and drives vehicles."""
    return CLASSES[int(verb.removeprefix("verb/")) % len(CLASSES)]


def clause(rng: Random, rich: float, verb: str = "") -> Clause:
    """A random clause, of this verb if one is given; every optional part is there with probability ``rich`` or less."""
    where = None
    if rng.random() < rich:
        where = place(rng) if rng.random() < 0.6 else Phrase("noun", (f"noun/building/{rng.randrange(MEMBERS)}",))
    verb = verb or rng.choice(VERBS)
    return Clause(
        subject=actor(rng, rich),
        verb=verb,
        object=thing(rng, rich, (fitting(verb),)),
        place=where,
        year=rng.randrange(*YEARS) if rng.random() < rich / 2 else 0,
        adverb=rng.choice(ADVERBS) if rng.random() < rich / 2 else "",
        done=rng.random() < 0.3,
        negated=rng.random() < 0.1,
        fronted=rng.random() < 0.2,
    )


def sentence(rng: Random, rich: float, clauses: int = 1) -> Sentence:
    """A random sentence of that many clauses."""
    link = rng.choice(("and", "because"))
    return Sentence(tuple(clause(rng, rich) for _ in range(clauses)), link, oh=rng.random() < 0.05)
