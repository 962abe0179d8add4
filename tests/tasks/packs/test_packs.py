"""The newer benchmarks: what is declared, and that the demo world's and the real files are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xharness.demo.world import write_world
from xharness.tasks.base import NEWER, Task
from xharness.tasks.data import DataFolder
from xharness.tasks.inventory import cells, count
from xharness.tasks.packs import PACKS, masakhaner2
from xharness.tasks.registry import BENCHMARKS, languages_of
from xharness.tasks.types.keyed_gold import item_clusters, item_ids

LANGUAGES = {
    "americasnli": 10, "belebele": 122, "flores": 203, "masakhaner2": 20, "masakhaner2-names": 20, "massive": 51,
    "ntrex": 126, "sib200": 205,
}  # fmt: skip
UPSTREAM = {"sib200": 26, "americasnli": 6, "masakhaner2": 6, "ntrex": 5}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("newer") / "data"
    write_world(folder, size="tiny", newer=True)
    return folder


def _write(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def test_languages_and_counts() -> None:
    assert {name: len(task.languages) for name, task in PACKS.items()} == LANGUAGES
    assert all(task.published.keys() == {*task.languages} for task in PACKS.values())
    assert PACKS["sib200"].published["sw"] == 204
    assert {code: PACKS["americasnli"].published[code] for code in ("ay", "nah", "oto")} == {
        "ay": 750, "nah": 738, "oto": 748,
    }  # fmt: skip


def test_no_benchmark_counts_them() -> None:
    assert not PACKS.keys() & {name for each in BENCHMARKS.values() for name in each.languages}
    assert {task.group for task in PACKS.values()} == {NEWER, "africa", "americas"}


@pytest.mark.parametrize("task", PACKS.values(), ids=lambda task: task.name)
def test_the_demo_world_is_read_without_problems(world: Path, task: Task) -> None:
    folder = DataFolder.open(world)
    found = [count(folder, cell) for cell in cells(folder, [task])]
    assert [cell for cell in found if cell.problems or not cell.gold] == []
    assert {cell.split for cell in found} >= {"test"}
    # French and Quechua are in the world whatever the benchmark.
    assert {cell.language for cell in found} & {"fr", "qu", "yo"}
    if task.recipe and not task.trains_on and task.name != "masakhaner2":
        assert ("en", "train") in {(cell.language, cell.split) for cell in found}


def test_questions_about_a_passage_are_a_cluster_and_premises_of_americasnli_are_not(tmp_path: Path) -> None:
    rows = [("One.", 1), ("Two.", 4), ("One.", 2)]
    columns = {f"mc_answer{number}": str(number) for number in range(1, 5)}
    lines = [
        json.dumps({"flores_passage": passage, "question": "What?", **columns, "correct_answer_num": str(right)})
        for passage, right in rows
    ]
    _write(tmp_path / "download/belebele/swh_Latn.jsonl", *lines)
    header = "id\tlanguage\tpremise\thypothesis\tlabel"
    _write(tmp_path / "download/americasnli/test/nah.tsv", header, "8\tnah\ta\tb\tneutral", "5\tnah\ta\tc\tneutral")
    folder = DataFolder.open(tmp_path)
    belebele: Any = folder.load(PACKS["belebele"], "sw", limit=3).gold
    americasnli: Any = folder.load(PACKS["americasnli"], "nah").gold
    assert (belebele, item_clusters(belebele)) == ([0, 3, 1], ("0", "1", "0"))
    assert item_ids(americasnli) == item_clusters(americasnli) == ("8", "5")


def test_dates_are_left_out_of_names(world: Path) -> None:
    folder = DataFolder.open(world)
    golds: list[Any] = [folder.load(task, "sw").gold for task in masakhaner2.TASKS]
    whole, names = golds
    assert [["O" if tag in masakhaner2.DATES else tag for tag in tags] for tags in whole] == names
    assert any("B-DATE" in tags for tags in whole)


@pytest.mark.shared_data
@pytest.mark.parametrize(("name", "number"), UPSTREAM.items())
def test_the_published_files_are_whole(shared_data: Path, tmp_path: Path, name: str, number: int) -> None:
    source = shared_data / ("mt/ntrex128" if name == "ntrex" else f"upstream/{name}")
    (tmp_path / "download").mkdir()
    (tmp_path / "download" / name).symlink_to(source)
    folder, task = DataFolder.open(tmp_path), PACKS[name]
    found = [count(folder, cell) for cell in cells(folder, [task], languages_of(task)) if cell[2] == "test"]
    assert len(found) == number
    assert all(cell.matches and cell.gold and not cell.problems for cell in found)


@pytest.mark.shared_data
def test_translations_in_americasnli_have_equal_ids(shared_data: Path, tmp_path: Path) -> None:
    (tmp_path / "download").mkdir()
    (tmp_path / "download" / "americasnli").symlink_to(shared_data / "upstream" / "americasnli")
    folder = DataFolder.open(tmp_path)
    golds: list[Any] = [folder.load(PACKS["americasnli"], code).gold for code in ("ay", "nah", "oto")]
    whole, *parts = [dict(zip(item_ids(gold), gold, strict=True)) for gold in golds]
    assert [len(part) for part in parts] == [738, 748]
    assert all(part.items() <= whole.items() for part in parts)
