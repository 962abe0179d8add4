"""The files of the demo world: the right formats, right gold, whole folders, the same bytes every time."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from xharness.demo.files import SIZES
from xharness.demo.world import World, files, maker, tasks_of, write_world
from xharness.tasks.common.errors import UserError
from xharness.tasks.intermediate import PAPER
from xharness.tasks.registry import BENCHMARKS, XTREME, Registry

Files = dict[str, str]


@pytest.fixture(scope="session")
def world() -> Files:
    """Path to text of every file of the demo world."""
    made = list(files(World(seed=0, size="demo")))
    assert len({file.path for file in made}) == len(made)
    return {file.path: file.text for file in made}


@pytest.fixture(scope="session")
def tiny_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worlds") / "tiny"
    write_world(folder, size="tiny")
    return folder


def rows(text: str, end: str = "\n") -> list[list[str]]:
    assert text.endswith(end)
    return [line.split("\t") for line in text.removesuffix(end).split(end)]


def tagged(text: str) -> list[list[list[str]]]:
    """Sentences of words of fields; the file ends with one newline and no empty line."""
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    return [rows(block + "\n") for block in text.removesuffix("\n").split("\n\n")]


def questions(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Context and question of a file in SQuAD's form."""
    for article in json.loads(text)["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                yield paragraph["context"], question


def digest(seed: int) -> str:
    sha = hashlib.sha256()
    for file in files(World(seed=seed, size="tiny")):
        sha.update(f"{file.path}\0{file.text}\0".encode())
    return sha.hexdigest()


def test_equal_seeds_give_equal_bytes_in_any_process() -> None:
    code = "from tests.harness.demo.test_world import digest; print(digest(0))"
    for hash_seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": hash_seed},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == digest(0)
    assert digest(1) != digest(0)


def test_all_cells_have_test_files_and_gold(world: Files) -> None:
    labels = {path for path in world if path.startswith("labels/")}
    registry = Registry()
    expected = {
        f"labels/{name}/{registry.task(name).file_name(language)}"
        for name, languages in XTREME.languages.items()
        for language in languages
    }
    assert labels == expected
    assert len(labels) == XTREME.cells == 162


@pytest.mark.parametrize("version", BENCHMARKS)
def test_what_a_task_names_writes_files_of_its_own(version: str) -> None:
    world = World(size="tiny", version=version)
    named = [task for task in tasks_of(world) if task.demo]
    assert {task.name for task in named} >= {*BENCHMARKS[version].languages, *(task.name for task in PAPER)}
    made = {task.name: [file.path for file in maker(task)(world, task)] for task in named}
    assert all(made.values())
    paths = [path for paths in made.values() for path in paths]
    assert paths == [file.path for file in files(world)]
    assert len(paths) == len(set(paths))


def test_every_task_with_files_of_the_demo_is_in_a_world() -> None:
    made = {task.name for version in BENCHMARKS for task in tasks_of(World(version=version)) if task.demo}
    assert made == {task.name for task in Registry().known.values() if task.demo}


def test_the_world_of_xtreme_stays_as_it_is() -> None:
    assert digest(0) == "d18613ff5f52b36a06993417b48ec95b7a0e6b3b6efec63ee28a63a7ce8e1219"


@pytest.mark.parametrize(("name", "count"), [("xnli", 60), ("pawsx", 300)])
def test_pairs(world: Files, name: str, count: int) -> None:
    task = Registry().task(name)
    gold = {language: rows(world[f"labels/{name}/test-{language}.tsv"]) for language in task.languages}
    assert len({tuple(map(tuple, labels)) for labels in gold.values()}) == 1, "the same items in all languages"
    for language in task.languages:
        test = rows(world[f"download/{name}/test-{language}.tsv"], "\r\n")
        assert {len(row) for row in test} == {2}
        assert len(test) == len(gold[language]) == count
    train = rows(world[f"download/{name}/train-en.tsv"], "\r\n")
    counts = Counter(label for _, _, label in train)
    assert set(counts) == set(task.labels)
    assert min(counts.values()) > 0.9 * len(train) / len(task.labels)
    if name == "pawsx":
        assert all(first != second for first, second, _ in train)


def test_paraphrases_have_the_same_words_and_order_decides(world: Files) -> None:
    for first, second, _ in rows(world["download/pawsx/train-en.tsv"], "\r\n")[:500]:
        assert sorted(first.lower().strip(".").split()) == sorted(second.lower().strip(".").split())


@pytest.mark.parametrize("name", ["udpos", "panx"])
def test_tags_stand_beside_words(world: Files, name: str) -> None:
    task = Registry().task(name)
    for language in task.languages:
        words = tagged(world[f"download/{name}/test-{language}.tsv"])
        tags = tagged(world[f"labels/{name}/test-{language}.tsv"])
        assert [len(sentence) for sentence in words] == [len(sentence) for sentence in tags]
        assert len(words) == 60
        assert all(len(word) == 1 and word[0].strip() == word[0] != "" for sentence in words for word in sentence)
        counts = Counter(tag[0] for sentence in tags for tag in sentence)
        assert set(counts) <= set(task.labels)
        # Every language uses nearly the whole set, whatever its grammar leaves out.
        assert len(counts) >= (13 if name == "udpos" else 7), (language, counts)
    train = tagged(world[f"download/{name}/train-en.tsv"])
    assert {len(word) for sentence in train for word in sentence} == {2}
    assert set(task.labels) - {word[1] for sentence in train for word in sentence} <= {"X"}


def test_entities_are_well_formed(world: Files) -> None:
    for sentence in tagged(world["download/panx/train-en.tsv"]):
        before = "O"
        for _, tag in sentence:
            if tag.startswith("I-"):
                assert before[2:] == tag[2:]
            before = tag


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("xquad", "xquad.{0}.json"),
        ("mlqa", "MLQA_V1/test/test-context-{0}-question-{0}.json"),
        ("tydiqa", "tydiqa-goldp-v1.1-dev/tydiqa.goldp.{0}.dev.json"),
    ],
)
def test_answers_lie_where_they_should(world: Files, name: str, path: str) -> None:
    for language in Registry().task(name).languages:
        gold = {
            question["id"]: (c, question) for c, question in questions(world[f"labels/{name}/test-{language}.json"])
        }
        blank = {q["id"]: (c, q) for c, q in questions(world[f"download/{name}/{path.format(language)}"])}
        assert len(gold) == (90 if (name, language) == ("mlqa", "en") else 60)
        assert list(gold) == list(blank)
        for key, (context, question) in gold.items():
            (answer,) = question["answers"]
            start, text = answer["answer_start"], answer["text"]
            assert text
            assert context[start : start + len(text)] == text
            assert blank[key][0] == context
            assert blank[key][1]["answers"] == [{"answer_start": 0, "text": ""}]
            assert blank[key][1]["question"] == question["question"]


