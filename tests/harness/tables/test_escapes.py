"""Texts that would act in a format, and that must only be read there."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree

import pytest

from xharness.tables import escapes

EVIL = "\\<img src=x onerror=alert(1)>|`*_[a](b)\n% \x1b]0;t\x07\x9b31m\u202e"


def test_a_terminal_gets_no_controls_and_json_stays_json() -> None:
    shown = escapes.terminal(EVIL)
    assert shown.startswith("\\<img") and "\\u001b]0;t\\u0007\\u009b31m\\u202e" in shown
    text = json.dumps({"a": "\x9b\x7f\tb"}, ensure_ascii=False)
    assert json.loads(escapes.terminal(text)) == {"a": "\x9b\x7f\tb"}
    assert escapes.terminal("日本\u3000語\ta\nb\u200d") == "日本\u3000語\ta\nb\u200d"
    assert escapes.one_line("a\r\nb\u2028c\x85d") == "a b c d"


def test_markdown_has_no_live_html_and_keeps_its_columns() -> None:
    shown = escapes.markdown(EVIL)
    assert "<" not in shown and "\n" not in shown
    assert shown.startswith("\\\\&lt;img src=x onerror=alert(1)&gt;\\|\\`\\*\\_\\[a\\](b)")
    assert escapes.markdown("&lt;b") == "&amp;lt;b"


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@a", "\t=1", "\r=1", "  =1", "＝1"])
def test_no_formula_in_a_cell_of_csv(text: str) -> None:
    cell = escapes.csv_cell(text)
    assert cell.startswith("'")
    written = io.StringIO()
    csv.writer(written).writerow([cell, "b"])
    assert len(next(csv.reader(io.StringIO(written.getvalue())))) == 2


def test_other_cells_of_csv_are_as_they_were() -> None:
    for text in ("", "xlm-roberta", "2=", "1-2", "a=b", "über @home"):
        assert escapes.csv_cell(text) == text


def test_latex_reads_nothing_of_it() -> None:
    assert escapes.latex_comment("a\n\\input{/etc/passwd}\r\nb\u2028c") == "% a \\input{/etc/passwd} b c"
    assert escapes.latex("\\a{b}\n%") == "\\textbackslash{}a\\{b\\} \\%"


def test_xml_is_well_formed() -> None:
    root = ElementTree.Element("a", name="x\x00\x1b\ufffe")
    assert ElementTree.fromstring(escapes.xml(ElementTree.tostring(root, encoding="unicode"))).tag == "a"


def test_a_script_element_does_not_end_early() -> None:
    value = {"a": "</script><!-- & ]]>"}
    assert "<" not in escapes.script_json(value)
    assert json.loads(escapes.script_json(value)) == value
