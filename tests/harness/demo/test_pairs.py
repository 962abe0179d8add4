"""Pairs of the made-up world."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.harness.demo.made import Files, rows
from xharness.tasks.registry import Registry


@pytest.mark.parametrize(("name", "count"), [("xnli", 60), ("pawsx", 300)])
def test_pairs(world: Files, name: str, count: int) -> None:
    task = Registry().task(name)
    gold = {language: rows(world[f"labels/{name}/test-{language}.tsv"]) for language in task.languages}
    assert len({tuple(map(tuple, labels)) for labels in gold.values()}) == 1, "the same items in all languages"
    for language in task.languages:
        test = rows(world[f"download/{name}/test-{language}.tsv"], "\r\n")
        assert {len(row) for row in test} == {2}
        assert len(test) == len(gold[language]) == count
    train = rows(world[f"download/{name}/train-en.tsv"], "\r\n")
    counts = Counter(label for _, _, label in train)
    assert set(counts) == set(task.labels)
    assert min(counts.values()) > 0.9 * len(train) / len(task.labels)
    if name == "pawsx":
        assert all(first != second for first, second, _ in train)


def test_paraphrases_have_the_same_words_and_order_decides(world: Files) -> None:
    for first, second, _ in rows(world["download/pawsx/train-en.tsv"], "\r\n")[:500]:
        assert sorted(first.lower().strip(".").split()) == sorted(second.lower().strip(".").split())
