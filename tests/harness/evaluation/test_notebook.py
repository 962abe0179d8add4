"""Progress in a notebook."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from xharness.evaluation.notebook import progress_in_notebook
from xharness.evaluation.reporter import Reporter


class ZMQInteractiveShell:
    """Named as Jupyter's shell is."""


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A notebook, and what it shows one after the other."""
    shown: list[str] = []
    modules: dict[str, Any] = {name: ModuleType(name) for name in ("IPython", "IPython.display")}
    shell, display = modules["IPython"], modules["IPython.display"]
    shell.get_ipython = ZMQInteractiveShell

    class Handle:
        def update(self, picture: str) -> None:
            shown.append(picture)

    def show(picture: str, display_id: bool) -> Handle:
        assert display_id
        shown.append(picture)
        return Handle()

    display.HTML, display.display = str, show
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    return shown


def test_a_bar_stands_below_the_cell(pictures: list[str]) -> None:
    with progress_in_notebook(None) as reporter:
        reporter.progress("xnli: de", 1.0)
        reporter.note("note: <b>")
    assert 'value="0.0000"' in pictures[0]
    assert "100% xnli: de" in pictures[1]
    assert "<br>note: &lt;b&gt;" in pictures[2]
    assert "100% done" in pictures[3]


def test_one_that_was_given_comes_first(pictures: list[str]) -> None:
    given = Reporter()
    with progress_in_notebook(given) as reporter:
        assert reporter is given
    assert pictures == []


def test_elsewhere_it_is_silent() -> None:
    with progress_in_notebook(None) as reporter:
        assert reporter == Reporter()
