"""Sources of the newer benchmarks: files one by one and archives, with the gold beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.fetch.double import Double, Silent
from tests.harness.fetch.world import put, tarred, zipped
from xharness.demo.world import write_world
from xharness.fetch.catalogue_newer import AMERICAS_NLI, BELEBELE, FLORES, MASAKHANER, MASSIVE, NTREX, SIB_200
from xharness.fetch.local import Local
from xharness.fetch.plan import all_parts, select
from xharness.fetch.run import FetchOptions, fetch
from xharness.tasks.data import DataFolder
from xharness.tasks.packs import PACKS

PARTS = (
    "sib200/en", "sib200/fr", "americasnli/qu", "masakhaner2/sw", "ntrex/fr", "flores/fr", "belebele/fr", "massive/fr",
)  # fmt: skip
ONE_BY_ONE = {"sib200": SIB_200, "americasnli": AMERICAS_NLI, "ntrex": NTREX}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("newer") / "data"
    write_world(folder, size="tiny", newer=True)
    for split in ("dev", "test"):
        (folder / "download" / "sib200" / "fra_Latn" / f"{split}.tsv").write_text(
            "index_id\tcategory\ttext\n1\ttravel\tA\n"
        )
    (folder / "download" / "masakhaner2" / "swa" / "train.txt").write_text("Ada B-PER\n")
    return folder


def files(folder: Path, name: str) -> dict[str, bytes]:
    """The files of a task by their path below its folder."""
    root = folder / "download" / name
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def publish(made: Path, double: Double) -> None:
    for name, base in (*ONE_BY_ONE.items(), ("masakhaner2", MASAKHANER)):
        for path, content in files(made, name).items():
            put(double, f"{base}/{path}", content)
    members = {f"flores200_dataset/{path}": content for path, content in files(made, "flores").items()}
    put(double, FLORES, tarred(members))
    locales = {f"1.0/data/{path}": content for path, content in files(made, "massive").items()}
    put(double, MASSIVE, tarred(locales))
    texts = {f"Belebele/{path}": content.decode() for path, content in files(made, "belebele").items()}
    put(double, BELEBELE, zipped(texts))


def test_everything_goes_where_the_readers_find_it(made: Path, double: Double, tmp_path: Path) -> None:
    publish(made, double)
    report = fetch([all_parts()[name] for name in PARTS], FetchOptions(data=tmp_path / "data"), Silent())
    assert [(part.name, list(map(str, why))) for part, why in report.failed] == []
    data = DataFolder.open(tmp_path / "data")
    for name in PARTS:
        task, language = PACKS[name.partition("/")[0]], name.partition("/")[2]
        cell = data.load(task, language)
        assert cell.problems == ()
        assert cell.gold_source.endswith(f"labels/{task.name}/{task.file_name(language)}")
        assert not [note for note in cell.notes if "differs" in note]
    assert data.holds(PACKS["sib200"], "en", "train")
    got = files(tmp_path / "data", "masakhaner2")
    assert got == {name: content for name, content in files(made, "masakhaner2").items() if name.startswith("swa/")}


def test_a_folder_at_hand_is_taken(made: Path, tmp_path: Path) -> None:
    parts = [all_parts()[name] for name in ("sib200/fr", "americasnli/qu", "belebele/train", "americasnli/gn")]
    report = fetch(parts, FetchOptions(data=tmp_path / "data", local=made), Silent())
    assert [part.name for part, _ in report.failed] == ["americasnli/gn"]
    assert files(tmp_path / "data", "belebele").keys() == {"belebele_training_set.tsv"}


def test_a_file_of_a_common_name_is_taken_from_its_folder_only(tmp_path: Path) -> None:
    for folder in ("yor", "swa"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "test.txt").write_text(folder)
    local = Local.of(tmp_path)
    found = local.find("test.txt", "", "swa")
    assert found is not None
    assert found.path == tmp_path / "swa" / "test.txt"
    assert local.find("test.txt", "", "zul") is None


def test_groups_name_them() -> None:
    named = {part.task for part in select(["americas"], None)[0]}
    assert named == {"americasnli", "xnli"}  # what it trains on comes along
    assert {part.task for part in select(["newer"], {"sw"})[0]} >= {"sib200", "belebele", "masakhaner2", "panx"}
    assert {part.name for part in select(["americasnli"], {"aym"})[0]} == {"americasnli/ay", "xnli/train"}
    assert {part.language for part in select(["masakhaner2"], {"africa"})[0]} == {*PACKS["masakhaner2"].languages}
    assert not PACKS.keys() & {part.task for part in select(["all"], None)[0]}
