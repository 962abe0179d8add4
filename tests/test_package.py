"""Wheel and sdist build, and the installed wheel works outside the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]


def test_no_extra_brings_a_second_build_of_faiss() -> None:
    """The wheels of FAISS fill one folder: with two of them, files of both are mixed, whatever the order."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = wanted["optional-dependencies"]
    assert "gpu" in extras
    everything = [*wanted["dependencies"], *(line for lines in extras.values() for line in lines)]
    assert [re.split(r"[^\w-]", line)[0] for line in everything if line.startswith("faiss")] == ["faiss-cpu"]


def test_the_list_of_packages_is_the_tree() -> None:
    found = [
        ".".join([name, *path.parent.relative_to(ROOT / folder).parts])
        for name, folder in PYPROJECT["package-dir"].items()
        for path in (ROOT / folder).rglob("*.py")
    ]
    assert PYPROJECT["packages"] == sorted(set(found))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, so that the checkout stays clean, built without isolation and so without a network."""
    source = tmp_path_factory.mktemp("source")
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    for name in files.stdout.decode().split("\n"):
        if name and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, "-m", "build", "--no-isolation"], cwd=source, check=True, capture_output=True)
    return source / "dist"


def test_the_wheel_holds_one_package_and_no_tests(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"xharness"}
    assert {"xharness/py.typed", "xharness/tasks/types/tagging.py", "xharness/submissions/pack.py"} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_sdist_holds_what_the_wheel_needs(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "harness/cli/app.py", "tasks/xnli.py"} <= names


def test_the_installed_wheel_works_outside_the_checkout(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site)]
    subprocess.run([*install, str(wheel)], check=True)
    environment = os.environ | {"PYTHONPATH": str(site)}

    def run(*command: str) -> str:
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout

    where = run(
        sys.executable, "-c", "import xharness, xharness.tasks; print(xharness.__file__, xharness.tasks.__file__)"
    )
    assert all(str(site) in path for path in where.split())
    script = str(site / "bin" / "xharness")
    assert run(sys.executable, script, "--version").startswith("xharness ")
    assert "162 of 162 files" in run(sys.executable, script, "demo", "--out", "demo", "--untrained")


def test_the_wheel_installs_like_pipx_does(built: Path, tmp_path: Path) -> None:
    """An environment of its own, its console script; dependencies come from the one that runs the tests."""
    (wheel,) = built.glob("*.whl")
    home = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True)
    (site,) = home.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=tmp_path, env=outside, capture_output=True, text=True, check=True)
        return done.stdout

    script = str(home / "bin" / "xharness")
    assert "evaluate" in run(script, "--help")
    assert str(site) in run(str(python), "-c", "import xharness; print(xharness.__file__)")
    assert "xnli" in run(script, "tasks", "show", "xnli")
    assert "google/rembert" in run(script, "models", "list")


def test_the_wheel_has_every_file_that_the_code_reads(built: Path) -> None:
    """Files beside the modules (styles, scripts, templates, typing marks) are packed, too."""
    (wheel,) = built.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    beside = {
        str(Path(*name.split("."), path.relative_to(ROOT / folder)))
        for name, folder in PYPROJECT["package-dir"].items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert beside <= packed
