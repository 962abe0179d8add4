"""The files of the demo world: the right formats, right gold, whole folders, the same bytes every time."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.demo.made import Files
from xharness.demo.files import SIZES
from xharness.demo.world import World, files, maker, tasks_of, write_world
from xharness.tasks.common.errors import UserError
from xharness.tasks.intermediate import PAPER
from xharness.tasks.registry import BENCHMARKS, XTREME, Registry


@pytest.fixture(scope="session")
def tiny_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worlds") / "tiny"
    write_world(folder, size="tiny")
    return folder


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
    made = {task.name for version in BENCHMARKS for task in tasks_of(World(version=version, newer=True)) if task.demo}
    assert made == {task.name for task in Registry().known.values() if task.demo}


def test_the_world_of_xtreme_stays_as_it_is() -> None:
    assert digest(0) == "fe0fc99a926039cd119fff5bf9de11467240f78c81f0b38dcd517ddd55d4084d"


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


def test_several_processes_write_the_same(tiny_world: Path, tmp_path: Path) -> None:
    write_world(tmp_path / "world", size="tiny", jobs=2)
    made = {path.relative_to(tmp_path / "world"): path for path in (tmp_path / "world").rglob("*") if path.is_file()}
    expected = {path.relative_to(tiny_world): path for path in tiny_world.rglob("*") if path.is_file()}
    assert made.keys() == expected.keys()
    assert all(path.read_bytes() == expected[name].read_bytes() for name, path in made.items())


def test_half_written_folders_are_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "world"

    def broken(world: World, *_names: str) -> Iterator[Any]:
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
