"""SQuAD's and MLQA's scores with all their odd cases, and the language-aware variant."""

import pytest

from tests.tasks.metrics.spans import squad
from xharness.tasks.metrics.answers import token_f1
from xharness.tasks.metrics.squad import squad_tokens


def test_squad_normalises_in_english_whatever_the_language() -> None:
    assert squad_tokens("A  casa, the-END!") == ["casa", "theend"]
    assert squad_tokens("¿Qué?") == ["¿qué"]
    assert squad("a casa", "casa", language="es")["exact_match"] == 100


def test_articles_end_at_unicode_word_boundaries() -> None:
    assert squad_tokens("aé the1 an") == ["aé", "the1"]


def test_token_f1_counts_repeats() -> None:
    assert token_f1(["a", "a", "b"], ["a", "c"]) == pytest.approx(2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2))
    assert token_f1([], []) == 0
