"""Tables in HTML."""

from __future__ import annotations

from tests.harness.tables.made import TABLE
from xharness.tables import html


def test_html_escapes_and_aligns() -> None:
    assert (
        '<td style="text-align: left">a_b | &lt;c&gt;</td><td style="text-align: right">71.24 †</td>'
        in html.notebook(TABLE)
    )
    assert '<td class="name">a_b | &lt;c&gt;</td><td class="number">71.24 †</td>' in html.scrolling(TABLE)
    page = html.searchable(TABLE)
    assert '<td class="number" data-sort="71.236">71.24 † <small>[70, 72]</small></td>' in page
    assert '<tr class="strong"><td>all</td>' in page
    assert html.breaking("a|b/<") == "a|<wbr>b/<wbr>&lt;"
