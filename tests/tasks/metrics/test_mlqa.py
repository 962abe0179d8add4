"""MLQA's own normalisation."""

import pytest

from xharness.tasks.metrics.mlqa import MlqaAnswers, mlqa_tokens


def test_mlqa_arabic_drops_alef_lam_everywhere() -> None:
    assert mlqa_tokens("الطالب والسلام", "ar") == ["ط", "ب", "و", "سلام"]


def test_mlqa_chinese_mixes_characters_and_words() -> None:
    assert mlqa_tokens("ABC def，2008年", "zh") == ["abc", "def2008", "年"]
    assert mlqa_tokens("ABC def 年月", "zh") == ["abc", "def", "年", "月"]
    assert mlqa_tokens("\u9fa5\u9fa6", "zh") == ["\u9fa5", "\u9fa6"]
    assert mlqa_tokens("\u9fa6\u9fa7", "zh") == ["\u9fa6\u9fa7"]  # outside the official range: one word


@pytest.mark.parametrize(("language", "text", "tokens"), [
    ("en", "The 'house' of a king", ["house", "of", "king"]),
    ("es", "¡El río y las aguas!", ["río", "y", "aguas"]),
    ("de", "Der Hund des Königs", ["hund", "königs"]),
    ("vi", "những con cái của tôi", ["con", "tôi"]),
    ("hi", "यह the घर है।", ["यह", "the", "घर", "है"]),
    ("en", "$5 + `x`~", ["5", "x"]),
    ("de", "the €5", ["the", "€5"]),
])  # fmt: skip
def test_mlqa_articles_and_punctuation(language: str, text: str, tokens: list[str]) -> None:
    assert mlqa_tokens(text, language) == tokens


def test_mlqa_articles_make_a_gap_but_punctuation_does_not() -> None:
    assert mlqa_tokens("up-to the-date", "en") == ["upto", "thedate"]


def test_mlqa_knows_its_languages_only() -> None:
    with pytest.raises(ValueError, match="no scoring rules for 'fr'"):
        MlqaAnswers().measure([], {}, "fr")
