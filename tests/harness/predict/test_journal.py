"""What a killed process has computed is neither lost nor changed, and nothing half-written is believed."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tests.conftest import Tiny
from xharness.checkpoints.checkpoint import inspect
from xharness.compute.batches import IntArray
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, load
from xharness.predict import journal as journals
from xharness.predict import stream as streams
from xharness.predict.journal import Journal
from xharness.predict.outputs import tensors_by_name

IDS = [[5, 6, 7], [5], [8, 9], [5, 6], [7, 8, 9, 10]]
TYPES = [None] * len(IDS)
TOKENS = 4


def outputs(*sizes: int) -> list[tuple[IntArray, Any]]:
    """A head's output, one that is a tensor, and one in half precision that is not contiguous, in turns."""
    torch.manual_seed(0)
    kinds: list[Any] = [
        lambda n: SimpleNamespace(logits=torch.randn(n, 3), hidden_states=None),
        lambda n: torch.randn(2, n, 4),
        lambda n: SimpleNamespace(start_logits=torch.randn(5, n).T, end_logits=torch.randn(n, 5).bfloat16()),
    ]
    return [(np.arange(size), kinds[number % 3](size)) for number, size in enumerate(sizes)]


def content(output: Any) -> list[torch.Tensor]:
    return list(tensors_by_name(output).values())


def same(found: list[tuple[IntArray, Any]], wanted: list[tuple[IntArray, Any]]) -> bool:
    pairs = list(zip(found, wanted, strict=True))
    return all(
        (one[0] == other[0]).all() and all(map(torch.equal, content(one[1]), content(other[1]))) for one, other in pairs
    )


def test_outputs_come_back_to_the_last_bit(tmp_path: Path) -> None:
    wanted = outputs(2, 3, 1, 4)
    for start in (0, 2):
        with Journal(tmp_path / "new", "key").open(IDS, TYPES, TOKENS) as kept:
            assert same(list(kept.known()), wanted[:start])
            for batch, output in wanted[start : start + 2]:
                kept.add(batch, output)
    with Journal(tmp_path / "new", "key").open(IDS, TYPES, TOKENS) as kept:
        assert same(list(kept.known()), wanted)


@pytest.mark.parametrize(
    ("key", "ids", "types", "tokens"),
    [
        ("other", IDS, TYPES, TOKENS),
        ("key", [*IDS[1:], IDS[0]], TYPES, TOKENS),
        ("key", IDS, [[0] * len(row) for row in IDS], TOKENS),
        ("key", IDS, TYPES, 8),
    ],
)
def test_other_streams_have_files_of_their_own(tmp_path: Path, key: str, ids: Any, types: Any, tokens: int) -> None:
    with Journal(tmp_path, "key").open(IDS, TYPES, TOKENS) as kept:
        kept.add(*outputs(1)[0])
    with Journal(tmp_path, key).open(ids, types, tokens) as kept:
        assert not list(kept.known())
    assert len(list(tmp_path.iterdir())) == 2


def test_a_record_that_is_not_whole_is_cut_off_wherever_it_ends(tmp_path: Path) -> None:
    wanted = outputs(1, 2, 1)
    with Journal(tmp_path, "key").open(IDS, TYPES, TOKENS) as kept:
        ends = [0]
        for batch, output in wanted[:2]:
            kept.add(batch, output)
            ends.append(next(tmp_path.iterdir()).stat().st_size)
    path = next(tmp_path.iterdir())
    whole = path.read_bytes()
    for end in (*range(0, len(whole), 7), len(whole) - 1):
        path.write_bytes(whole[:end])
        count = sum(end >= bound for bound in ends[1:])
        with Journal(tmp_path, "key").open(IDS, TYPES, TOKENS) as kept:
            assert same(list(kept.known()), wanted[:count])
            assert path.stat().st_size == ends[count]
            kept.add(*wanted[2])
        with Journal(tmp_path, "key").open(IDS, TYPES, TOKENS) as kept:
            assert same(list(kept.known()), [*wanted[:count], wanted[2]])


def test_changed_bytes_are_not_believed(tmp_path: Path) -> None:
    with Journal(tmp_path, "key").open(IDS, TYPES, TOKENS) as kept:
        kept.add(*outputs(2)[0])
    path = next(tmp_path.iterdir())
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with Journal(tmp_path, "key").open(IDS, TYPES, TOKENS) as kept:
        assert not list(kept.known())


@pytest.mark.parametrize("size", [2**40, 2**63, 2**64 - 1])
def test_a_damaged_length_is_not_believed(tmp_path: Path, size: int) -> None:
    with Journal(tmp_path, "key").open(IDS, TYPES, TOKENS) as kept:
        kept.add(*outputs(2)[0])
    path = next(tmp_path.iterdir())
    path.write_bytes(size.to_bytes(8, "little") + path.read_bytes()[8:])
    with Journal(tmp_path, "key").open(IDS, TYPES, TOKENS) as kept:
        assert not list(kept.known())
    assert path.stat().st_size == 0


def test_a_full_disk_costs_no_answer() -> None:
    class Full(io.BytesIO):
        def write(self, _data: Any) -> int:
            raise OSError(28, "No space left on device")

    journals.Stream(Full()).add(*outputs(1)[0])


class KilledError(Exception):
    """Stands for the end of a process."""


def loaded(folder: Path) -> Loaded:
    found = inspect(folder)
    return load(found, found.head, Device("cpu", "fp32"))


def run(model: Loaded, journal: Journal | None, end: int = 99) -> tuple[dict[int, bytes], int, Any]:
    """Logits of each input as bytes, the batches that the model saw, and what that took; it dies after ``end``."""
    found: dict[int, bytes] = {}
    seen = 0

    def use(batch: IntArray, output: Any) -> None:
        found.update({int(i): output.logits[row].numpy().tobytes() for row, i in enumerate(batch)})

    def dying(loaded: Loaded) -> Any:
        def call(**inputs: Any) -> Any:
            nonlocal seen
            if seen == end:
                raise KilledError
            seen += 1
            return loaded.model(**inputs)

        return call

    try:
        spent = streams.stream(model, IDS, TYPES, use, batch_tokens=TOKENS, make=dying, journal=journal)
    except KilledError:
        spent = None
    return found, seen, spent


def test_one_batch_is_lost_at_most(tiny: Tiny, tmp_path: Path) -> None:
    model = loaded(tiny("xlm-roberta", "sequence"))
    calm, batches, spent = run(model, None)
    assert (batches, spent.examples, spent.tokens) == (4, 5, 12)
    for end in range(batches):
        journal = Journal(tmp_path / str(end), "key")
        part, seen, _ = run(model, journal, end)
        assert (seen, part) == (end, {i: calm[i] for i in part})
        rest, seen, spent = run(model, journal)
        assert (rest, seen) == (calm, batches - end)
        assert spent.examples == len(IDS) - len(part)
        assert run(model, journal)[1] == 0


def test_progress_begins_where_it_ended(tiny: Tiny, tmp_path: Path) -> None:
    model, journal = loaded(tiny("xlm-roberta", "sequence")), Journal(tmp_path, "key")
    run(model, journal, 2)
    told: list[float] = []
    streams.stream(model, IDS, TYPES, lambda _b, _o: None, batch_tokens=TOKENS, journal=journal, progress=told.append)
    assert told == pytest.approx([11 / 12, 1.0])
