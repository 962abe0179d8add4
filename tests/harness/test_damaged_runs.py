"""Mutated run folders and baselines through the commands that read them: three lines, or the same numbers."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.harness.comparison.made import right, write_run
from xharness.cli.app import app
from xharness.comparison.baseline import write_baseline
from xharness.comparison.sources import load_source
from xharness.runs.folder import RunFolder
from xharness.runs.manifest import FORMAT
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.sealed import seal

SWAPS: list[Any] = [None, True, "x", -1, 1.5, 1e308, [], {}, [[]], "../../x", 10**30, "\x1b[31m"]
MUTATIONS = 60


@pytest.fixture
def run(tmp_path: Path) -> Path:
    cells = {("xnli", language): right([1.0, 0.0, 1.0, float(language == "de")]) for language in ("de", "en", "fr")}
    path = write_run(tmp_path / "run", cells, seed=3)
    folder = RunFolder(path)
    digest = folder.write_scores(json.loads((path / "scores.json").read_text()))
    folder.write_manifest({**folder.manifest(), "format": FORMAT, "scores_sha256": digest})
    return path


def invoked(*arguments: object) -> tuple[int, str]:
    """Exit code and output of a command; whatever is not an error for people is raised."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if isinstance(result.exception, UserError):
        assert "\n" not in result.exception.what
        return 1, ""
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for name, child in inner for place in places(child, (*at, name)))]


def mutate(path: Path, rng: random.Random) -> str:
    """Change a file somehow. JSON is changed in half of the cases by somebody who knows of its hash."""
    data = path.read_bytes()
    kind = rng.choice(["flip", "cut", "swap"] if path.suffix == ".json" else ["flip", "cut", "append"])
    where = rng.randrange(len(data))
    if kind == "flip":
        changed = bytearray(data)
        changed[where] ^= 1 << rng.randrange(8)
        path.write_bytes(changed)
    elif kind != "swap":
        path.write_bytes(data[:where] if kind == "cut" else data + b"\n")
    else:
        content = json.loads(data)
        *parents, last = rng.choice(places(content)[1:])
        target = content
        for name in parents:
            target = target[name]
        target[last] = rng.choice(SWAPS)
        path.write_text(json.dumps(seal(content) if "sha256" in content and rng.random() < 0.5 else content))
    return kind


def points(output: str) -> Any:
    """What a comparison says that is not a name."""
    found = json.loads(output)["comparisons"][0]
    return [[row["name"], row["base"], row["new"], row["p"]] for row in found["cells"]]


def test_a_mutated_run_is_refused_or_says_the_same(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rng = random.Random(0)
    files = sorted(path.relative_to(run) for path in run.rglob("*") if path.is_file())
    mutated = tmp_path / "mutated"
    compare = ("compare", run, mutated, "--resamples", 100, "--across", "--format", "json")
    shutil.copytree(run, mutated)
    code, output = invoked(*compare)
    assert code == 0
    whole = points(output)
    refused = 0
    for _ in range(MUTATIONS):
        shutil.rmtree(mutated)
        shutil.copytree(run, mutated)
        name = rng.choice(files)
        kind = mutate(mutated / name, rng)
        others = [("report", mutated, "--out", "r.md"), ("leaderboard", mutated, "--no-published")]
        others += [("diff", run, mutated, "--task", "xnli", "--lang", "de"), ("baseline", "set", mutated)]
        for command in (compare, rng.choice(others)):
            code, output = invoked(*command)
            refused += code != 0
            if code == 0 and command is compare:
                assert points(output) == whole, (name, kind)
    assert refused > MUTATIONS


def test_a_mutated_baseline_is_refused(run: Path, tmp_path: Path) -> None:
    rng = random.Random(0)
    path, mutated = tmp_path / "main.npz.xz", tmp_path / "mutated.npz.xz"
    write_baseline(load_source(run), path)
    for _ in range(MUTATIONS):
        shutil.copy(path, mutated)
        mutate(mutated, rng)
        with pytest.raises(UserError):
            load_source(mutated)
