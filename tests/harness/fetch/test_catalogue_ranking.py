"""Sources of the ranking tasks: XQuAD-R with the gold of all languages, and Mewsli-X supplied manually."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.tasks.readers.ranked import write_mewslix, write_xquad_r
from xharness.fetch.catalogue_ranking import lareqa_parts, mewslix_parts
from xharness.fetch.failures import Unavailable
from xharness.fetch.local import Local
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
