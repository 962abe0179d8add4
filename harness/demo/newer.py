"""The newer benchmarks of the demo world, in the files of their authors and the languages that both have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import TypeAlias

from xharness.demo.bitexts import distinct
from xharness.demo.choices import part_of_fact
from xharness.demo.files import File, World, dump, lines
from xharness.demo.lexicon import CLASSES, VERBS
from xharness.demo.meaning import Sentence, clause, fitting, sentence
from xharness.demo.pairs import inferences
from xharness.demo.questions import Paragraph, paragraph, shortened, told
from xharness.demo.tags import mention
from xharness.tasks.base import Task
from xharness.tasks.packs import americasnli, belebele, flores, masakhaner2, massive, ntrex, sib200

DrawLabelled: TypeAlias = Callable[[Random], tuple[Sentence, str]]
ENGLISH = "en"
ASKED = ("subject", "place", "year")
FEW = 20  # examples of train and dev in other languages than English, where they have to be there


def sib200_files(world: World, task: Task) -> Iterator[File]:
    """What a sentence is about: a class of things a topic."""
    topics = dict(zip(sib200.LABELS, CLASSES, strict=False))
    verbs = {kind: [verb for verb in VERBS if fitting(verb) == kind] for kind in CLASSES}

    def draw(rng: Random) -> tuple[Sentence, str]:
        label = rng.choice(sib200.LABELS)
        return Sentence((clause(rng, 0.3, rng.choice(verbs[topics[label]])),)), label

    for split, languages, count in _splits(world, task):
        drawn = _several(world, f"{task.name}/{split}", count, draw)
        for language in languages:
            said = [world.grammars[language].say(meaning) for meaning, _ in drawn]
            rows = [f"{n}\t{label}\t{text}" for n, (text, (_, label)) in enumerate(zip(said, drawn, strict=True))]
            name = f"{sib200.NAMES[language]}/{split}.tsv"
            yield File(f"download/{task.name}/{name}", lines(["index_id\tcategory\ttext", *rows]))


def massive_files(world: World, task: Task) -> Iterator[File]:
    """What is asked for: a verb an intent."""

    def draw(rng: Random) -> tuple[Sentence, str]:
        verb = rng.randrange(len(VERBS))
        return Sentence((clause(rng, 0.3, VERBS[verb]),)), massive.INTENTS[verb]

    rows: dict[str, list[str]] = {language: [] for language in world.languages(task)}
    for split, _, count in _splits(world, task):
        for number, (meaning, intent) in enumerate(_several(world, f"{task.name}/{split}", count, draw)):
            facts = {"id": f"{split}-{number}", "partition": split, "intent": intent}
            for language in list(rows) if number < FEW or split == "test" else [ENGLISH]:
                rows[language].append(dump({**facts, "utt": world.grammars[language].say(meaning)}))
    for language, said in rows.items():
        yield File(f"download/{task.name}/{massive.NAMES[language]}.jsonl", "".join(said))


def americasnli_files(world: World, task: Task) -> Iterator[File]:
    """XNLI's question, asked of other items."""
    for split in ("dev", "test"):
        pairs = inferences(world.rng(f"{task.name}/{split}"), _count(world, task), world.amount.clauses)
        for language in world.languages(task):
            say, name = world.grammars[language].say, americasnli.NAMES[language]
            rows = [f"{n}\t{name}\t{say(one)}\t{say(two)}\t{label}" for n, (one, two, label) in enumerate(pairs)]
            text = lines(["id\tlanguage\tpremise\thypothesis\tlabel", *rows])
            yield File(f"download/{task.name}/{split}/{name}.tsv", text)


def masakhaner2_files(world: World, task: Task) -> Iterator[File]:
    """Named entities and years; the training file is in the first language."""
    first = world.languages(task)[0]
    yield _tagged(world, task, first, "train.txt", world.train_counts(task.name)["train"])
    for language in world.languages(task):
        for split in ("dev", "test"):
            name = f"{masakhaner2.NAMES[language]}/{split}.txt"
            yield _tagged(world, task, language, name, _count(world, task))


