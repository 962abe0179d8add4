"""Every command in README and docs runs as it stands, and every link leads somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli import main
from tests.models import save_tiny

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[list[str]]:
    lines = (line for block in blocks(page, "sh") for line in block.splitlines())
    return [shlex.split(line, comments=True) for line in lines if line.strip()]


def run(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as stopped:
        main()
        raise SystemExit(0)
    assert not stopped.value.code, arguments


def test_the_two_commands_of_the_readme_do_what_they_say() -> None:
    made = [command for command in commands(ROOT / "README.md") if command[0] == "make"]
    assert made == [["make", "demo"], ["make", "test"]]
    for command in made:
        dry = subprocess.run([*command, "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True)
        assert ("xharness demo --out demo" in dry.stdout) or ("-m pytest" in dry.stdout)


@pytest.mark.parametrize("page", ["README.md", "docs/finetuning.md"])
def test_the_commands_of(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(["xharness", "demo", "--out", "demo", "--quiet"], monkeypatch)
    rest = [command for command in commands(ROOT / page) if command[0] != "make"]
    assert {command[0] for command in rest} == {"xharness"}
    for command in rest:
        run(command, monkeypatch)


def test_the_python_of_the_docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(["xharness", "demo", "--out", "demo", "--quiet"], monkeypatch)
    (code,) = blocks(ROOT / "docs" / "evaluating.md", "python")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert 0 <= float(done.stdout) <= 100


@pytest.fixture
def mood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that docs/adding-a-task.md assumes."""
    monkeypatch.chdir(tmp_path)
    (code,) = blocks(ROOT / "docs" / "adding-a-task.md", "python")
    (tmp_path / "my_tasks.py").write_text(code, encoding="utf-8")
    for language, lines in {"en": "so good\tsoup\nso bad\ttea\n", "de": "so gut\tSuppe\nso schlecht\tTee\n"}.items():
        for part, text in {"download": lines, "labels": "good\nbad\n"}.items():
            path = tmp_path / "mydata" / part / "mood" / f"test-{language}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    save_tiny(tmp_path / "mymodel", "bert", "sequence", ["Bad", "Good"])
    return tmp_path


def test_a_task_of_ones_own_from_a_file(mood: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    for command in commands(ROOT / "docs" / "adding-a-task.md"):
        run(command, monkeypatch)
    scores = json.loads((mood / "runs/mood/scores.json").read_text())
    assert set(scores["mood"]["accuracy"]) == {"en", "de"}
    assert (mood / "runs/mood/predictions/mood/test-de.tsv").read_text().split()[0] in ("good", "bad")


def test_a_task_of_ones_own_from_an_entry_point(mood: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = mood / "site" / "mood_tasks-1.0.dist-info"
    package.mkdir(parents=True)
    (entry,) = blocks(ROOT / "docs" / "adding-a-task.md", "toml")
    value = re.search(r'^mood = "(.*)"$', entry, re.MULTILINE)
    assert value
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: mood-tasks\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(f"[xharness.tasks]\nmood = {value[1]}\n")
    monkeypatch.syspath_prepend(str(mood / "site"))
    monkeypatch.syspath_prepend(str(mood))
    run(["xharness", "tasks", "show", "mood"], monkeypatch)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target
