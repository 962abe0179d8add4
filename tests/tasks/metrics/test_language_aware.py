"""The variant that knows scripts."""

import pytest

from tests.tasks.metrics.spans import squad
from xharness.tasks.metrics.language_aware import words


@pytest.mark.parametrize(("language", "text", "tokens"), [
    ("th", "ไทย abc", ["ไ", "ท", "ย", "abc"]),
    ("ja", "東京タワーは333m。", ["東", "京", "タ", "ワ", "ー", "は", "333m"]),
    ("es", "a la casa", ["a", "casa"]),
    ("en", "a la casa", ["la", "casa"]),
    ("ru", "«Москва»", ["москва"]),
    ("ko", "대한민국 서울", ["대한민국", "서울"]),
])  # fmt: skip
def test_language_aware_words(language: str, text: str, tokens: list[str]) -> None:
    assert words(text, language) == tokens


def test_variant_gives_credit_where_the_official_score_cannot() -> None:
    got = squad("上海市", "上海", language="zh")
    assert (got["exact_match"], got["f1"]) == (0, 0)
    assert got["f1_language_aware"] == pytest.approx(80)