def belebele_files(world: World, task: Task) -> Iterator[File]:
    """A question about one of the facts of a passage; the answers are parts of all of them."""
    pages = _pages(world, task, "test", _count(world, task))
    for language in world.languages(task):
        rows = [dump(_released(_question(world, language, page), language, n)) for n, page in enumerate(pages)]
        yield File(f"download/{task.name}/{belebele.NAMES[language]}.jsonl", "".join(rows))
    columns = ["passage", "question", *(f"answer{n}" for n in belebele.ANSWERS), "correct_answer_num"]
    rows = ["\t".join(["", "split", *columns])]
    for split, count in world.train_counts(task.name).items():
        for number, page in enumerate(_pages(world, task, split, count)):
            asked = _question(world, ENGLISH, page)
            rows.append("\t".join([str(number), split, *(asked[name] for name in columns)]))
    yield File(f"download/{task.name}/{belebele.TRAINING}", lines(rows))


def flores_files(world: World, task: Task) -> Iterator[File]:
    """The same sentences in every language."""
    for split, published in (("dev", "dev"), ("test", "devtest")):
        for language, said in _bitext(world, task, split).items():
            yield File(f"download/{task.name}/{published}/{flores.NAMES[language]}.{published}", lines(said))


def ntrex_files(world: World, task: Task) -> Iterator[File]:
    """The same sentences in every language."""
    for language, said in _bitext(world, task, "test").items():
        name = "src.eng" if language == ENGLISH else f"ref.{ntrex.NAMES[language]}"
        yield File(f"download/{task.name}/newstest2019-{name}.txt", lines(said))


def _splits(world: World, task: Task) -> Iterator[tuple[str, Sequence[str], int]]:
    """Train and dev in English, test in every language, and how many examples."""
    for split, count in world.train_counts(task.name).items():
        yield split, (ENGLISH,), count
    yield "test", world.languages(task), _count(world, task)


def _count(world: World, task: Task) -> int:
    """Test examples of a language."""
    return min(world.test_count(task, language) for language in world.languages(task))


def _several(world: World, stream: str, count: int, draw: DrawLabelled) -> list[tuple[Sentence, str]]:
    """As many as wanted, each a meaning and its label."""
    rng = world.rng(stream)
    return [draw(rng) for _ in range(count)]


def _tagged(world: World, task: Task, language: str, name: str, count: int) -> File:
    """Word and tag a line."""
    rng, dates = world.rng(f"{task.name}/{language}/{name}"), masakhaner2.DATES
    said = [mention(rng, world.grammars[language], world.amount.clauses) for _ in range(count)]
    rows = [[(word, dates[0] if word.isdecimal() and len(word) == 4 else tag) for word, tag in one] for one in said]
    text = "\n\n".join("\n".join(f"{word} {tag}" for word, tag in one) for one in rows)
    return File(f"download/{task.name}/{name}", f"{text}\n")


def _pages(world: World, task: Task, split: str, count: int) -> list[Paragraph]:
    rng = world.rng(f"{task.name}/{split}")
    return [paragraph(rng, f"{task.name}/{split}/{number}", facts=4, questions=1) for number in range(count)]


def _question(world: World, language: str, page: Paragraph) -> dict[str, str]:
    """The fields of the authors' training set, in any language."""
    grammar, rng = world.grammars[language], world.rng(page.id)
    ((about, _),) = page.asked
    role = rng.choice(ASKED)
    question = grammar.question(shortened(rng, page.facts[about], role), role)
    answers = {f"answer{n}": part_of_fact(grammar, fact, role) for n, fact in enumerate(page.facts, 1)}
    context = told(grammar, page)["context"]
    return {"passage": context, "question": question, **answers, "correct_answer_num": str(about + 1)}


def _released(asked: Mapping[str, str], language: str, number: int) -> dict[str, str]:
    """The same in the fields of the test."""
    answers = {f"mc_{name}": text for name, text in asked.items() if name.startswith("answer")}
    return {
        "link": f"https://example.org/{number}",
        "question_number": "1",
        "flores_passage": asked["passage"],
        "question": asked["question"],
        **answers,
        "correct_answer_num": asked["correct_answer_num"],
        "dialect": belebele.NAMES[language],
    }


def _bitext(world: World, task: Task, split: str) -> dict[str, list[str]]:
    """Sentences by language, line by line translations of each other."""
    rng, languages = world.rng(f"{task.name}/{split}"), (ENGLISH, *world.languages(task))
    grammars = [world.grammars[language] for language in languages]
    said = distinct(lambda: sentence(rng, 0.4), _count(world, task), *grammars)
    return {language: [row[place] for row in said] for place, language in enumerate(languages)}
