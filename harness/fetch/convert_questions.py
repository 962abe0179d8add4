"""From published questions in SQuAD's JSON to the layout that is evaluated: XQuAD, MLQA and TyDiQA."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from xharness.fetch import layout
from xharness.fetch.convert import member, note
from xharness.fetch.failures import Unavailable
from xharness.fetch.sources import Convert, Output, SourceFiles
from xharness.tasks.readers.squad import TYDIQA_WORDS, read_squad
from xharness.tasks.types.squad_json import SquadFile


def questions(task: str, language: str, name: str, target: str) -> Convert:
    """A SQuAD file of test questions: blanked where examples go, untouched as gold."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        path = member(files.folder(0, name), name)
        found = read_squad(path)
        note(found, files.notes, lenient=False)
        if found.gold is None:
            raise Unavailable(f"{name} has blanked answers, so it is not the published file")
        yield Output(f"download/{task}/{target}", layout.blanked(_squad(path)))
        yield Output(f"labels/{task}/test-{language}.json", path.read_bytes())

    return convert


def mlqa(language: str) -> Convert:
    """Test as :func:`questions`, and dev with its answers."""
    names = {split: f"{split}-context-{language}-question-{language}.json" for split in ("test", "dev")}
    test = questions("mlqa", language, names["test"], f"MLQA_V1/test/{names['test']}")

    def convert(files: SourceFiles) -> Iterator[Output]:
        yield from test(files)
        dev = member(files.folder(0, names["dev"]), names["dev"])
        yield Output(f"download/mlqa/MLQA_V1/dev/{names['dev']}", dev.read_bytes())

    return convert


def tydiqa_test(language: str) -> Convert:
    """One language of the published dev file of all languages."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        root = layout.only(_squad(files.path(0)), f"{TYDIQA_WORDS[language]}-")
        yield from layout.tydiqa_files(language, "dev", root)

    return convert


def tydiqa_train(language: str) -> Convert:
    """One language of the published training file; ids stay whole, so that they stay unique."""

    def convert(files: SourceFiles) -> Iterator[Output]:
        root = layout.only(_squad(files.path(0)), f"{TYDIQA_WORDS[language]}-")
        yield from layout.tydiqa_files(language, "train", root)

    return convert


def _squad(path: Path) -> SquadFile:
    try:
        found: SquadFile = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Unavailable(f"{path.name} is not JSON: {error}") from error
    return found