def test_questions_are_parallel(world: Files) -> None:
    ids = {
        language: [question["id"] for _, question in questions(world[f"labels/xquad/test-{language}.json"])]
        for language in XTREME.languages["xquad"]
    }
    assert len({tuple(of_language) for of_language in ids.values()}) == 1
    english = {question["id"] for _, question in questions(world["labels/mlqa/test-en.json"])}
    german = {question["id"] for _, question in questions(world["labels/mlqa/test-de.json"])}
    assert german < english


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("squad/train-v1.1.json", 6000),
        ("squad/dev-v1.1.json", 600),
        ("tydiqa/tydiqa-goldp-v1.1-train/tydiqa.goldp.en.train.json", 3000),
    ],
)
def test_training_questions_carry_answers(world: Files, path: str, count: int) -> None:
    found = list(questions(world[f"download/{path}"]))
    assert len(found) == len({question["id"] for _, question in found}) == count
    for context, question in found:
        (answer,) = question["answers"]
        assert context[answer["answer_start"] :].startswith(answer["text"])


def test_tatoeba_labels_follow_the_rule(world: Files) -> None:
    for language in XTREME.languages["tatoeba"]:
        foreign = world[f"download/tatoeba/{language}-en.{language}"].removesuffix("\n").split("\n")
        english = world[f"download/tatoeba/{language}-en.en"].removesuffix("\n").split("\n")
        labels = [int(row[0]) for row in rows(world[f"labels/tatoeba/test-{language}.tsv"])]
        assert english == sorted(english)
        assert len(set(english)) == len(set(foreign)) == 100
        assert sorted(labels) == list(range(100))
        # Digits are the same in every language: the pairs that the labels name must agree on them.
        digits = [sorted(filter(str.isdigit, text)) for text in foreign]
        assert all(
            sorted(filter(str.isdigit, text)) == digits[label] for text, label in zip(english, labels, strict=True)
        )


