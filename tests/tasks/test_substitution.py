"""Words drawn from themselves and their synonyms."""

from xharness.tasks.substitution import WordSubstitution, swapped

SYNONYMS = {"big": ["large", "very big"], "usa": ["america"]}


def last(below: int) -> int:
    return below - 1


def test_capitals_stay_and_unknown_words_too() -> None:
    drawn = WordSubstitution(SYNONYMS, last)
    assert drawn.text("Big cats, the USA; big-hearted") == "Very big cats, the AMERICA; big-hearted"


def test_a_single_word_is_never_several() -> None:
    assert WordSubstitution(SYNONYMS, last).word("big", single=True) == "large"


def test_a_word_may_be_drawn_itself() -> None:
    assert WordSubstitution(SYNONYMS, lambda _below: 0).text("big") == "big"


def test_an_answer_is_not_touched() -> None:
    text = "big big big"
    swaps = list(WordSubstitution(SYNONYMS, last).swaps(text, [(5, 6)]))
    assert swapped(text, swaps) == "very big big very big"
