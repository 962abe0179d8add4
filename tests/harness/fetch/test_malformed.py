"""What comes under a published name and is not what was published: one line, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pyarrow
import pyarrow.parquet
import pytest

from tests.fuzz.mutations import BYTES
from xharness.fetch.convert_hub import xcopa
from xharness.fetch.failures import Unavailable
from xharness.fetch.hub import read_rows
from xharness.fetch.run import _converted
from xharness.fetch.sources import Notes


def parquet(folder: Path, columns: dict[str, pyarrow.Array]) -> Path:
    pyarrow.parquet.write_table(pyarrow.table(columns), folder / "a.parquet")
    return folder / "a.parquet"


def bad_text(content: bytes) -> pyarrow.Array:
    """One string that is not UTF-8."""
    ends = pyarrow.array([0, len(content)], pyarrow.int32()).buffers()[1]
    return pyarrow.Array.from_buffers(pyarrow.string(), 1, [None, ends, pyarrow.py_buffer(content)])


def converted(path: Path) -> list[Any]:
    got = SimpleNamespace(rows=lambda _: read_rows([path]), notes=Notes())
    return list(_converted(cast(Any, SimpleNamespace(convert=xcopa("et", ["test"]))), cast(Any, got)))


def test_bad_utf_8_in_parquet(tmp_path: Path) -> None:
    words = pyarrow.array(["a"])
    columns = {"premise": bad_text(b"a\xffb"), "choice1": words, "choice2": words, "question": words}
    path = parquet(tmp_path, {**columns, "label": pyarrow.array([0])})
    with pytest.raises(Unavailable, match=r"^it is not as published") as error:
        converted(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 50 + b"PAR1"])
def test_half_a_parquet_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(Unavailable, match="is not a parquet file") as error:
        converted(tmp_path / "a.parquet")
    assert "\n" not in str(error.value)


def test_mutated_parquet(tmp_path: Path) -> None:
    words = pyarrow.array(["a", "ü"])
    texts = dict.fromkeys(("premise", "choice1", "choice2", "question"), words)
    path = parquet(tmp_path, {**texts, "label": pyarrow.array([0, 1])})
    whole = path.read_bytes()
    refused = 0
    for number in range(100):
        rng = Random(number)
        path.write_bytes(rng.choice(BYTES)(whole, rng))
        try:
            converted(path)
        except Unavailable:
            refused += 1
    assert refused > 50


def test_values_of_another_kind() -> None:
    def convert(_: Any) -> Iterator[Any]:
        yield cast(Any, None).strip()

    with pytest.raises(Unavailable, match="not as published"):
        list(_converted(cast(Any, SimpleNamespace(convert=convert)), cast(Any, None)))
