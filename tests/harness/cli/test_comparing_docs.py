"""The commands of docs/comparing.md, those of its CI example and its Python run as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from tests.harness.conftest import Call, Demo

PAGE = Path(__file__).parents[3] / "docs" / "comparing.md"


def block(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_page(demo: Demo, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "data").symlink_to(demo.data)
    (tmp_path / "demo" / "models").symlink_to(demo.models)
    for line in "".join(block("sh")).splitlines():
        name, *arguments = shlex.split(line)
        called = call(*arguments)
        assert (name, called.code) == ("xharness", 0), (line, called.err)
    (example,) = block("yaml")
    steps = [step["run"] for step in yaml.safe_load(example)["jobs"]["compare"]["steps"] if "run" in step]
    assert len(steps) == 4
    for step in steps:
        name, *arguments = shlex.split(step)
        if name == "xharness":
            called = call(*arguments)
            assert called.code == 0, (step, called.err)
    assert (tmp_path / "compare.md").is_file()
    (code,) = block("python")
    exec(compile(code, str(PAGE), "exec"), {})
