"""A twin has the same labels and lengths, shares nothing, and says what difference remains."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tasks.selection.made_up import write_mnli
from xharness.tasks.common.errors import BadFiles, UserError
from xharness.tasks.selection.ids import write_ids
from xharness.tasks.selection.pool import Pool, PoolOptions, read_pool
from xharness.tasks.selection.twins import TwinOptions, twin


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    return read_pool(PoolOptions(task="mnli", data=write_mnli(tmp_path / "data")))


def options(tmp_path: Path, ids: list[str], **more: object) -> TwinOptions:
    write_ids(tmp_path / "given.txt", ids)
    found = TwinOptions(of=tmp_path / "given.txt", pool=PoolOptions(task="mnli", data=tmp_path / "data"), seed=1)
    return replace(found, **more)  # type: ignore[arg-type]


def labels(pool: Pool, ids: list[str]) -> Counter[str]:
    return Counter(example.label for example in pool.examples if example.id in ids)


def test_as_many_with_the_same_labels_and_lengths(tmp_path: Path, pool: Pool) -> None:
    given = [example.id for example in pool.examples[:40]]
    found = twin(options(tmp_path, given))
    assert len(found.ids) == 40
    assert not set(found.ids) & set(given)
    assert labels(pool, list(found.ids)) == labels(pool, given) == Counter(found.labels)
    assert found.given == found.twin
    assert (found.moved, found.shared) == (0, 0)
    assert found.means[0] == pytest.approx(found.means[1], abs=4)  # half a bin
    places = {example.id: place for place, example in enumerate(pool.examples)}
    assert sorted(found.ids, key=places.__getitem__) == list(found.ids)


def test_seeds_differ_and_the_draw_is_the_same_every_time(tmp_path: Path, pool: Pool) -> None:
    given = [example.id for example in pool.examples[:20]]
    first, again, other = (twin(options(tmp_path, given, seed=seed)).ids for seed in (1, 1, 2))
    assert first == again != other


def test_where_a_bin_has_too_few_the_nearest_gives_the_rest_and_it_is_said(tmp_path: Path, pool: Pool) -> None:
    longest = sorted(pool.examples, key=lambda e: len(e.first.split()))[-15:]
    given = [example.id for example in longest]
    found = twin(options(tmp_path, given, bin=2))
    assert labels(pool, list(found.ids)) == labels(pool, given)
    assert found.moved > 0
    assert sum((Counter(found.twin) - Counter(found.given)).values()) <= found.moved
    assert found.means[1] < found.means[0]


def test_it_may_share_examples_if_asked(tmp_path: Path, pool: Pool) -> None:
    given = [example.id for example in pool.examples[:100]]
    with pytest.raises(UserError, match="no twin with the same number of"):
        twin(options(tmp_path, given))
    found = twin(options(tmp_path, given, overlapping=True))
    assert len(found.ids) == 100
    assert found.shared > 0


def test_what_is_wrong_with_the_list_or_the_bins(tmp_path: Path, pool: Pool) -> None:
    with pytest.raises(BadFiles, match="does not fit the data"):
        twin(options(tmp_path, ["no such id"]))
    with pytest.raises(UserError, match="--bin is 0"):
        twin(options(tmp_path, [pool.examples[0].id], bin=0))
