"""Sources of the ranking tasks: XQuAD-R with the gold of all languages, and Mewsli-X supplied manually."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.harness.fetch.double import Double, Silent
from tests.harness.fetch.world import put, zipped
from tests.tasks.readers.ranked import write_mewslix, write_pairs, write_xquad_r
from xharness.fetch import catalogue_ranking
from xharness.fetch.catalogue_ranking import MEWSLIX, lareqa_parts, mewslix_parts, wikipedia_pairs_parts
from xharness.fetch.failures import Unavailable
from xharness.fetch.local import Local
from xharness.fetch.run import FetchOptions, fetch
from xharness.fetch.sources import Notes
from xharness.tasks.lareqa import LANGUAGES, TASK


def got(folder: Path) -> Any:
    """The files of a folder as converters see them, in the order of the languages."""
    return SimpleNamespace(path=lambda number: folder / "xquad-r" / f"{LANGUAGES[number]}.json", notes=Notes())


def test_gold_of_lareqa_is_that_of_its_reader(tmp_path: Path) -> None:
    write_xquad_r(tmp_path, LANGUAGES)
    labels = next(part for part in lareqa_parts() if part.name == "lareqa/labels")
    outputs = {output.path: json.loads(output.content) for output in labels.routes[0].convert(got(tmp_path))}
    assert list(outputs) == [f"labels/lareqa/test-{language}.json" for language in LANGUAGES]
    assert TASK.reader is not None
    assert outputs["labels/lareqa/test-zh.json"] == TASK.reader.read(tmp_path, "zh", "test").gold
    (tmp_path / "xquad-r" / "de.json").write_text("{")
    with pytest.raises(Unavailable, match=r"de.json:1: broken JSON"):
        list(labels.routes[0].convert(got(tmp_path)))


def test_mewslix_says_what_the_archive_lacks_and_takes_a_folder(tmp_path: Path) -> None:
    write_mewslix(tmp_path / "mewslix", ["de", "en"])
    parts = {part.language: part for part in mewslix_parts()}
    (source,) = parts["de"].routes[0].sources
    assert "md5 6d3f137027c7e0146c7aa0b3c21e90f4" in source.why  # type: ignore[union-attr]
    assert "candidate_set_entities.jsonl with --from FOLDER" in source.how  # type: ignore[union-attr]
    local = Local.of(tmp_path / "mewslix")
    names = [output.path for output in local.copies(parts["de"])]
    assert names == ["download/mewslix/candidate_set_entities.jsonl", "download/mewslix/wikinews_mentions-test.jsonl"]
    assert list(local.copies(parts["ar"])) == []


def test_the_folder_that_the_authors_script_writes(tmp_path: Path) -> None:
    folder = tmp_path / "output" / "dataset"
    write_mewslix(folder, ["de"])
    write_pairs(folder)
    local = Local.of(folder)
    (mentions, *_), (pairs,) = (
        [p for p in parts() if p.language in ("de", "en")] for parts in (mewslix_parts, wikipedia_pairs_parts)
    )
    names = [
        output.path.removeprefix("download/mewslix/") for part in (mentions, pairs) for output in local.copies(part)
    ]
    assert names == [
        "candidate_set_entities.jsonl", "wikinews_mentions-test.jsonl",
        "wikipedia_pairs-dev.jsonl", "wikipedia_pairs-train.jsonl",
    ]  # fmt: skip


def test_training_pairs_come_out_of_the_released_archive(
    double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pairs(tmp_path / "made")
    made = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "made").iterdir()}
    archive = zipped({**made, "candidate_set_entities.jsonl": "{}"})
    put(double, MEWSLIX, archive)
    settings = FetchOptions(data=tmp_path / "data", cache=tmp_path / "cache")
    ((_, (refused,)),) = fetch(list(wikipedia_pairs_parts()), settings, Silent()).failed
    assert "that of the released archive is 6d3f137027c7e0146c7aa0b3c21e90f4" in str(refused)
    monkeypatch.setattr(catalogue_ranking, "MEWSLIX_MD5", hashlib.md5(archive, usedforsecurity=False).hexdigest())
    assert not fetch(list(wikipedia_pairs_parts()), settings, Silent()).failed
    folder = tmp_path / "data" / "download" / "mewslix"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == made
