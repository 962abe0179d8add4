"""Nested subsets are those of ``finetune --examples``, in proportion within every prefix, and bounded by tokens."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.tasks.selection.made_up import write_mnli
from xharness.tasks.common.errors import UserError
from xharness.tasks.selection.nested import RECORD, NestedOptions, nested
from xharness.tasks.selection.pool import PoolOptions, read_pool, words
from xharness.tasks.subsets import take


@pytest.fixture
def pool(tmp_path: Path) -> PoolOptions:
    return PoolOptions(task="mnli", data=write_mnli(tmp_path / "data"))


def listed(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split()


def test_each_is_what_is_taken_for_training_and_part_of_the_next(tmp_path: Path, pool: PoolOptions) -> None:
    found = nested(NestedOptions(pool=pool, out=tmp_path / "out", sizes=(100, 10, 32), data_seed=7))
    assert [subset.examples for subset in found] == [10, 32, 100]
    there = read_pool(pool)
    lists = [listed(tmp_path / "out" / subset.file) for subset in found]
    for subset, ids in zip(found, lists, strict=True):
        assert ids == [example.id for example in take(there.examples, subset.examples, 7, there.stratum)]
        assert abs(subset.labels["entailment"] - subset.examples / 2) <= 1
        assert subset.languages == {"en": subset.examples}
    for smaller, larger in pairwise(lists):
        assert set(smaller) < set(larger)
    record = json.loads((tmp_path / "out" / RECORD).read_text())
    assert [subset["file"] for subset in record["subsets"]] == ["mnli-10.txt", "mnli-32.txt", "mnli-100.txt"]
    assert (record["data_seed"], record["unit"]) == (7, "words")


def test_by_tokens_it_is_the_largest_within_the_bound(tmp_path: Path, pool: PoolOptions) -> None:
    found = nested(NestedOptions(pool=pool, out=tmp_path / "out", tokens=(100, 1000)))
    there = read_pool(pool)
    for subset, bound in zip(found, (100, 1000), strict=True):
        more = take(there.examples, subset.examples + 1, 42, there.stratum)
        assert subset.tokens <= bound < sum(words([there.task.type.text(example) for example in more]))
        assert subset.file == f"mnli-{bound}-words.txt"


def test_tokens_are_counted_as_they_are_told(tmp_path: Path, pool: PoolOptions) -> None:
    def letters(texts: object) -> list[int]:
        return [10 for _ in texts]  # type: ignore[attr-defined]

    (found,) = nested(NestedOptions(pool=pool, out=tmp_path / "out", tokens=(55,)), letters, "tokens")
    assert (found.examples, found.tokens, found.file) == (5, 50, "mnli-55-tokens.txt")


def test_several_languages_are_told_apart_and_have_no_list(tmp_path: Path, pool: PoolOptions) -> None:
    lines = [f"ba\tko\t{label}" for label in ("entailment", "neutral", "contradictory") for _ in range(20)]
    file = tmp_path / "de.tsv"
    file.write_text("premise\thypo\tlabel\n" + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    mixed = PoolOptions(task="mnli", data=pool.data, translations={"de": file})
    (found,) = nested(NestedOptions(pool=mixed, out=tmp_path / "out", sizes=(90,)))
    assert set(found.languages) == {"de", "en"}
    assert found.file == ""
    assert [path.name for path in (tmp_path / "out").iterdir()] == [RECORD]


@pytest.mark.parametrize(
    ("numbers", "problem"),
    [
        ({}, "no size of a subset"),
        ({"sizes": (0,)}, "--sizes has 0"),
        ({"sizes": (121,)}, "cannot take 121 examples"),
        ({"tokens": (1,)}, "no example has 1 words or fewer"),
        ({"tokens": (10**6,)}, "there are no 1000000 words"),
    ],
)
def test_numbers_that_cannot_be(
    tmp_path: Path, pool: PoolOptions, numbers: dict[str, tuple[int, ...]], problem: str
) -> None:
    with pytest.raises(UserError, match=problem):
        nested(NestedOptions(pool=pool, out=tmp_path / "out", **numbers))  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_lists_of_one_draw_come_together_and_those_of_another_are_refused(tmp_path: Path, pool: PoolOptions) -> None:
    options = NestedOptions(pool=pool, out=tmp_path / "out", sizes=(10, 32))
    nested(options)
    before = (tmp_path / "out" / RECORD).read_bytes()
    nested(options)
    assert (tmp_path / "out" / RECORD).read_bytes() == before
    nested(replace(options, sizes=(5, 32)))
    record = json.loads((tmp_path / "out" / RECORD).read_text())
    assert [each["file"] for each in record["subsets"]] == ["mnli-5.txt", "mnli-10.txt", "mnli-32.txt"]
    for other in (replace(options, data_seed=7), replace(options, pool=replace(pool, where="genre=travel"))):
        with pytest.raises(UserError, match="has nested subsets already"):
            nested(other)
    (tmp_path / "out" / RECORD).write_text("{")
    with pytest.raises(UserError, match="has nested subsets already"):
        nested(options)


def test_text_has_no_subsets(pool: PoolOptions) -> None:
    with pytest.raises(UserError, match="mlm has no subsets"):
        read_pool(replace(pool, task="mlm"))
