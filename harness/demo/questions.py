"""The question answering of the demo world: paragraphs of facts, and questions that leave one part of a fact out.

In a paragraph no actor, verb, place, year or object comes twice, so that a question has one answer. Answers are found
where they were written: their offsets are right by construction in every script.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

from xharness.demo.files import File, World, dump
from xharness.demo.grammar import Grammar, Token
from xharness.demo.lexicon import GIVEN, PLACES, VERBS
from xharness.demo.meaning import YEARS, Clause, Sentence, clause, person, place
from xharness.tasks.base import Task
from xharness.tasks.types.squad_json import SquadAnswer, SquadParagraph, SquadQuestion

NAMES = {
    "en": "english", "ar": "arabic", "bn": "bengali", "fi": "finnish", "id": "indonesian", "ko": "korean",
    "ru": "russian", "sw": "swahili", "te": "telugu",
}  # fmt: skip
BLANK: SquadAnswer = {"answer_start": 0, "text": ""}


class Paragraph(NamedTuple):
    """Facts, and which part of which fact each question asks for."""

    id: str
    facts: tuple[Clause, ...]
    asked: tuple[tuple[int, str], ...]


def _fact(rng: Random, verb: str, given: str, where: str) -> Clause:
    """Someone named did something somewhere in some year."""
    fact = clause(rng, 0.5, verb)._replace(subject=person(rng, given=given), place=place(rng, where), negated=False)
    return fact._replace(year=rng.randrange(*YEARS), object=fact.object._replace(share=False))


def roles(fact: Clause) -> list[str]:
    """The parts of a fact that one can ask for; of a number of things one asks how many."""
    what = "number" if fact.object.number else "object"
    return ["subject", what, *(["place"] if fact.place else []), *(["year"] if fact.year else [])]


def paragraph(rng: Random, name: str, facts: int, questions: int) -> Paragraph:
    """Facts that share no actor, verb, place, year or object, and that many questions, each about another fact."""
    found: list[Clause] = []
    used: set[int | str] = set()
    for chosen in zip(rng.sample(VERBS, facts), rng.sample(GIVEN, facts), rng.sample(PLACES, facts), strict=True):
        fact = _fact(rng, *chosen)
        while fact.year in used or fact.object.words[0] in used:
            fact = _fact(rng, *chosen)
        found.append(fact)
        used |= {fact.year, fact.object.words[0]}
    asked = tuple((number, rng.choice(roles(found[number]))) for number in rng.sample(range(facts), questions))
    return Paragraph(name, tuple(found), asked)


def paragraphs(world: World, stream: str, count: int) -> list[Paragraph]:
    """Paragraphs with that many questions in all; the last one may have fewer."""
    rng = world.rng(stream)
    made = []
    for start in range(0, count, world.amount.questions):
        asked = min(world.amount.questions, count - start)
        made.append(paragraph(rng, f"{stream}/{start}", world.amount.facts, asked))
    return made


def part_of(context: str, said: Sequence[Token], starts: Sequence[int], role: str) -> SquadAnswer:
    """The stretch of the context that plays the role."""
    inside = [i for i, token in enumerate(said) if token.role == role]
    first, last = inside[0], inside[-1]
    end = starts[last] + len(said[last].form)
    return {"answer_start": starts[first], "text": context[starts[first] : end]}


def shortened(rng: Random, fact: Clause, asked: str) -> Clause:
    """A question need not repeat everything; who did what is enough to know which fact is meant."""
    return fact._replace(
        fronted=False,
        adverb="",
        year=fact.year if asked == "year" or rng.random() < 0.3 else 0,
        place=fact.place if asked == "place" or rng.random() < 0.3 else None,
    )


def between(grammar: Grammar) -> str:
    """What stands between two sentences."""
    return "" if grammar.language.script in ("ideographs", "japanese", "burmese") else " "


def told(grammar: Grammar, paragraph: Paragraph) -> SquadParagraph:
    """A paragraph in SQuAD's form: context, and questions with id and answer."""
    gap, context, placed = between(grammar), "", []
    for fact in paragraph.facts:
        said = grammar.sentence(Sentence((fact,)))
        text, starts = grammar.text_and_starts(said)
        context += gap if context else ""
        placed.append((said, [len(context) + start for start in starts]))
        context += text
    questions: list[SquadQuestion] = []
    for number, role in paragraph.asked:
        name = f"{paragraph.id}/{number}/{role}"
        question = grammar.question(shortened(Random(name), paragraph.facts[number], role), role)
        answer = part_of(context, *placed[number], role)
        questions.append({"id": hashlib.md5(name.encode()).hexdigest()[:24], "question": question, "answers": [answer]})
    return {"context": context, "qas": questions}


