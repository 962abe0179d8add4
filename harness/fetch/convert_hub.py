"""From rows of the Hub to the layout that is evaluated.

Labels are numbers there, and each copy counts them in its own order: the names that its files declare decide, the
declared order of :class:`xharness.fetch.sources.Hub` only where they declare none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from xharness.fetch import layout
from xharness.fetch.checksums import KNOWN
from xharness.fetch.failures import Unavailable
from xharness.fetch.layout import HubRow
from xharness.fetch.sources import Convert, Hub, Notes, Output, SourceFiles
from xharness.tasks.base import Example, LossNote, Split, Task
from xharness.tasks.readers.bitext import THREE_LETTERS
from xharness.tasks.readers.lines import count
from xharness.tasks.readers.squad import TYDIQA_WORDS
from xharness.tasks.types.tagging import TaggedSentence
from xharness.tasks.types.text_classification import SentencePair

if TYPE_CHECKING:
    from datasets import Dataset

HubValue: TypeAlias = object
LabelOf: TypeAlias = Callable[[HubValue], str | None]
"""From a cell of the label column to the label's name; None where it says that there is none."""


def pairs(
    task: Task, language: str, splits: Sequence[str], columns: tuple[str, str, str], sources: Sequence[Hub]
) -> Convert:
    """Sentence pairs, a source a split; of rows that name their language only those of ``language``."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        for index, split in enumerate(splits):
            rows = files.rows(index)
            label_of = labels(rows, columns[2], sources[index])
            examples = [
                SentencePair(str(number), row[columns[0]].strip(), row[columns[1]].strip(), label_of(row[columns[2]]))
                for number, row in enumerate(_rows(rows, columns), 1)
                if row.get("language", language) == language
            ]
            yield from _write(task, language, split, examples, [str(pair.label) for pair in examples], files.notes)

    return convert


def tags(task: Task, language: str, splits: Sequence[str], columns: tuple[str, str], sources: Sequence[Hub]) -> Convert:
    """Tagged sentences, a source a split. Tags come as numbers with names, or as words."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        for index, split in enumerate(splits):
            rows = files.rows(index)
            tag_of = labels(rows, columns[1], sources[index])
            examples = []
            for number, row in enumerate(_rows(rows, columns), 1):
                words = tuple(word.replace("\u200c", "").replace(" ", "") or word for word in row[columns[0]])
                named = tuple(str(tag_of(tag)) for tag in row[columns[1]])
                examples.append(TaggedSentence(str(number), words, named))
            yield from _write(task, language, split, examples, [list(e.tags or ()) for e in examples], files.notes)

    return convert


def _write(
    task: Task,
    language: str,
    split: str,
    examples: Sequence[Example],
    gold: Sequence[str] | Sequence[list[str]],
    notes: Notes,
) -> Iterator[Output]:
    """Check the labels, compare the number with the published one, and write."""
    if not examples:
        raise Unavailable(f"no row of {split} in '{language}'")
    used = {tag for entry in gold for tag in (entry if isinstance(entry, list) else [entry])}
    if task.labels and used - set(task.labels):
        raise Unavailable(f"labels that {task.name} does not have: {', '.join(sorted(used - set(task.labels))[:5])}")
    published = task.published.get(language) if split == "test" else None
    if published is not None and published != len(examples):
        notes.add(LossNote(f"test has {len(examples)} of {published} published examples: this copy is not comparable"))
    yield from layout.examples(task, language, split, Split(examples, gold, ()))


