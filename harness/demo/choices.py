"""Three intermediate tasks of the demo world with answers to choose from, in the files of their publishers.

HellaSwag: how a sentence continues, for verbs have objects that fit. Cosmos QA: who or what a short story was about.
CommonsenseQA: which of five things is of a kind.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from xharness.demo.files import File, World, dump
from xharness.demo.grammar import Grammar
from xharness.demo.intermediate import FOLDER
from xharness.demo.lexicon import CLASSES, MEMBERS
from xharness.demo.meaning import Clause, Phrase, actor, clause, fitting, thing
from xharness.demo.questions import paragraph, shortened, told
from xharness.tasks.base import Task

NONE_OF_THEM = "None of the above choices ."


def hellaswag_files(world: World, _task: Task) -> Iterator[File]:
    """Train and dev of HellaSwag."""
    return (_hellaswag(world, *split) for split in world.train_counts(FOLDER).items())


def cosmos_files(world: World, _task: Task) -> Iterator[File]:
    """Train and dev of Cosmos QA."""
    return (_cosmos(world, *split) for split in world.train_counts(FOLDER).items())


def commonsense_files(world: World, _task: Task) -> Iterator[File]:
    """Train and dev of CommonsenseQA."""
    return (_commonsense(world, *split) for split in world.train_counts(FOLDER).items())


def _hellaswag(world: World, name: str, count: int) -> File:
    """Somebody did something to a fitting thing; the wrong endings are about things of other classes."""
    rng, grammar = world.rng(f"hellaswag/{name}"), world.grammars["en"]
    short = "val" if name == "dev" else name
    rows = []
    for number in range(count):
        opening = actor(rng, 0.5)
        before = grammar.text(grammar.clause(clause(rng, 0.3)._replace(subject=opening)))
        verb = clause(rng, 0).verb
        wrong = rng.sample([one for one in CLASSES if one != fitting(verb)], 3)
        label = rng.randrange(4)
        classes = [*wrong[:label], fitting(verb), *wrong[label:]]
        said = grammar.words[verb]
        endings = [f"{said} {grammar.text(grammar.phrase(thing(rng, 0.5, (one,)), ''))}." for one in classes]
        opened = grammar.text(grammar.phrase(opening, ""))
        rows.append(
            {
                "ind": number,
                "ctx_a": f"{before}.",
                "ctx_b": opened,
                "ctx": f"{before}. {opened}",
                "endings": endings,
                "label": label,
                "source_id": f"activitynet~{number}",
                "split_type": "indomain",
            }
        )
    return File(f"{FOLDER}/hellaswag/hellaswag_{short}.jsonl", "".join(map(dump, rows)))


def _cosmos(world: World, name: str, count: int) -> File:
    """A story of three facts and a question; wrong answers are parts of other facts, the last is that none is right."""
    rng, grammar = world.rng(f"cosmosqa/{name}"), world.grammars["en"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "context", "question", "answer0", "answer1", "answer2", "answer3", "label"])
    for number in range(count):
        page = paragraph(rng, f"cosmosqa/{name}/{number}", facts=3, questions=1)
        context = told(grammar, page)["context"]
        ((asked_of, _),) = page.asked
        asked = rng.choice(("subject", "place", "year"))
        question = grammar.question(shortened(rng, page.facts[asked_of], asked), asked)
        answers = [part_of_fact(grammar, fact, asked) for fact in page.facts]
        label = asked_of if rng.random() < 0.9 else 3
        if label == 3:
            answers[asked_of] = answers[(asked_of + 1) % 3]
        writer.writerow([f"{name}##{number}", context, question, *answers, NONE_OF_THEM, label])
    short = "valid" if name == "dev" else name
    return File(f"{FOLDER}/cosmosqa/{short}.csv", out.getvalue())


def part_of_fact(grammar: Grammar, fact: Clause, role: str) -> str:
    """Who or what plays a role in a fact, or its year."""
    part: Phrase | int = fact._asdict()[role]
    return str(part) if isinstance(part, int) else grammar.text(grammar.phrase(part, ""))


def _commonsense(world: World, name: str, count: int) -> File:
    """One of five nouns is of the class that the question names."""
    rng, grammar = world.rng(f"commonsenseqa/{name}"), world.grammars["en"]
    rows = []
    for number in range(count):
        classes = rng.sample(CLASSES, 5)
        label = rng.randrange(5)
        asked = Phrase("noun", (f"noun/{classes[label]}",), determiner="a")
        stem = f"{grammar.words['grammar/what'].title()} {grammar.text(grammar.phrase(asked, ''))}?"
        texts = [grammar.words[f"noun/{one}/{rng.randrange(MEMBERS)}"] for one in classes]
        choices = [{"label": letter, "text": text} for letter, text in zip("ABCDE", texts, strict=True)]
        question = {"question_concept": grammar.words[f"noun/{classes[label]}"], "choices": choices, "stem": stem}
        rows.append({"answerKey": "ABCDE"[label], "id": f"{name}-{number}", "question": question})
    return File(f"{FOLDER}/commonsenseqa/{name}_rand_split.jsonl", "".join(map(dump, rows)))
