"""What cannot be compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.diff.runs import write_run
from xharness.diff.items import changes
from xharness.tasks.common.errors import UserError


@pytest.mark.parametrize(
    ("spoil", "task", "language", "what"),
    [
        ("nothing", "xmli", "de", "unknown task 'xmli'"),
        ("nothing", "xnli", "xx", "unknown language 'xx'"),
        ("nothing", "xnli", "fr", "has no xnli in 'fr'"),
        ("nothing", "panx", "de", "has no panx in 'de'"),
        ("no run", "xnli", "de", "is not a run"),
        ("changed answers", "xnli", "de", "is damaged"),
        ("other data", "xnli", "de", "answered other items of xnli in 'de'"),
        ("data gone", "xnli", "de", "are gone"),
        ("data changed", "xnli", "de", "is not what"),
        ("no gold", "xnli", "de", "has no score"),
    ],
)
def test_what_cannot_be_compared_is_said(
    tmp_path: Path, data: Path, spoil: str, task: str, language: str, what: str
) -> None:
    given = {("xnli", "de"): ["neutral"] * 4}
    base, new = write_run(tmp_path / "base", data, given), tmp_path / "new"
    labels = data / "labels" / "xnli" / "test-de.tsv"
    if spoil == "other data":
        labels.write_text("entailment\n" * 4)
    elif spoil == "no gold":
        labels.unlink()
    write_run(new, data, given)
    if spoil == "no run":
        (new / "manifest.json").unlink()
    elif spoil == "changed answers":
        (new / "predictions" / "xnli" / "test-de.tsv").write_text("entailment\n" * 4)
    elif spoil == "data gone":
        data.rename(tmp_path / "moved")
    elif spoil == "data changed":
        labels.write_text("entailment\n" * 4)
    with pytest.raises(UserError) as caught:
        changes(base, new, task, language)
    assert what in caught.value.what
    assert all("\n" not in line for line in (caught.value.what, caught.value.why, caught.value.fix))
    if spoil == "data gone":
        assert changes(base, new, task, language, tmp_path / "moved") == []
