"""Conversions against what XTREME's own preprocessing left, on the real data beside the project."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from xharness.fetch import convert, convert_questions, layout
from xharness.fetch.failures import NotThere
from xharness.fetch.plan import select
from xharness.fetch.run import FetchOptions, fetch
from xharness.fetch.sources import Notes, Output
from xharness.tasks import panx, pawsx, tydiqa, udpos, xnli
from xharness.tasks.base import Task
from xharness.tasks.data import DataFolder
from xharness.tasks.intermediate import INTERMEDIATE
from xharness.tasks.intermediate.data import load
from xharness.tasks.readers.bitext import THREE_LETTERS
from xharness.tasks.registry import built_in

pytestmark = pytest.mark.shared_data


@dataclass
class Files:
    """Sources that lie in folders already."""

    folders: tuple[Path, ...]
    notes: Notes = field(default_factory=Notes)

    def path(self, index: int) -> Path:
        return self.folders[index]

    def folder(self, index: int, *patterns: str) -> Path:
        return self.folders[index]

    def inside(self, archive: Path) -> Path:
        raise NotImplementedError

    def rows(self, index: int) -> Any:
        raise NotImplementedError


def written(outputs: object) -> dict[str, bytes]:
    assert outputs is not None
    return {output.path: output.content for output in outputs if isinstance(output, Output)}  # type: ignore[attr-defined]


def sentences(content: bytes) -> list[str]:
    return content.decode().removesuffix("\n").split("\n\n")


@pytest.mark.parametrize(
    ("language", "treebank"), [("zh", "gsd"), ("fr", "gsd"), ("ar", "pud"), ("de", "gsd"), ("en", "ewt")]
)
def test_treebanks_become_the_rows_of_xtreme(shared_data: Path, tmp_path: Path, language: str, treebank: str) -> None:
    name = f"{language}_{treebank}-ud-test.conllu"
    (tmp_path / name).symlink_to(shared_data / "ud_conllu" / name)
    got = Files((tmp_path,))
    made = written(convert.through_reader(udpos.TASK, language, ("train", "dev", "test"))(got))
    assert set(made) == {f"download/udpos/test-{language}.tsv", f"labels/udpos/test-{language}.tsv"}
    assert "there is no train set" in got.notes.lines
    words = sentences(made[f"download/udpos/test-{language}.tsv"])
    tags = sentences(made[f"labels/udpos/test-{language}.tsv"])
    theirs = sentences((shared_data / f"download/udpos/test-{language}.tsv").read_bytes())
    their_tags = sentences((shared_data / f"labels/udpos/test-{language}.tsv").read_bytes())
    at = theirs.index(words[0])
    assert theirs[at : at + len(words)] == words
    assert their_tags[at : at + len(words)] == tags


@pytest.mark.parametrize("language", ["af", "de", "jv", "th", "zh"])
def test_laser_files_give_both_sides_and_gold(shared_data: Path, tmp_path: Path, language: str) -> None:
    """LASER's English side is the sorted one put back by the labels."""
    folder = shared_data / "download/tatoeba"
    gold = [int(line) for line in (shared_data / f"labels/tatoeba/test-{language}.tsv").read_text().split()]
    in_order = (folder / f"{language}-en.en").read_text().removesuffix("\n").split("\n")
    english = dict(zip(gold, in_order, strict=True))
    laser = tmp_path / f"tatoeba.{THREE_LETTERS[language]}-eng.eng"
    laser.write_text("".join(f"{english[line]}\n" for line in range(len(gold))))
    made = written(convert.tatoeba(language)(Files((folder / f"{language}-en.{language}", laser))))
    assert made[f"download/tatoeba/{language}-en.{language}"] == (folder / f"{language}-en.{language}").read_bytes()
    assert made[f"download/tatoeba/{language}-en.en"] == (folder / f"{language}-en.en").read_bytes()
    assert made[f"labels/tatoeba/test-{language}.tsv"].split() == [str(line).encode() for line in gold]


@pytest.mark.parametrize(("task", "language"), [("xquad", "de"), ("xquad", "zh"), ("xquad", "ar"), ("mlqa", "de")])
def test_gold_blanked_is_the_input(shared_data: Path, task: str, language: str) -> None:
    inputs = {
        "xquad": f"xquad.{language}.json",
        "mlqa": f"MLQA_V1/test/test-context-{language}-question-{language}.json",
    }
    root = json.loads((shared_data / f"labels/{task}/test-{language}.json").read_text())
    theirs = json.loads((shared_data / f"download/{task}/{inputs[task]}").read_text())
    made = json.loads(layout.blanked(root))
    assert made["data"] == theirs["data"]
    assert (
        layout.blanked(root | {"version": theirs["version"]})
        == (shared_data / f"download/{task}/{inputs[task]}").read_bytes()
    )


