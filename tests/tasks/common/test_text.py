"""Words for people."""

from xharness.tasks.common.text import plural, shortened


def test_nouns_follow_their_numbers() -> None:
    assert [plural(count, "label") for count in (0, 1, 5010)] == ["0 labels", "1 label", "5,010 labels"]


def test_long_texts_are_cut() -> None:
    assert shortened("a" * 40) == "a" * 40
    assert shortened("a" * 41) == "a" * 37 + "..."
