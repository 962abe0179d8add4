"""Tables in Markdown."""

from __future__ import annotations

from tests.harness.tables.made import TABLE
from xharness.tables import markdown


def test_markdown_aligns_numbers_and_sets_sums_in_bold() -> None:
    assert markdown.render(TABLE) == [
        "| name | 95 % score | empty |",
        "| --- | ---: | --- |",
        "| a\\_b \\| &lt;c&gt; | 71.24 † \\[70, 72\\] |  |",
        "| **all** | **–** |  |",
    ]
    assert markdown.piped(["a"], [["**b**"]]) == ["| a |", "| --- |", "| **b** |"]
