"""BUCC without a model: the threshold comes from dev, test gold is never used, missing parts are said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from xharness.retrieve.bucc import LanguageCorpora, MiningOptions, MiningResult, run
from xharness.tasks.types.bitext_mining import Corpora


def corpora(split: str, pairs: int, alone: int) -> tuple[Corpora, list[tuple[str, str]]]:
    """``pairs`` translations and ``alone`` sentences without one on each side."""
    source = [(f"de-{split}{i}", f"{split} meaning {i}") for i in range(pairs)]
    target = [(f"en-{split}{i}", f"{split} meaning {i} !") for i in range(pairs)]
    gold = [(one[0], other[0]) for one, other in zip(source, target, strict=True)]
    source += [(f"de-{split}x{i}", f"{split} only here {i}") for i in range(alone)]
    target += [(f"en-{split}x{i}", f"{split} only there {i}") for i in range(alone)]
    return Corpora(tuple(source), tuple(target[::-1])), gold


def encode(texts: Sequence[str]) -> dict[int, np.ndarray]:
    """Translations lie close to each other at layer 1; at layer 2 everything is noise."""
    meaning = np.stack([normal(text.removesuffix(" !")) for text in texts])
    noise = np.stack([normal(f"noise {text}") for text in texts])
    return {1: meaning + np.float32(0.5) * noise, 2: noise}


def normal(text: str) -> np.ndarray:
    """A random vector that belongs to a text."""
    return np.random.default_rng(list(text.encode())).standard_normal(16).astype(np.float32) + 0.5


DEV, DEV_GOLD = corpora("dev", 20, 15)
TEST, TEST_GOLD = corpora("test", 30, 20)


def one(language: LanguageCorpora, settings: MiningOptions | None = None) -> dict[int, MiningResult]:
    return run({"de": language}, encode, settings or MiningOptions())["de"]


def test_the_threshold_of_dev_is_applied_to_test() -> None:
    result = one(LanguageCorpora(DEV, DEV_GOLD, TEST))[1]
    assert result.dev is not None
    assert result.dev.f1 > 80
    assert result.chosen_on == "dev gold"
    assert result.threshold == result.dev.value
    assert result.pairs is not None
    assert len(set(result.pairs) & set(TEST_GOLD)) > 0.9 * len(result.pairs) > 15
    assert result.mined is not None
    assert 0 < len(result.pairs) < len(result.mined.pairs)
    assert (result.mined.scores[: len(result.pairs)] >= result.threshold).all()
    assert (result.mined.scores[len(result.pairs) :] < result.threshold).all()


def test_the_oracle_is_at_least_as_good_and_a_number_of_its_own() -> None:
    result = one(LanguageCorpora(DEV, DEV_GOLD, TEST))[1]
    oracle = result.oracle(TEST_GOLD)
    assert oracle is not None
    assert result.pairs is not None
    hits = len(set(result.pairs) & set(TEST_GOLD))
    assert oracle.f1 >= 200 * hits / (len(result.pairs) + len(TEST_GOLD))


def test_every_layer_has_its_own_threshold() -> None:
    results = one(LanguageCorpora(DEV, DEV_GOLD, TEST))
    assert set(results) == {1, 2}
    assert results[1].threshold != results[2].threshold
    assert results[1].dev.f1 > results[2].dev.f1  # type: ignore[union-attr]


@pytest.mark.parametrize("dev", [None, DEV])
def test_without_dev_gold_there_is_no_threshold_and_the_reason_is_said(dev: Corpora | None) -> None:
    result = one(LanguageCorpora(dev, None, TEST))[1]
    assert result.pairs is None
    assert result.threshold is None
    assert "--threshold" in result.reason
    assert result.oracle(TEST_GOLD) is not None


def test_a_given_threshold_is_used_as_it_is() -> None:
    blind = one(LanguageCorpora(None, None, TEST), MiningOptions(threshold=1.1))[1]
    assert blind.pairs is not None
    assert blind.chosen_on == "given"
    assert blind.dev is None
    seen = one(LanguageCorpora(DEV, DEV_GOLD, TEST), MiningOptions(threshold=1.1))[1]
    assert seen.pairs == blind.pairs
    assert seen.dev is not None
    assert seen.dev.value == 1.1


def test_dev_alone_gives_an_in_sample_number_and_no_pairs() -> None:
    result = one(LanguageCorpora(DEV, DEV_GOLD))[1]
    assert result.dev is not None
    assert result.pairs is None
    assert result.reason == "there are no test sentences"
    assert result.oracle(TEST_GOLD) is None


def test_languages_go_through_one_call() -> None:
    calls = []

    def counted(texts: Sequence[str]) -> dict[int, np.ndarray]:
        calls.append(len(texts))
        return encode(texts)

    languages = {"de": LanguageCorpora(DEV, DEV_GOLD, TEST), "fr": LanguageCorpora(TEST, TEST_GOLD, DEV)}
    results = run(languages, counted, MiningOptions())
    assert calls == [2 * (35 + 35 + 50 + 50)]
    assert set(results) == {"de", "fr"}


def test_dev_without_gold_and_no_test_still_has_a_result() -> None:
    result = one(LanguageCorpora(DEV))[1]
    assert result.pairs is None
    assert "no dev gold" in result.reason


def test_large_corpora_are_embedded_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    together = run({"de": LanguageCorpora(DEV, DEV_GOLD, TEST)}, encode, MiningOptions())["de"]
    calls: list[int] = []

    def counting(texts: Sequence[str]) -> dict[int, np.ndarray]:
        calls.append(len(texts))
        return encode(texts)

    monkeypatch.setattr("xharness.retrieve.bucc.TOGETHER", 80)
    alone = run({"de": LanguageCorpora(DEV, DEV_GOLD, TEST)}, counting, MiningOptions())["de"]
    assert calls == [70, 100]
    assert alone[1].pairs == together[1].pairs
    assert alone[1].threshold == together[1].threshold