def test_mining_gold_names_sentences_that_exist(world: Files) -> None:
    for language in XTREME.languages["bucc2018"]:
        for split in ("dev", "test"):
            sides = [dict(rows(world[f"download/bucc2018/{language}-en.{split}.{side}"])) for side in (language, "en")]
            gold = world[
                f"download/bucc2018/{language}-en.dev.gold"
                if split == "dev"
                else f"labels/bucc2018/test-{language}.tsv"
            ]
            pairs = rows(gold)
            assert [len(side) for side in sides] == [80, 80]
            assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs}) == 30
            assert all(one in sides[0] and other in sides[1] for one, other in pairs)
            assert all(len(set(side.values())) == len(side) for side in sides)


def test_no_file_of_the_folder_is_unreadable_for_the_tasks(tiny_world: Path) -> None:
    registry = Registry()
    read = 0
    for name, languages in XTREME.languages.items():
        task = registry.task(name)
        assert task.reader is not None
        for language in languages:
            split = task.reader.read(tiny_world / "download" / name, language, "test")
            assert not split.problems
            assert len(split.examples) == 1 if task.group == "retrieval" else len(split.examples) >= 4
            read += 1
    assert read == 162


def test_a_second_call_changes_nothing(tiny_world: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in tiny_world.rglob("*")}
    write_world(tiny_world, size="tiny")
    assert before == {path: path.stat().st_mtime_ns for path in tiny_world.rglob("*")}


def test_half_written_folders_are_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "world"

    def broken(world: World) -> Iterator[Any]:
        yield from list(files(world))[:3]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("xharness.demo.world.files", broken)
        with pytest.raises(KeyboardInterrupt):
            write_world(folder, size="tiny")
    assert not folder.exists()
    write_world(folder, size="tiny")
    assert (folder / "labels/xnli/test-zh.tsv").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


def test_another_seed_replaces_the_world_but_nothing_of_others(tmp_path: Path) -> None:
    folder = tmp_path / "world"
    write_world(folder, size="tiny")
    first = (folder / "text/en.txt").read_bytes()
    write_world(folder, size="tiny", seed=1)
    assert (folder / "text/en.txt").read_bytes() != first
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="holds something else"):
        write_world(folder, size="tiny")
    assert (folder / "notes.txt").read_text() == "mine"


def test_unknown_sizes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="unknown size 'demoo'"):
        write_world(tmp_path / "world", size="demoo")


def test_the_full_size_has_the_published_counts() -> None:
    registry = Registry()
    full = World(size="full")
    assert SIZES["full"].train["tydiqa"] == 3696
    assert full.test_count(registry.task("xnli"), "de") == 5010
    assert full.test_count(registry.task("udpos"), "ta") == 120
    assert full.test_count(registry.task("tatoeba"), "jv") == 205
