"""Content keys."""

from xharness.tasks.common.keys import content_key


def test_a_key_depends_on_values_and_not_on_their_order() -> None:
    assert content_key({"a": 1, "b": [2]}) == content_key({"b": [2], "a": 1})
    assert len({content_key(parts) for parts in ({"a": 1}, {"a": "1"}, {"a": None}, {"b": 1})}) == 4
