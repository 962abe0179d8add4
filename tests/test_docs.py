"""Commands in blocks of README and docs run as they stand, others have the options they name; links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.models import save_tiny
from xharness.cli import main

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
OWN_WORLD = ("adding-a-task.md",)  # its commands run in the world of its own tests
FENCE = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NEEDS_INTERNET = 'title="needs internet"'
KNOWN_FENCES = {"sh", "python", "toml", "text", "json", "yaml", "xml", "markdown", "html"}  # only sh and python are run


def blocks(page: Path, language: str, title: str = "") -> list[str]:
    found = FENCE.findall(page.read_text(encoding="utf-8"))
    return [body for name, info, body in found if (name, info.strip()) == (language, title)]


def commands(page: Path, title: str = "") -> list[list[str]]:
    lines = (line for block in blocks(page, "sh", title) for line in block.replace("\\\n", " ").splitlines())
    return [shlex.split(line, comments=True) for line in lines if shlex.split(line, comments=True)]


def indented(page: Path) -> list[list[str]]:
    """Commands that a page shows without running them, in lines of their own."""
    text = FENCE.sub("", page.read_text(encoding="utf-8")).replace("\\\n", " ")
    return [shlex.split(line, comments=True) for line in re.findall(r"^ {4}(xharness .*)$", text, re.MULTILINE)]


def run(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as stopped:
        main()
        raise SystemExit(0)
    assert not stopped.value.code, arguments


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `xharness demo` leaves, without the minutes of training."""
    folder = tmp_path_factory.mktemp("made")
    command = [sys.executable, "-c", "from xharness.cli import main; main()", "demo", "--out", "demo"]
    subprocess.run(
        [*command, "--untrained", "--newer", "--quiet"],
        cwd=folder,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
    )
    return folder / "demo"


@pytest.fixture
def world(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with demo/ in it, as the pages assume, an empty cache of models, and the reader in it."""
    shutil.copytree(made, tmp_path / "demo")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_two_commands_of_the_readme_do_what_they_say() -> None:
    made = [command for command in commands(ROOT / "README.md") if command[0] == "make"]
    assert made == [["make", "demo"], ["make", "test"]]
    for command in made:
        dry = subprocess.run([*command, "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True)
        assert ("xharness demo --out demo" in dry.stdout) or ("-m pytest" in dry.stdout)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_says_what_it_is(page: Path) -> None:
    """A command in a block of another name, or with another title, would never be run."""
    text = page.read_text(encoding="utf-8")
    found = {(name, info.strip()) for name, info, _ in FENCE.findall(text)}
    assert {name for name, _ in found} <= KNOWN_FENCES
    assert {info for name, info in found if name == "sh"} <= {"", NEEDS_INTERNET}
    assert len(re.findall("^```", text, re.MULTILINE)) == 2 * len(FENCE.findall(text))


RUN = [p for p in PAGES if (commands(p) or blocks(p, "python")) and p.name not in OWN_WORLD]


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_what_is_on_the_page_runs(page: Path, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its commands one after the other, then its Python, which may use what the commands left."""
    for command in commands(page):
        assert command[0] in ("xharness", "make"), command
        if command[0] == "xharness" and command[1] != "demo":  # the world is there already
            run(command, monkeypatch)
    if code := "\n".join(blocks(page, "python")):
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        python = [sys.executable, "-c", code]
        done = subprocess.run(python, cwd=world, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        assert done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_only_shown_exist(page: Path) -> None:
    from typer.main import get_command

    from xharness.cli.app import app

    for name, *arguments in [*commands(page, NEEDS_INTERNET), *indented(page)]:
        if name != "xharness":
            continue
        command, rest = get_command(app), list(arguments)
        while rest and hasattr(command, "get_command"):
            command = command.get_command(None, rest.pop(0))
        options = {option for parameter in command.params for option in parameter.opts}
        assert not hasattr(command, "commands"), arguments
        assert {part.partition("=")[0] for part in rest if part.startswith("-")} <= options


def test_the_site_builds_without_a_network(tmp_path: Path) -> None:
    """Strict: every page is in the navigation, and every link between pages, with its anchor, leads somewhere."""
    for package in ("material", "mkdocstrings"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install -e .[docs]")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    subprocess.run(["make", "build/import/xharness"], cwd=ROOT, check=True, capture_output=True)
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    pages = sorted((tmp_path / "site").rglob("*.html"))
    assert {page.stem for page in (ROOT / "docs").glob("*.md")} <= {page.stem for page in pages}
    assert "xharness.api.evaluate" in (tmp_path / "site/reference/python.html").read_text(encoding="utf-8")
    assert "--tatoeba-protocol" in (tmp_path / "site/reference/cli.html").read_text(encoding="utf-8")
    assert re.search(r"<td>xnli</td>\s*<td>2e-05</td>", (tmp_path / "site/reference/recipes.html").read_text("utf-8"))
    for page in pages:
        tags = re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", page.read_text(encoding="utf-8"))
        outside = [tag for tag in tags if re.search(r"""(?:src|href)=["']?(?:https?:)?//""", tag)]
        assert not outside, page


@pytest.fixture
def mood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that docs/adding-a-task.md assumes."""
    monkeypatch.chdir(tmp_path)
    (code,) = blocks(ROOT / "docs" / "adding-a-task.md", "python")
    (tmp_path / "my_tasks.py").write_text(code, encoding="utf-8")
    (declared,) = blocks(ROOT / "docs" / "adding-a-task.md", "toml", 'title="topics.toml"')
    (tmp_path / "topics.toml").write_text(declared, encoding="utf-8")
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
