"""Test cases out of templates: what is drawn, and how a language says it.

A case is one draw of everything that is filled in, put into every context and asked every question of the test; it is
passed if every answer is right. The published script draws with numpy's seed 42, but in an order of keys that depends
on the hash of strings in that process, so that nobody, its authors included, can draw its sample again. Here the draws
are the same in all languages, so that cases with equal ids are translations of each other, and equal values are drawn
again rather than left out. Where a text has several variants, that is taken which its conditions name; where the
answer stands for a value, it has the form that the value has in the context, which is what a span can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product

import numpy as np

from xharness.tasks.diagnostics.names import given_names
from xharness.tasks.diagnostics.templates import ENGLISH, TemplateRow, Templates, Variant, keys_of, list_of, phrases

SEED = 42
ATTEMPTS = 50  # draws for each case that is wanted; more means that the templates have no more
NAME = "first_name"
PROPERTY = "property"
_SEPARATORS = re.compile(r"\s*[,،，、]\s*")
_WITHOUT_COMMAS = ("my", "th")  # forms stand between spaces
_SENTENCE_END = (".", "!", "?", "।", "。")


@dataclass(frozen=True)
class Draw:
    """What one case is filled with: places of names, and of the rows of lists; properties with a value each."""

    names: tuple[int, ...]
    rows: tuple[tuple[str, int], ...]
    properties: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Case:
    """One case in one language: its number among the draws, and (place, context, question, answer) of each pair."""

    number: int
    pairs: Sequence[tuple[str, str, str, str]]


@dataclass(frozen=True)
class Suite:
    """Templates of one test with its rules.

    Attributes:
        lists: By name; those of another test where this one has none of its own.
        scenes: English contexts of every test, which conditions may speak of.
        men_only: Templates are in the masculine, so that names are.
    """

    templates: Templates
    lists: Mapping[str, Sequence[TemplateRow]]
    scenes: frozenset[str]
    men_only: bool

    def cases(self, language: str, count: int, seed: int) -> list[Case]:
        """The first ``count`` draws that a language has words for; fewer where the templates have no more."""
        told = (self._tell(number, draw, language) for number, draw in self._draws(seed, count * ATTEMPTS))
        return list(islice((case for case in told if case is not None), count))

    @cached_property
    def _known(self) -> dict[str, list[tuple[str, int]]]:
        """Lists and lines by English phrase."""
        found: dict[str, list[tuple[str, int]]] = {}
        for name, rows in self.lists.items():
            for phrase, line in ((phrase, row.line) for row in rows for phrase in phrases(row.english)):
                found.setdefault(phrase, []).append((name, line))
        return found

    def named(self, conditions: frozenset[str]) -> dict[str, set[int]]:
        """The lines of each list that conditions name; words that name nothing (misspelled ones) say nothing."""
        found: dict[str, set[int]] = {}
        for name, line in (each for phrase in conditions for each in self._known.get(phrase, ())):
            found.setdefault(name, set()).add(line)
        return found

    # -- drawing ------------------------------------------------------------------------------------------------------

    def _draws(self, seed: int, attempts: int) -> Iterator[tuple[int, Draw]]:
        """Different draws, numbered; the same for every language."""
        random = np.random.RandomState(seed)
        keys = sorted({key for row in self.templates.texts() for key in keys_of(row.english)})
        names = sum(list_of(key) == NAME for key in keys)
        lists = sorted({list_of(key) for key in keys} - {NAME, PROPERTY})
        pool = len(given_names(ENGLISH, men_only=self.men_only))
        seen: set[Draw] = set()
        for _ in range(attempts):
            rows = tuple((name, int(random.randint(len(self.lists[name])))) for name in lists)
            drawn = tuple(random.choice(pool, names, replace=False).tolist())
            pair = self._properties(random) if any(list_of(key) == PROPERTY for key in keys) else ()
            draw = Draw(drawn, rows, pair)
            if draw not in seen:
                seen.add(draw)
                yield len(seen) - 1, draw

    def _properties(self, random: np.random.RandomState) -> tuple[tuple[int, int], ...]:
        """Two different properties, and a value of each."""
        both = random.choice(len(self.lists[PROPERTY]), 2, replace=False).tolist()
        return tuple((place, int(random.randint(len(self.lists[self._values(place)])))) for place in both)

    def _values(self, place: int) -> str:
        """The list of the values of a property: that of its English name."""
        return self.lists[PROPERTY][place].english

    # -- telling ------------------------------------------------------------------------------------------------------

    def _tell(self, number: int, draw: Draw, language: str) -> Case | None:
        """A draw in a language; None where it lacks the words."""
        templates, pairs = self.templates, []
        asked = list(zip(templates.questions, templates.answers, strict=True))
        for (scene, context), (turn, (question, answer)) in product(enumerate(templates.contexts), enumerate(asked)):
            words = _Words(self, draw, language, context.english, keys_of(answer.english)[0])
            said = [words.say(row) for row in (context, question, answer)]
            if not all(said):
                continue
            if not words.complete:
                return None
            standing = (text for text in said[2] if text in said[0][0])  # of several forms, the one in the context
            pairs.append((f"{scene}-{turn}", said[0][0], said[1][0], next(standing, said[2][0])))
        return Case(number, pairs) if pairs else None


class _Words:
    """One draw in one language, in one context and for one question."""

    def __init__(self, suite: Suite, draw: Draw, language: str, scene: str, answer: str) -> None:
        self.suite, self.language, self.scene = suite, language, scene
        self.names = [given_names(language, men_only=suite.men_only)[place] for place in draw.names]
        self.rows = {name: suite.lists[name][place] for name, place in draw.rows}
        self.properties = [
            (suite.lists[PROPERTY][place], suite.lists[suite._values(place)][value]) for place, value in draw.properties
        ]
        self.about = int(answer[-1]) - 1 if answer.startswith("p.") else None  # which of the two is asked for
        self.complete = True

    def say(self, row: TemplateRow) -> list[str]:
        """The texts of a row that hold here, the best first, filled in; none if the language has none."""
        return [self._fill(text) for text in self._choose(row, self.about)]

    def _fill(self, text: str) -> str:
        said = ""
        for plain, key in re.findall(r"([^{}]*)(?:\{([^{}]*)\})?", text):
            said += plain
            value = self._value(key.rpartition(":")[2]) if key else ""
            opens = list_of(key) == "obj" and (not said.strip() or said.rstrip().endswith(_SENTENCE_END))
            said += value[:1].upper() + value[1:] if opens else value
        return said

    def _value(self, key: str) -> str:
        name = list_of(key)
        if name == NAME:
            place = {NAME: 0}.get(key, 1)
            return self.names[min(place, len(self.names) - 1)]
        if name == PROPERTY:
            return self._property(key)
        chosen = self._form(self.rows.get(name), None)
        forms = chosen.split() if self.language in _WITHOUT_COMMAS and "[" in key else _SEPARATORS.split(chosen)
        return forms[min(int(key[-2]), len(forms) - 1)] if "[" in key else chosen

    def _property(self, key: str) -> str:
        """Name or value of one of the two properties; a question names the one that it asks for."""
        place = int(key[-1]) - 1 if ".v" in key or self.about is None else self.about
        return self._form(self.properties[place][".v" in key], place)

    def _form(self, row: TemplateRow | None, about: int | None) -> str:
        """The word for a value; nothing, and the case cannot be told, if there is none."""
        chosen = self._choose(row, about) if row else []
        self.complete &= bool(chosen)
        return chosen[0] if chosen else ""

    def _choose(self, row: TemplateRow, about: int | None) -> list[str]:
        """The texts of the variants whose conditions hold, then of those without conditions."""
        variants = row.variants.get(self.language, ())
        fitting = [each for each in variants if each.holds_for and self._holds(each, about)]
        return [each.text for each in (*fitting, *(each for each in variants if not each.holds_for))]

    def _holds(self, variant: Variant, about: int | None) -> bool:
        """Of every list that the conditions speak of, they must name what was drawn, and of the contexts this one."""
        drawn = {name: row.line for name, row in self.rows.items()}
        if about is not None:
            drawn[PROPERTY] = self.properties[about][0].line
        named = {name: lines for name, lines in self.suite.named(variant.holds_for).items() if name in drawn}
        scenes = self.suite.scenes & variant.holds_for
        right = all(drawn[name] in lines for name, lines in named.items()) and (not scenes or self.scene in scenes)
        return right and bool(named or scenes)
