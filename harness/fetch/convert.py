"""From what the authors publish to the layout that is evaluated. Reading is left to the readers of the tasks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from xharness.fetch import layout
from xharness.fetch.failures import Unavailable
from xharness.fetch.sources import Convert, Notes, Output, SourceFiles
from xharness.tasks.base import LayoutNote, LossNote, Split, Task
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.readers.lines import count, read_lines
from xharness.tasks.readers.tagged import ENTITY_TAGS, read_prefixed_lines


def through_reader(
    task: Task, language: str, splits: tuple[str, ...], *patterns: str, lenient: bool = False
) -> Convert:
    """Read the task's upstream files and write each split that is there.

    Args:
        task: Its reader knows the upstream layout.
        language: What to read.
        splits: Splits to write; one that the source does not have is left out and noted.
        patterns: Members of the archive that are needed.
        lenient: Leave out sentences with malformed lines, counted by their reasons, instead of refusing the file.
    """

    def convert(files: SourceFiles) -> Iterator[Output]:
        assert task.reader is not None
        folder = files.folder(0, *patterns)
        for split in splits:
            if not task.reader.find(folder, language, split):
                files.notes.add(f"there is no {split} set")
                continue
            found = task.reader.read(folder, language, split)
            note(found, files.notes, lenient=lenient)
            yield from layout.examples(task, language, split, found)
            if len(found.files) > 1:
                names = ", ".join(path.name.partition("-")[0] for path in found.files)
                files.notes.add(f"{split}: {count(len(found.examples), 'sentence')} of {names}")

    return convert


def note(found: Split, notes: Notes, *, lenient: bool) -> None:
    """Carry over what the reader says; malformed lines are fatal or counted."""
    for line in found.notes:
        if not isinstance(line, LayoutNote):
            notes.add(line)
    if found.problems and not lenient:
        more = f" and {len(found.problems) - 1} more" if len(found.problems) > 1 else ""
        problem = found.problems[0]
        raise Unavailable(f"{problem.file.name}:{problem.line}: {problem.what}{more}")
    for (name, what), number in Counter((problem.file.name, problem.what) for problem in found.problems).items():
        notes.add(LossNote(f"{name}: sentences left out because of {count(number, 'line')}: {what}"))
    if not found.examples:
        raise Unavailable(f"{', '.join(path.name for path in found.files[:3])}: nothing in it can be used")


def tatoeba(language: str) -> Convert:
    """LASER's two files: the first source is the foreign side, the second the English one."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        (foreign, wrong), (english, also_wrong) = (read_lines(files.path(index)) for index in (0, 1))
        if wrong or also_wrong or len(foreign) != len(english):
            what = (wrong + also_wrong)[0].what if wrong or also_wrong else "the two sides differ in length"
            raise Unavailable(f"Tatoeba in '{language}': {what}")
        yield from layout.tatoeba(language, files.path(0).read_bytes(), english)

    return convert


def bucc(language: str) -> Convert:
    """The shared task's training set becomes test, its sample dev."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        for index, (published, split) in enumerate((("training", "test"), ("sample", "dev"))):
            folder = files.folder(index)
            for side in (language, "en"):
                content = member(folder, f"{language}-en.{published}.{side}").read_bytes()
                yield Output(f"download/bucc2018/{language}-en.{split}.{side}", content)
            gold = member(folder, f"{language}-en.{published}.gold").read_bytes()
            target = (
                f"labels/bucc2018/test-{language}.tsv"
                if split == "test"
                else f"download/bucc2018/{language}-en.dev.gold"
            )
            yield Output(target, gold)

    return convert


def panx(task: Task, language: str) -> Convert:
    """WikiAnn's archive of archives: ``<lang>.tar.gz`` with train, dev and test."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        folder = files.inside(member(files.folder(0, f"{language}.tar.gz"), f"{language}.tar.gz"))
        for split in ("train", "dev", "test"):
            found = read_prefixed_lines(member(folder, split), ENTITY_TAGS, test=split == "test")
            note(found, files.notes, lenient=False)
            yield from layout.examples(task, language, split, found)

    return convert


def xcopa(language: str, splits: tuple[str, ...]) -> Convert:
    """Published lines, a source a split; in test every label becomes 0, as in XTREME, and the file is the gold."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        for index, split in enumerate(splits):
            yield from layout.xcopa_files(language, split, _lines_of_json(files.path(index)))

    return convert


def copa(files: SourceFiles) -> Iterator[Output]:
    """English COPA, which XCOPA trains on, from SuperGLUE's archive. Its test set has no labels."""
    folder = files.folder(0, "COPA/*.jsonl")
    for split, name in (("train", "train"), ("dev", "val"), ("test", "test")):
        yield from layout.xcopa_files("en", split, _lines_of_json(member(folder, f"COPA/{name}.jsonl")))


def as_published(folder: str, members: Mapping[str, str]) -> Convert:
    """Members of an archive that readers know under their published names: member to name below ``folder``."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        unpacked = files.folder(0, *members)
        for name, target in members.items():
            yield Output(f"{folder}/{target}", member(unpacked, name).read_bytes())

    return convert


def each_as_published(folder: str, *names: str) -> Convert:
    """One source each, under these names."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        for index, name in enumerate(names):
            yield Output(f"{folder}/{name}", files.path(index).read_bytes())

    return convert


def treebanks(folder: str, language: str, members: tuple[str, ...]) -> Convert:
    """The CoNLL-U files of a language, untouched."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        for path in sorted(files.folder(0, *members).rglob(f"{language}_*.conllu"), key=lambda path: path.name):
            yield Output(f"{folder}/{path.name}", path.read_bytes())

    return convert


def by_hand(_: SourceFiles) -> Iterator[Output]:
    """For what is put into place manually: nothing to convert."""
    yield from ()


def member(folder: Path, name: str) -> Path:
    """The file of this name, at any depth."""
    found = sorted(
        (path for path in folder.rglob(name.rpartition("/")[2]) if path.is_file()), key=lambda p: (len(p.parts), p)
    )
    wanted = [path for path in found if path.as_posix().endswith(f"/{name}")]
    if not wanted:
        raise Unavailable(f"there is no {name} in it")
    return wanted[0]


def _lines_of_json(path: Path) -> list[JsonObject]:
    lines, problems = read_lines(path)
    try:
        return [json.loads(line) for line in lines if line.strip()]
    except (ValueError, RecursionError) as error:
        raise Unavailable(f"{path.name} is not JSON lines: {problems[0] if problems else error}") from error