def test_all_languages_of_tydiqa_are_told_apart_by_their_ids(shared_data: Path, tmp_path: Path) -> None:
    languages = ("ko", "en", "sw")
    articles = [
        article
        for language in languages
        for article in json.loads((shared_data / f"labels/tydiqa/test-{language}.json").read_text())["data"]
    ]
    (tmp_path / "dev.json").write_text(json.dumps({"version": "1", "data": articles[::-1]}))
    for language in languages:
        made = written(convert_questions.tydiqa_test(language)(Files((tmp_path / "dev.json",))))
        path = f"download/tydiqa/tydiqa-goldp-v1.1-dev/tydiqa.goldp.{language}.dev.json"
        ours, theirs = (json.loads(text)["data"] for text in (made[path], (shared_data / path).read_bytes()))
        assert sorted(map(json.dumps, ours)) == sorted(map(json.dumps, theirs))
        assert len(ours) == tydiqa.TASK.published[language]


@pytest.mark.parametrize(("task", "language", "split"), [
    (xnli.TASK, "de", "test"), (xnli.TASK, "en", "dev"), (xnli.TASK, "zh", "test"),
    (pawsx.TASK, "de", "dev"), (pawsx.TASK, "ja", "test"), (panx.TASK, "de", "test"), (panx.TASK, "en", "dev"),
    (udpos.TASK, "en", "train"), (udpos.TASK, "th", "test"),
])  # fmt: skip
def test_what_is_read_is_written_as_xtreme_wrote_it(shared_data: Path, task: Task, language: str, split: str) -> None:
    """Csv quoting included; but for line ends and blanks around fields, in which copies of XTREME differ."""
    assert task.reader is not None
    found = task.reader.read(shared_data / "download" / task.name, language, split)
    made = written(layout.examples(task, language, split, found))
    path = f"download/{task.name}/{split}-{language}.tsv"
    ours, theirs = (
        [[field.strip() for field in line.split(b"\t")] for line in text.split(b"\n")]
        for text in (made[path], (shared_data / path).read_bytes())
    )
    assert ours == theirs


def test_xcopa_tests_lose_their_labels(shared_data: Path) -> None:
    source = shared_data / "labels/xcopa/test-th.jsonl"
    made = written(convert.xcopa("th", ("test",))(Files((source,))))
    theirs = (shared_data / "download/xcopa/test-th.jsonl").read_text().splitlines()
    ours = made["download/xcopa/test-th.jsonl"].decode().splitlines()
    assert [json.loads(line) for line in ours] == [json.loads(line) for line in theirs]
    assert "".join(ours).isascii()
    gold = [json.loads(line)["label"] for line in made["labels/xcopa/test-th.jsonl"].splitlines()]
    assert gold == [json.loads(line)["label"] for line in source.read_text().splitlines()]


def test_the_real_folder_is_imported_and_nothing_changes(shared_data: Path, tmp_path: Path) -> None:
    class Silent:
        def part(self, *_: object) -> None: ...

        def transfer(self, *_: object) -> None: ...

        def next_source(self, *_: object) -> None: ...

    parts, _ = select(
        ["xnli", "xquad", "bucc2018", "tatoeba", "xcopa", "commonsenseqa", "anli_plus"], {"de", "zh", "en", "th"}
    )
    data = tmp_path / "data"
    result = fetch(parts, FetchOptions(data=data, cache=tmp_path / "cache", local=shared_data / "download"), Silent())
    assert {part.name for part, reasons in result.failed if not isinstance(reasons[0], NotThere)} == set()
    theirs, ours = DataFolder.open(shared_data), DataFolder.open(data)
    for name, language, split in (("xnli", "de", "test"), ("xquad", "zh", "test"), ("bucc2018", "zh", "dev")):
        task = next(part for part in built_in().values() if part.name == name)
        assert ours.load(task, language, split).sha == theirs.load(task, language, split).sha
    assert len(load(INTERMEDIATE["commonsenseqa"], data).examples) == 9741
