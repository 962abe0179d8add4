"""The words of the demo world: which concepts there are, and what each language calls them.

A concept's word is invented once for the widest circle of languages that share it: some words are international
(most of those are written in Latin letters everywhere, as trade names are), some belong to a continent's languages, a
family or one language alone. A language passes a shared word through its own sound changes and script. So related
languages have many similar words, and unrelated ones still share names, loans and digits: what transfer needs.

There are few concepts, and most are international, many more than in the real world: a tiny encoder has to learn the
words of forty languages within a minute.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property

from xharness.demo.languages import LANGUAGES, DemoLanguage
from xharness.demo.scripts import CONSONANTS, VOWELS, finish, spell

CLASSES = ("animal", "food", "tool", "vehicle", "plant", "building", "garment", "worker")
MEMBERS = 5

# Concepts are named kind/..., for example noun/animal/3; noun/animal is the hypernym of its class.
NOUNS = tuple(f"noun/{c}{i}" for c in CLASSES for i in ("", *(f"/{member}" for member in range(MEMBERS))))
VERBS = tuple(f"verb/{i}" for i in range(16))
ADJECTIVES = tuple(f"adjective/{i}/{pole}" for i in range(6) for pole in "+-")
ADVERBS = tuple(f"adverb/{i}" for i in range(4))
GIVEN = tuple(f"given/{i}" for i in range(20))
FAMILY = tuple(f"family/{i}" for i in range(20))
PLACES = tuple(f"place/{i}" for i in range(20))
FIRMS = tuple(f"firm/{i}" for i in range(12))
FIRM_KINDS = tuple(f"firmkind/{i}" for i in range(3))
_GRAMMAR = "the a this in object not done and because he she they who what where when howmany oh plural"
GRAMMAR = tuple(f"grammar/{word}" for word in _GRAMMAR.split())
CONCEPTS = GRAMMAR + VERBS + ADJECTIVES + ADVERBS + NOUNS + FIRM_KINDS + PLACES + FIRMS + GIVEN + FAMILY

NAMES = ("given", "family", "place", "firm")
SYLLABLES = {"grammar": 1, "verb": 2, "adjective": 2, "adverb": 2, "noun": 2, "firmkind": 2}

INTERNATIONAL = {"grammar": 0.0, "given": 0.8, "family": 0.8, "place": 0.8, "firm": 0.9}
INTERNATIONAL_OTHERS = 0.8
LATIN_EVERYWHERE = 0.9
CIRCLES = {"widest": 0.6, "inner": 0.8}


@dataclass(frozen=True)
class Lexicon:
    """Every concept's word in one language; words of different concepts differ."""

    language: DemoLanguage
    seed: int

    @cached_property
    def words(self) -> dict[str, str]:
        """Concept to written word, in the order of CONCEPTS."""
        words: dict[str, str] = {}
        taken: set[str] = set()
        for concept in CONCEPTS:
            attempt = 0
            while (word := self._word(concept, attempt)) in taken:
                attempt += 1
            taken.add(word)
            words[concept] = word
        return words

    def _word(self, concept: str, attempt: int) -> str:
        """The written word; from the second attempt on the language invents one of its own."""
        kind = concept.split("/")[0]
        circle = self._origin(concept) if attempt == 0 else self.language.code
        syllables = self._invent(concept, circle, attempt)
        if circle == "international" and self._share(concept, "latin") < LATIN_EVERYWHERE:
            word = spell("latin", syllables, {})
        else:
            word = finish(spell(self._script(kind, circle), self._adapt(syllables), self.language.changes))
        return word.capitalize() if kind in NAMES else word

    def _origin(self, concept: str) -> str:
        """The widest circle that shares this concept's word."""
        kind = concept.split("/")[0]
        if self._share(concept, "international") < INTERNATIONAL.get(kind, INTERNATIONAL_OTHERS):
            return "international"
        for depth, circle in enumerate(self.language.circles[:-1]):
            if self._share(concept, circle) < CIRCLES["inner" if depth else "widest"]:
                return circle
        return self.language.code

    def _script(self, kind: str, circle: str) -> str:
        """Japanese writes grammar in one script, loans in another, and the rest in ideographs."""
        if self.language.script != "japanese":
            return self.language.script
        return {"grammar": "hiragana"}.get(kind, "katakana" if circle == "international" else "ideographs")

    def _adapt(self, syllables: list[str]) -> list[str]:
        """Drop final consonants that the language does not have."""
        return [s[:-1] if s[-1] in CONSONANTS and s[-1] not in self.language.finals else s for s in syllables]

    def _share(self, concept: str, circle: str) -> float:
        """A number in [0, 1) that decides whether this circle shares the concept: the same for all its languages."""
        return random.Random(f"{self.seed}/share/{circle}/{concept}").random()

    def _invent(self, concept: str, circle: str, attempt: int) -> list[str]:
        """Syllables of a new word; later attempts are longer."""
        rng = random.Random(f"{self.seed}/word/{circle}/{concept}/{attempt}")
        kind = concept.split("/")[0]
        length = SYLLABLES.get(kind, rng.choice((2, 3))) + attempt // 3
        finals = LANGUAGES[circle].finals if circle in LANGUAGES else "nrslm"
        return [self._syllable(rng, first=i == 0 and length > 1, finals=finals) for i in range(length)]

    @staticmethod
    def _syllable(rng: random.Random, *, first: bool, finals: str) -> str:
        initial = "" if first and rng.random() < 0.15 else rng.choice(CONSONANTS)
        final = rng.choice(finals) if finals and rng.random() < 0.3 else ""
        return initial + rng.choice(VOWELS) + final