def gold(told_paragraphs: Sequence[SquadParagraph], version: str = "1.1") -> str:
    """SQuAD's form: one article a paragraph."""
    articles = [{"title": f"Paragraph {i}", "paragraphs": [p]} for i, p in enumerate(told_paragraphs, start=1)]
    return dump({"version": version, "data": articles})


def _blanked(told_paragraphs: Sequence[SquadParagraph]) -> str:
    """XTREME's form of a test file: one article a question, answers replaced by an empty one."""
    articles = [
        {"paragraphs": [{"context": p["context"], "qas": [{**question, "answers": [BLANK]}]}]}
        for p in told_paragraphs
        for question in p["qas"]
    ]
    return dump({"data": articles, "version": "1.1"})


def squad_files(world: World, _task: Task) -> Iterator[File]:
    """English train and dev of SQuAD, where XTREME puts it."""
    for split, count in world.train_counts("squad").items():
        made = [told(world.grammars["en"], p) for p in paragraphs(world, f"squad/{split}", count)]
        yield File(f"download/squad/{split}-v1.1.json", gold(made))


def xquad_files(world: World, task: Task) -> Iterator[File]:
    """The same questions in every language."""
    counts = {language: world.test_count(task, language) for language in world.languages(task)}
    return _parallel(world, task, counts, "xquad.{0}.json")


def mlqa_files(world: World, task: Task) -> Iterator[File]:
    """The same paragraphs in every language: all of them in English, a part elsewhere; and an English dev set."""
    counts = {language: world.test_count(task, language) for language in world.languages(task)}
    if world.amount.cell is not None:
        counts |= {language: 2 * count // 3 for language, count in counts.items() if language != "en"}
    yield from _parallel(world, task, counts, "MLQA_V1/test/test-context-{0}-question-{0}.json")
    made = [told(world.grammars["en"], p) for p in paragraphs(world, "mlqa/dev", 20)]
    yield File("download/mlqa/MLQA_V1/dev/dev-context-en-question-en.json", gold(made))


def _parallel(world: World, task: Task, counts: Mapping[str, int], path: str) -> Iterator[File]:
    """The same paragraphs in every language, of languages with fewer questions a part of them."""
    everything = paragraphs(world, task.name, max(counts.values()))
    for language, count in counts.items():
        rng = world.rng(f"{task.name}/{language}")
        chosen = everything if count == max(counts.values()) else rng.sample(everything, len(everything))
        made = _first([told(world.grammars[language], p) for p in chosen], count)
        yield File(f"download/{task.name}/{path.format(language)}", _blanked(made))
        yield File(f"labels/{task.name}/test-{language}.json", gold(made))


def _first(told_paragraphs: Sequence[SquadParagraph], count: int) -> list[SquadParagraph]:
    """The first paragraphs, cut to that many questions."""
    kept: list[SquadParagraph] = []
    for paragraph in told_paragraphs:
        if count > 0:
            kept.append({**paragraph, "qas": paragraph["qas"][:count]})
            count -= len(paragraph["qas"])
    return kept


def tydiqa_files(world: World, task: Task) -> Iterator[File]:
    """Paragraphs of each language's own. Upstream's dev split is the test; its ids begin with the language's name."""
    for language in world.languages(task):
        count = world.test_count(task, language)
        made = [told(world.grammars[language], p) for p in paragraphs(world, f"tydiqa/{language}", count)]
        for question in (question for p in made for question in p["qas"]):
            question["id"] = f"{NAMES[language]}-{question['id']}-0"
        yield File(f"download/tydiqa/tydiqa-goldp-v1.1-dev/tydiqa.goldp.{language}.dev.json", _blanked(made))
        yield File(f"labels/tydiqa/test-{language}.json", gold(made))
    train = [
        told(world.grammars["en"], p) for p in paragraphs(world, "tydiqa/train", world.train_counts("tydiqa")["train"])
    ]
    yield File("download/tydiqa/tydiqa-goldp-v1.1-train/tydiqa.goldp.en.train.json", gold(train))
