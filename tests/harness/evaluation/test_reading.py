"""Data are read and hashed once, and not trusted to stay."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.harness.conftest import Demo
from tests.harness.evaluation.two_cells import options
from xharness.evaluation.evaluate import evaluate
from xharness.tasks.common import files
from xharness.tasks.common.errors import UserError
from xharness.tasks.readers.pairs import XnliReader


def test_every_file_is_hashed_once(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, seen = files.hash_file, Counter[Path]()

    def counted(path: Path) -> str:
        seen[path] += 1
        return real(path)

    monkeypatch.setattr(files, "hash_file", counted)
    evaluate(options(demo, tmp_path / "run", tasks="xnli,bucc2018"))
    data = {path: times for path, times in seen.items() if path.is_relative_to(demo.data)}
    assert len(data) > 6
    assert set(data.values()) == {1}


@pytest.mark.parametrize("when", ["before it is read", "while it is read"])
def test_data_that_are_replaced_meanwhile_are_refused(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    data = Path(shutil.copytree(demo.data, tmp_path / "data"))
    chosen = options(demo, tmp_path / "run", data=data, langs="de")
    path = data / "download" / "xnli" / "test-de.tsv"
    real = XnliReader.read

    def read(self: XnliReader, *arguments: Any, **more: Any) -> Any:
        other = path.read_text(encoding="utf-8").replace("\n", " x\n", 1)
        if when == "before it is read":
            path.write_text(other, encoding="utf-8")
        found = real(self, *arguments, **more)
        if when == "while it is read":
            path.write_text(other, encoding="utf-8")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(XnliReader, "read", read)
        with pytest.raises(UserError, match="the data of xnli in 'de' were changed meanwhile"):
            evaluate(chosen)
    assert not list((tmp_path / "run").rglob("items/*/*"))
    assert evaluate(chosen).computed == 1
