"""Mewsli-X of the demo world, in its released files: people whose descriptions tell facts, and mentions of them.

Every person is described once, in one of the languages of the world. A mention stands in a sentence that tells one of
the facts of the description, in the language of the test; those that models train on are English.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from random import Random
from typing import NamedTuple

from xharness.demo.files import File, World, dump
from xharness.demo.grammar import Grammar
from xharness.demo.lexicon import FAMILY, GIVEN
from xharness.demo.meaning import Clause, Phrase, Sentence, clause
from xharness.demo.passages import passage
from xharness.demo.questions import part_of
from xharness.tasks.base import Task
from xharness.tasks.common.json_types import JsonObject

FACTS = 2  # sentences of a description
ENGLISH = "en"


class Entity(NamedTuple):
    """A person, what is told of them, and the language of the description."""

    id: str
    name: Phrase
    facts: tuple[Clause, ...]
    language: str


def mewslix_files(world: World, task: Task) -> Iterator[File]:
    """All candidates, mentions of dev and test, the gold of test, and pairs to train on."""
    everybody = _everybody(world)
    half = len(everybody) // 2  # nobody is in both training and test
    folder, rng = f"download/{task.name}", world.rng(f"{task.name}/mentions")
    yield File(f"{folder}/candidate_set_entities.jsonl", "".join(dump(_described(world, each)) for each in everybody))
    for split in ("test", "dev"):
        named = {language: _named(world, rng, task, language, everybody[:half]) for language in world.languages(task)}
        articles = [
            _article(world.grammars[language], rng, f"{split}-{language}-{number}", entity)
            for language, entities in named.items()
            for number, entity in enumerate(entities)
        ]
        yield File(f"{folder}/wikinews_mentions-{split}.jsonl", "".join(map(dump, articles)))
        if split == "test":
            yield from _labels(task, named)
    yield from _pairs(world, folder, everybody[half:])


def _everybody(world: World) -> list[Entity]:
    """Every name once, in random order."""
    rng = world.rng("mewslix/entities")
    names = list(product(GIVEN, FAMILY))
    rng.shuffle(names)
    people = (Phrase("person", name) for name in names)
    return [
        Entity(f"Q{number}", name, tuple(_fact(rng, name) for _ in range(FACTS)), rng.choice(list(world.grammars)))
        for number, name in enumerate(people, 1)
    ]


def _fact(rng: Random, name: Phrase) -> Clause:
    return clause(rng, 0.4)._replace(subject=name, negated=False)


def _described(world: World, entity: Entity) -> JsonObject:
    """A line of the candidate set."""
    grammar = world.grammars[entity.language]
    text, places = passage(grammar, entity.facts)
    return {
        "entity_id": entity.id,
        "title": grammar.text(grammar.phrase(entity.name, "")),
        "description": text,
        "description_url": f"https://{entity.language}.example/{entity.id}",
        "description_language": entity.language,
        "sentence_spans": _spans(places),
    }


def _named(world: World, rng: Random, task: Task, language: str, entities: Sequence[Entity]) -> list[Entity]:
    """Whom the mentions of a language name."""
    return rng.choices(entities, k=world.test_count(task, language))


def _article(grammar: Grammar, rng: Random, name: str, entity: Entity) -> JsonObject:
    """An article with a single mention."""
    context, mention = _mention(grammar, rng, name, entity)
    return {"context": context, "mentions": [mention]}


def _mention(grammar: Grammar, rng: Random, name: str, entity: Entity) -> tuple[JsonObject, JsonObject]:
    """Two sentences, and the mention that stands in the second one."""
    told = _retold(rng.choice(entity.facts))
    text, places = passage(grammar, (clause(rng, 0.3), told))
    said = grammar.sentence(Sentence((told,)))
    sentence, starts = grammar.text_and_starts(said)
    part = part_of(sentence, said, starts, "subject")
    start = places[1][0] + part["answer_start"]
    span: JsonObject = {"start": start, "end": start + len(part["text"]), "text": part["text"]}
    code = grammar.language.code
    context: JsonObject = {
        "document_id": name,
        "document_url": f"https://{code}.example/{name}",
        "document_title": "",
        "language": code,
        "text": text,
        "sentence_spans": _spans(places),
    }
    return context, {"example_id": name, "entity_id": entity.id, "mention_span": span}


def _spans(places: Sequence[tuple[int, int]]) -> list[JsonObject]:
    """Where sentences stand, as the files have it."""
    return [{"start": start, "end": end} for start, end in places]


def _retold(fact: Clause) -> Clause:
    """A fact without its details."""
    return fact._replace(adverb="", year=0, fronted=False)


def _labels(task: Task, named: dict[str, list[Entity]]) -> Iterator[File]:
    """The entity of every mention of test, by language."""
    for language, entities in named.items():
        gold = {f"test-{language}-{number}": [entity.id] for number, entity in enumerate(entities)}
        yield File(f"labels/{task.name}/{task.file_name(language)}", dump(gold))


def _pairs(world: World, folder: str, entities: Sequence[Entity]) -> Iterator[File]:
    """English mentions, each with the entity that it means; a tenth of the entities are those of dev."""
    parts = {"dev": entities[: len(entities) // 10], "train": entities[len(entities) // 10 :]}
    for split, count in world.train_counts("wikipedia_pairs").items():
        rng = world.rng(f"mewslix/pairs/{split}")
        rows = (
            _pair(world, rng, f"{split}-{number}", entity)
            for number, entity in enumerate(rng.choices(parts[split], k=count))
        )
        yield File(f"{folder}/wikipedia_pairs-{split}.jsonl", "".join(map(dump, rows)))


def _pair(world: World, rng: Random, name: str, entity: Entity) -> JsonObject:
    context, mention = _mention(world.grammars[ENGLISH], rng, name, entity)
    return {"contextual_mention": {"context": context, "mention": mention}, "entity": _described(world, entity)}
