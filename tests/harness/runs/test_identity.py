"""What makes a run the run that it is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.runs.opened import IDENTITY, ITEMS, RECORD, TEXT, message, opened
from xharness.runs.folder import RunFolder
from xharness.runs.record import Record
from xharness.tasks.common.errors import UserError


def test_another_run_is_refused_and_says_what_differs(folder: RunFolder) -> None:
    other = {"model": {"model": "b" * 64}, "options": {"limit": 10, "layer": "last", "new": 1}}
    with pytest.raises(UserError) as error:
        opened(folder.path, other)
    assert message(error) == (
        f"{folder.path} holds another run\n"
        "  why: model.model was aaaaaaaaaaaa, now bbbbbbbbbbbb; --limit was absent, now 10; "
        "--new was absent, now 1\n"
        "  fix: choose another --out, or pass --overwrite to throw the old run away"
    )
    assert len(folder.records()) == 1


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    ("identity", "why"),
    [
        (IDENTITY | {"model": {"model": "b" * 64}}, f"xnli test-de is of the model {'a' * 12}"),
        (IDENTITY | {"options": {"limit": 5, "layer": "last"}}, "--limit was absent, now 5"),
    ],
)
def test_without_its_manifest_cells_tell_their_run(folder: RunFolder, identity: Any, why: str, overwrite: bool) -> None:
    (folder.path / "manifest.json").write_text("{")
    if overwrite:
        assert opened(folder.path, identity, overwrite=True).records() == []
        return
    with pytest.raises(UserError, match="holds another run") as error:
        opened(folder.path, identity)
    assert error.value.why == why


def test_without_its_manifest_an_old_cell_tells_nothing(folder: RunFolder) -> None:
    folder.save(Record(**{**RECORD.__dict__, "parts": {}}), TEXT, ITEMS)
    (folder.path / "manifest.json").unlink()
    with pytest.raises(UserError, match="holds another run") as error:
        opened(folder.path)
    assert error.value.why == "the manifest is lost, and xnli test-de does not tell its run"
