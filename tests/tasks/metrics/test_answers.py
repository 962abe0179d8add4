"""SQuAD's and MLQA's scores with all their odd cases, and the language-aware variant."""

import pytest

from xharness.tasks.metrics.answers import token_f1
from xharness.tasks.metrics.language_aware import words
from xharness.tasks.metrics.mlqa import MlqaAnswers, mlqa_tokens
from xharness.tasks.metrics.squad import SquadScore, squad_tokens
from xharness.tasks.types.extractive_qa import QuestionGold


def squad(answer: str, *golds: str, language: str = "en") -> dict[str, float]:
    gold = [QuestionGold("q", golds, "p")]
    items = SquadScore().measure(gold, {"q": answer}, language)
    return {name: float(value) for name, value in SquadScore().aggregate(items.statistics[0]).items()}


def test_squad_normalises_in_english_whatever_the_language() -> None:
    assert squad_tokens("A  casa, the-END!") == ["casa", "theend"]
    assert squad_tokens("¿Qué?") == ["¿qué"]
    assert squad("a casa", "casa", language="es")["exact_match"] == 100


def test_articles_end_at_unicode_word_boundaries() -> None:
    assert squad_tokens("aé the1 an") == ["aé", "the1"]


def test_best_gold_answer_counts_for_each_score() -> None:
    got = squad("red brick house", "blue", "house of brick", "red")
    assert got["exact_match"] == 0
    assert got["f1"] == pytest.approx(100 * 2 / 3)


def test_empty_against_empty_is_exact_but_without_f1() -> None:
    got = squad("", "the")
    assert (got["exact_match"], got["f1"]) == (100, 0)


def test_unanswered_counts_zero_and_unknown_ids_are_ignored() -> None:
    gold = [QuestionGold("q1", ("yes",), "p"), QuestionGold("q2", ("no",), "p")]
    items = SquadScore().measure(gold, {"q1": "yes", "other": "no"}, "en")
    assert items.statistics.tolist() == [[1, 1, 1, 1], [0, 0, 0, 1]]
    assert items.clusters == ("p", "p")
    assert SquadScore().aggregate(items.statistics.sum(axis=0))["exact_match"] == 50


def test_no_questions_and_no_gold_answers_give_zero_and_no_error() -> None:
    items = SquadScore().measure([], {}, "en")
    assert items.statistics.shape == (0, 4)
    assert SquadScore().aggregate(items.statistics.sum(axis=0))["f1"] == 0
    assert squad("x")["f1"] == 0


def test_token_f1_counts_repeats() -> None:
    assert token_f1(["a", "a", "b"], ["a", "c"]) == pytest.approx(2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2))
    assert token_f1([], []) == 0


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
