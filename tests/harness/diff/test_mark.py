"""The differing parts of two texts."""

import pytest

from xharness.diff.mark import mark_differences


def plain(left: str, right: str) -> tuple[str, str]:
    """Both texts with brackets around what differs."""
    return tuple(  # type: ignore[return-value]
        "".join(f"[{part.text}]" if part.differs else part.text for part in side)
        for side in mark_differences(left, right)
    )


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("in 1952", "1952", ("[in ]1952", "1952")),
        ("the big red car", "the small blue car", ("the [big red] car", "the [small blue] car")),
        ("中文字", "中国字", ("中[文]字", "中[国]字")),
        ("same", "same", ("same", "same")),
        ("neutral", "entailment", ("neutral", "entailment")),
        ("a b c d", "w x y z", ("a b c d", "w x y z")),
        ("", "word", ("", "word")),
    ],
)
def test_what_differs_is_marked_where_there_is_something_in_common(
    left: str, right: str, expected: tuple[str, str]
) -> None:
    assert plain(left, right) == expected


def test_nothing_is_lost() -> None:
    left, right = "one  two, three", "one two three four"
    for side, text in zip(mark_differences(left, right), (left, right), strict=True):
        assert "".join(part.text for part in side) == text