def questions(task: str, language: str, target: str) -> Convert:
    """A test set of questions: blanked, and gold."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        root = layout.squad(_rows(files.rows(0), QUESTION))
        yield Output(f"download/{task}/{target}", layout.blanked(root))
        yield Output(f"labels/{task}/test-{language}.json", layout.dump(root))

    return convert


def mlqa(language: str) -> Convert:
    """Test, then dev."""
    name = "{0}/{0}-context-{1}-question-{1}.json"
    test = questions("mlqa", language, "MLQA_V1/" + name.format("test", language))

    def convert(files: SourceFiles) -> Iterator[Output]:
        yield from test(files)
        root = layout.squad(_rows(files.rows(1), QUESTION))
        yield Output("download/mlqa/MLQA_V1/" + name.format("dev", language), layout.dump(root))

    return convert


def tydiqa(language: str, published: str) -> Convert:
    """One language; the Hub has all of them in one table, told apart by their ids alone."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        beginning = f"{TYDIQA_WORDS[language]}-"
        rows = [row for row in _rows(files.rows(0), QUESTION) if row["id"].startswith(beginning)]
        yield from layout.tydiqa_files(language, published, layout.squad(rows, "TyDiQA-GoldP-1.1-for-SQuAD-1.1"))

    return convert


def squad_files(version: str, folder: str) -> Convert:
    """Train, then dev, as the published JSON."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        for index, split in enumerate(("train", "dev")):
            root = layout.squad(_rows(files.rows(index), QUESTION), version)
            yield Output(f"{folder}/{split}-v{version}.json", layout.dump(root))

    return convert


QUESTION = ("id", "context", "question", "answers")


def tatoeba(language: str) -> Convert:
    """Sentence pairs in the order of LASER's files, which the line numbers of the leaderboard count."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        foreign, english = [], []
        for row in _rows(files.rows(0), ("source_sentence", "target_sentence")):
            sides = [row["source_sentence"], row["target_sentence"]]
            if row.get("source_lang") in ("eng", "en"):
                sides.reverse()
            foreign.append(sides[0].removesuffix("\n"))
            english.append(sides[1].removesuffix("\n"))
        content = "".join(f"{sentence}\n" for sentence in foreign).encode()
        code = THREE_LETTERS[language]
        expected = KNOWN.get(f"tatoeba.{code}-eng.{code}", ("", None))[0]
        if expected and expected != _sha256(content):
            files.notes.add("differs from LASER's file: line numbers may not be those of the leaderboard")
        yield from layout.tatoeba(language, content, english)

    return convert


def xcopa(language: str, splits: Sequence[str]) -> Convert:
    """Two choices, a source a split. COPA's own test set has no labels."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        for index, split in enumerate(splits):
            rows = [
                dict(row) for row in _rows(files.rows(index), ("premise", "choice1", "choice2", "question", "label"))
            ]
            labelled = all(row["label"] in (0, 1) for row in rows)
            kept = rows if labelled else [{k: v for k, v in row.items() if k != "label"} for row in rows]
            yield from layout.xcopa_files(language, split, kept)

    return convert


def lines(
    targets: Mapping[str, int],
    make: Callable[[HubRow, LabelOf], HubRow],
    label: str,
    sources: Sequence[Hub],
) -> Convert:
    """JSON lines for a training set: target file to index of the source; ``make`` names the fields as readers do."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        for target, index in targets.items():
            rows = files.rows(index)
            label_of = labels(rows, label, sources[index])
            made = [make(row, label_of) for row in _rows(rows, (label,))]
            yield Output(target, layout.json_lines(made))

    return convert


def labels(rows: Dataset, column: str, source: Hub) -> LabelOf:
    """From a cell of the label column to the label's name; None where it says that there is none."""
    feature = rows.features.get(column)
    feature = getattr(feature, "feature", feature)
    names = tuple(getattr(feature, "names", ()) or source.labels)

    def label_of(value: HubValue) -> str | None:
        if not isinstance(value, int):
            return None if value in (None, "") else str(value)
        if value < 0:
            return None
        if not names:
            return str(value)
        if value >= len(names):
            raise Unavailable(f"{source.name}: label {value} has no name")
        return str(names[value])

    return label_of


def _rows(rows: Dataset, needed: Iterable[str]) -> Iterator[HubRow]:
    """Row by row, after a look whether the columns are there."""
    lacking = [name for name in needed if name not in rows.column_names]
    if lacking:
        raise Unavailable(f"no column {', '.join(lacking)}; there are {', '.join(rows.column_names)}")
    if not rows.num_rows:
        raise Unavailable(f"{count(0, 'row')}")
    for batch in rows.data.to_batches(max_chunksize=1000):
        yield from batch.to_pylist()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
