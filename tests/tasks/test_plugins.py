"""Tasks from outside: files, and packages that offer entry points."""

from __future__ import annotations

import sys
from dataclasses import fields
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from xharness.tasks import plugins
from xharness.tasks.common.errors import UserError
from xharness.tasks.plugins import load_file
from xharness.tasks.registry import Registry, open_registry

OWN = """
from __future__ import annotations
from dataclasses import dataclass, replace
from typing import ClassVar
from xharness.tasks.xnli import TASK as XNLI

@dataclass(frozen=True)
class Config:
    names: list[str]
    kind: ClassVar[int] = 3

OWN = replace(XNLI, name="own")
"""


def offer(monkeypatch: pytest.MonkeyPatch, *values: str) -> None:
    """As if packages were installed that offer these."""
    entries = [EntryPoint(f"e{number}", value, plugins.GROUP) for number, value in enumerate(values)]
    monkeypatch.setattr(plugins, "entry_points", lambda group: entries)
    plugins.tell.cache_clear()


def test_a_file_is_run_once_and_known_as_a_module(tmp_path: Path) -> None:
    file = tmp_path / "my own.tasks.py"
    file.write_text(OWN)
    (task,) = load_file(file)
    assert load_file(file)[0] is task
    (module,) = [module for module in sys.modules.values() if getattr(module, "OWN", None) is task]
    assert [field.name for field in fields(module.Config)] == ["names"]
    assert open_registry(file).task("own") is task
    file.write_text(OWN.replace("own", "other"))
    assert load_file(file)[0].name == "other"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1 / 0", "ZeroDivisionError"),
        ("from xharness.tasks.xnli import TASK", "no xharness.tasks.base.Task"),
        (OWN.replace('name="own"', 'name="own", recipe=3'), "recipe must be of type Recipe"),
    ],
)
def test_a_broken_file_is_an_error(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "own.py").write_text(text)
    with pytest.raises(UserError) as caught:
        load_file(tmp_path / "own.py")
    assert says in str(caught.value)


def test_a_package_that_cannot_be_used_is_named_once_and_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken_plugin.py").write_text("raise RuntimeError('two\\nlines')")
    (tmp_path / "whole_plugin.py").write_text(OWN + "SAME = [XNLI, 5]\n")
    monkeypatch.syspath_prepend(tmp_path)
    offer(monkeypatch, "broken_plugin:TASK", "whole_plugin:OWN", "whole_plugin:SAME", "whole_plugin:ABSENT")
    assert {*Registry().added} == {*Registry().added} == {"own"}
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3
    assert said[0] == "note: tasks of broken_plugin:TASK left out: RuntimeError: two lines"
    assert said[1].startswith("note: tasks of whole_plugin:SAME left out: ")
    assert "ABSENT" in said[2]
