"""Parallel sentences of the made-up world."""

from __future__ import annotations

from tests.harness.demo.made import Files, rows
from xharness.tasks.registry import XTREME


def test_tatoeba_labels_follow_the_rule(world: Files) -> None:
    for language in XTREME.languages["tatoeba"]:
        foreign = world[f"download/tatoeba/{language}-en.{language}"].removesuffix("\n").split("\n")
        english = world[f"download/tatoeba/{language}-en.en"].removesuffix("\n").split("\n")
        labels = [int(row[0]) for row in rows(world[f"labels/tatoeba/test-{language}.tsv"])]
        assert english == sorted(english)
        assert len(set(english)) == len(set(foreign)) == 100
        assert sorted(labels) == list(range(100))
        # Digits are the same in every language: the pairs that the labels name must agree on them.
        digits = [sorted(filter(str.isdigit, text)) for text in foreign]
        assert all(
            sorted(filter(str.isdigit, text)) == digits[label] for text, label in zip(english, labels, strict=True)
        )


def test_mining_gold_names_sentences_that_exist(world: Files) -> None:
    for language in XTREME.languages["bucc2018"]:
        for split in ("dev", "test"):
            sides = [dict(rows(world[f"download/bucc2018/{language}-en.{split}.{side}"])) for side in (language, "en")]
            gold = world[
                f"download/bucc2018/{language}-en.dev.gold"
                if split == "dev"
                else f"labels/bucc2018/test-{language}.tsv"
            ]
            pairs = rows(gold)
            assert [len(side) for side in sides] == [80, 80]
            assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs}) == 30
            assert all(one in sides[0] and other in sides[1] for one, other in pairs)
            assert all(len(set(side.values())) == len(side) for side in sides)
