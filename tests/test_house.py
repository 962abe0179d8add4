"""What the house promises of itself and can be counted."""

from __future__ import annotations

from scripts.house import measures
from scripts.lazy_imports import lazy_imports


def test_what_is_to_be_nought_is_nought() -> None:
    found = measures()
    for name in (
        "circles of imports",
        "upward imports",
        "modules that branch on a task type outside of its own",
        "modules that parse a signature by hand",
        "loose modules in harness/ beside the doors",
        "class names that stand in more than one module",
    ):
        assert found[name] == "0", name


def test_an_import_inside_a_function_keeps_something_out() -> None:
    assert [f"{each.path}:{each.line}" for each in lazy_imports() if each.reason == "none"] == []
