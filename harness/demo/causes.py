"""XCOPA and Social IQa of the demo world: what goes with what happened is about the same thing.

Every verb has one other verb about things of its class. An answer with that verb, about the very thing of the premise,
goes with it; the others are about things of other classes. Items of XCOPA are the same in all languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from xharness.demo.files import File, World, dump
from xharness.demo.grammar import Grammar
from xharness.demo.intermediate import FOLDER
from xharness.demo.lexicon import CLASSES, VERBS
from xharness.demo.meaning import Clause, Sentence, clause, fitting
from xharness.tasks.base import Task
from xharness.tasks.common.json_types import JsonObject

ENGLISH = "en"


class CauseItem(NamedTuple):
    """What happened, what is asked (cause or effect), the answers, and which of them is right."""

    premise: Clause
    asked: str
    choices: tuple[Clause, ...]
    label: int


def items(rng: Random, count: int, choices: int) -> list[CauseItem]:
    """That many items of so many choices."""
    return [_item(rng, choices) for _ in range(count)]


def _item(rng: Random, choices: int) -> CauseItem:
    premise = clause(rng, 0.3)
    own = fitting(premise.verb)
    label = rng.randrange(choices)
    wrong = [_about(rng, one) for one in rng.sample([one for one in CLASSES if one != own], choices - 1)]
    right = _about(rng, own, unlike=premise.verb)._replace(object=premise.object)
    return CauseItem(premise, rng.choice(("cause", "effect")), (*wrong[:label], right, *wrong[label:]), label)


def _about(rng: Random, kind: str, unlike: str = "") -> Clause:
    """A short clause about a thing of a class, with another verb than ``unlike``."""
    return clause(rng, 0, rng.choice([verb for verb in VERBS if fitting(verb) == kind and verb != unlike]))


def xcopa_files(world: World, task: Task) -> Iterator[File]:
    """Dev and test in every language; COPA, which models train on, is the English train and dev."""
    for split, count in world.train_counts(task.name).items():
        name = "val" if split == "dev" else split
        made = items(world.rng(f"xcopa/{split}"), count, choices=2)
        spoken = (ENGLISH, *world.languages(task)) if split == "dev" else (ENGLISH,)
        for language in spoken:
            yield File(f"download/xcopa/{name}-{language}.jsonl", _lines(world.grammars[language], made))
    count = max(world.test_count(task, language) for language in world.languages(task))
    test = items(world.rng("xcopa/test"), count, choices=2)
    for language in world.languages(task):
        cut = test[: world.test_count(task, language)]
        blanked = [item._replace(label=0) for item in cut]
        yield File(f"download/xcopa/test-{language}.jsonl", _lines(world.grammars[language], blanked))
        yield File(f"labels/xcopa/test-{language}.jsonl", "".join(dump({"label": item.label}) for item in cut))


def _lines(grammar: Grammar, made: Sequence[CauseItem]) -> str:
    """Items as XCOPA has them."""
    return "".join(dump({**_told(grammar, item), "idx": number}) for number, item in enumerate(made))


def _told(grammar: Grammar, item: CauseItem) -> JsonObject:
    first, second = (_say(grammar, choice) for choice in item.choices)
    premise = _say(grammar, item.premise)
    return {"premise": premise, "choice1": first, "choice2": second, "question": item.asked, "label": item.label}


def _say(grammar: Grammar, said: Clause) -> str:
    return grammar.say(Sentence((said,)))


def social_files(world: World, _task: Task) -> Iterator[File]:
    """Train and dev of Social IQa."""
    for split, count in world.train_counts(FOLDER).items():
        made = items(world.rng(f"socialiqa/{split}"), count, choices=3)
        rows = (_social(world.grammars[ENGLISH], item) for item in made)
        short = "trn" if split == "train" else split
        yield File(f"{FOLDER}/socialiqa/socialIQa_v1.4_{short}.jsonl", "".join(map(dump, rows)))


def _social(grammar: Grammar, item: CauseItem) -> JsonObject:
    """An item as Social IQa has it."""
    answers = {f"answer{letter}": _say(grammar, each) for letter, each in zip("ABC", item.choices, strict=True)}
    asked = f"{grammar.words['grammar/what'].title()}?"
    return {"context": _say(grammar, item.premise), "question": asked, **answers, "correct": "ABC"[item.label]}
