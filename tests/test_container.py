"""The Dockerfile, as far as it can be judged without building: lint, order, users, and what .dockerignore lets through.

``python3 -m scripts.container`` executes its steps.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from scripts.container import travelling
from scripts.dockerfile import Ignore, Stage, expand, pairs, stages, words

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def dockerfile() -> list[Stage]:
    return stages((ROOT / "Dockerfile").read_text())


def values(stage: Stage, name: str) -> list[str]:
    return [instruction.value for instruction in stage.instructions if instruction.name == name]


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint", path=Path(sys.executable).parent) or shutil.which("hadolint")
    if not hadolint:
        pytest.skip("hadolint is not installed")
    done = subprocess.run([hadolint, "--no-color", "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_dependencies_are_installed_before_any_source_is_copied(dockerfile: list[Stage]) -> None:
    build = dockerfile[0].instructions
    (dependencies,) = (i for i, step in enumerate(build) if "requirements.txt" in step.value)
    copied = [word for step in build[:dependencies] if step.name == "COPY" for word in step.value.split()[:-1]]
    assert copied == ["constraints.txt", "pyproject.toml"]


def test_every_package_is_copied(dockerfile: list[Stage]) -> None:
    packages = set(PYPROJECT["tool"]["setuptools"]["package-dir"].values())
    copied = {word for value in values(dockerfile[0], "COPY") for word in value.split()[:-1]}
    assert packages <= copied


def test_dockerignore_lets_through_what_is_copied_and_little_else(dockerfile: list[Stage]) -> None:
    copied = {word for value in values(dockerfile[0], "COPY") for word in value.split()[:-1]}
    files = travelling()
    assert {name.split("/")[0] for name in files} == copied
    assert "harness/py.typed" in files
    assert not any("__pycache__" in name for name in files)


def test_the_image_is_run_by_a_numbered_user_offline(dockerfile: list[Stage]) -> None:
    image = dockerfile[-1]
    assert values(image, "USER") == ["1000:1000"]
    assert image.instructions[-3].name == "WORKDIR"
    assert words(values(image, "ENTRYPOINT")[0]) == ["xharness"]
    (environment,) = (pairs(value) for value in values(image, "ENV"))
    assert environment["HF_HUB_OFFLINE"] == "1"
    (labels,) = (pairs(value) for value in values(image, "LABEL"))
    assert labels["org.opencontainers.image.licenses"] == PYPROJECT["project"]["license"]
    assert labels["org.opencontainers.image.description"] == PYPROJECT["project"]["description"]


def test_the_version_of_torch_is_the_pinned_one(dockerfile: list[Stage]) -> None:
    """The shell's sed has to find it in the constraints."""
    (step,) = (value for value in values(dockerfile[0], "RUN") if "torch.txt" in value)
    code = step[: step.index("esac") + len("esac")].removesuffix(" > torch.txt")

    def asked(device: str) -> subprocess.CompletedProcess[str]:
        run = ["sh", "-c", code]
        return subprocess.run(run, cwd=ROOT, env={"DEVICE": device}, capture_output=True, text=True, check=False)

    version = pins("constraints.txt")["torch"]
    assert asked("cpu").stdout == f"torch=={version}+cpu\n"
    assert asked("gpu").stdout == f"torch=={version}\n"
    assert asked("tpu").returncode == 2


def pins(name: str) -> dict[str, str]:
    """Versions by name of package, as a file of constraints states them."""
    lines = (ROOT / name).read_text().splitlines()
    pairs = (line.split("==") for line in lines if "==" in line)
    return {package.lower().replace("_", "-"): version for package, version in pairs}


@pytest.mark.parametrize("requirement", PYPROJECT["project"]["dependencies"])
def test_the_minimum_is_the_lower_bound(requirement: str) -> None:
    """Of every direct dependency but torch, of which one release is tested."""
    found = re.match(r"([\w-]+)>=([\d.]+)", requirement)
    assert found
    package, bound = found[1].lower().replace("_", "-"), found[2]
    minimum = release(pins("constraints-minimum.txt")[package])
    assert minimum <= release(pins("constraints.txt")[package])
    if package != "torch":
        assert minimum[: len(release(bound))] == release(bound)


def release(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def test_stages_instructions_and_comments_between_lines() -> None:
    first, last = stages("# top\nFROM a:1 AS one\nRUN x \\\n  # why\n  && y\n\nCOPY a b\nFROM b\nuser 1:1\n")
    assert (first.base, first.name, last.base, last.name) == ("a:1", "one", "b", "1")
    assert [(step.name, step.value.split(), step.line) for step in first.instructions] == [
        ("RUN", ["x", "&&", "y"], 3),
        ("COPY", ["a", "b"], 7),
    ]
    assert last.instructions[0].name == "USER"


@pytest.mark.parametrize("text", ["FROM a\nADD x y\n", "FROM a\nRUN <<EOF\n", "ARG x\nFROM a\n"])
def test_what_is_not_read_is_refused_by_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"Dockerfile:\d: "):
        stages(text)


def test_variables() -> None:
    assert expand("$A/${B}:$NONE", {"A": "x", "B": "y"}) == "x/y:"
    assert pairs('A="b c" D=e') == {"A": "b c", "D": "e"}


@pytest.mark.parametrize(
    ("path", "excluded"),
    [
        ("README.md", True),
        ("harness/cli/app.py", False),
        ("harness/cli/__pycache__/app.pyc", True),
        ("harnessed.py", True),
        ("notes/harness/app.py", True),
    ],
)
def test_dockerignore(path: str, excluded: bool) -> None:
    assert Ignore("# most\n*\n!harness\n**/__pycache__\n").excludes(path) == excluded
