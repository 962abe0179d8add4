"""Execute the Dockerfile's steps in a clean root, then the image's command without a network: no engine needed.

    sudo python3 -m scripts.container

Every FROM starts from a fresh Debian that has the Python of the official image it stands for; ARG, ENV, WORKDIR, COPY,
RUN and USER do what the builder does, .dockerignore included. What is not shown: the official image itself, and what an
engine makes of layers. docs/container.md says more.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from scripts.clean_root import SYSTEM_PATH, Bind, FailedError, Root, debian, pip_settings
from scripts.dockerfile import Ignore, Instruction, Stage, expand, pairs, stages, words

REPOSITORY = Path(__file__).parent.parent
COMMANDS = ("", "tasks list", "demo --out demo")


@dataclass
class Image:
    """A root on its way to an image: what the instructions so far have set."""

    root: Root
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": SYSTEM_PATH})
    arguments: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "0:0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def inside(self, path: str) -> Path:
        """Where on this machine a path of the image is; the working directory is what it is relative to."""
        return Path(f"{self.root.path}{os.path.normpath(os.path.join(self.workdir, path))}")  # noqa: PTH118


@dataclass(frozen=True)
class Builder:
    """What a build takes besides the Dockerfile: the context, the arguments, and how pip reaches packages."""

    work: Path
    base: Root
    arguments: dict[str, str]
    pip: tuple[dict[str, str], list[Bind]]
    done: dict[str, Image] = field(default_factory=dict)

    def build(self, stage: Stage) -> Image:
        """All instructions of one stage, in order, each with its time."""
        _same_python(self.base, stage.base)
        image = Image(self.base.copy(self.work / f"stage-{stage.name}"))
        for instruction in stage.instructions:
            start = time.monotonic()
            print(f"{stage.name}:{instruction.line:<3} {instruction.name} {_short(instruction.value)}", flush=True)
            self.execute(instruction, image)
            if instruction.name in ("RUN", "COPY"):
                print(f"      {time.monotonic() - start:.1f} s", flush=True)
        self.done[stage.name] = image
        return image

    def execute(self, instruction: Instruction, image: Image) -> None:
        """One instruction's effect on the image."""
        value = expand(instruction.value, image.arguments | image.environment)
        match instruction.name:
            case "ARG":
                name, given, default = instruction.value.partition("=")
                if name in self.arguments or given:
                    image.arguments[name] = self.arguments.get(name, default.strip('"'))
            case "ENV":
                image.environment |= pairs(value)
            case "WORKDIR":
                image.workdir = value
                image.inside(".").mkdir(parents=True, exist_ok=True)
            case "USER":
                image.user = value
            case "ENTRYPOINT":
                image.entrypoint = words(instruction.value)
            case "CMD":
                image.command = words(instruction.value)
            case "COPY":
                self.copy(value.split(), image)
            case "RUN":
                environment = self.pip[0] | image.arguments | image.environment
                image.root.run(
                    ["/bin/sh", "-c", instruction.value],
                    environment=environment,
                    workdir=image.workdir,
                    user=image.user,
                    binds=self.pip[1],
                    log=self.work / "build.log",
                )

    def copy(self, value: list[str], image: Image) -> None:
        """Files of the context that .dockerignore lets through, or of another stage; a folder gives its content."""
        *sources, target = value
        destination = image.inside(target)
        if sources[0].startswith("--from="):
            origin = self.done[sources.pop(0).removeprefix("--from=")]
            for source in sources:
                subprocess.run(["cp", "-a", "-T", str(origin.inside(source)), str(destination)], check=True)
            return
        travels = travelling()
        for source in sources:
            files = [path for path in travels if path == source or path.startswith(f"{source}/")]
            if not files:
                raise FailedError(f"COPY {source}: no such file in the build context (.dockerignore keeps it out?)")
            for path in files:
                into = destination / Path(path).relative_to(source) if path != source else destination
                into = into / source if path == source and target.endswith("/") else into
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(REPOSITORY / path, into)


def travelling() -> list[str]:
    """The files that travel to the builder, named from the repository's root."""
    ignore = Ignore((REPOSITORY / ".dockerignore").read_text())
    kept = (path for path in REPOSITORY.iterdir() if path.name not in (".git", ".venv", "build"))
    files = (file for path in kept for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file())
    return sorted(name for file in files if not ignore.excludes(name := file.relative_to(REPOSITORY).as_posix()))


def _same_python(base: Root, image: str) -> None:
    """The root has to have the Python that the official image is named for."""
    version = re.fullmatch(r"python:(\d+\.\d+)-slim", image)
    if not version or not (base.path / f"usr/bin/python{version[1]}").exists():
        raise FailedError(f"this root does not stand for {image}: choose the suite that has its Python with --suite")


def _short(value: str) -> str:
    text = " ".join(value.split())
    return text if len(text) < 100 else text[:97] + "..."


def call(image: Image, arguments: list[str], runs: Path, user: str) -> None:
    """The image's entry point as ``docker run --read-only --network none --user ... -v runs:/runs`` calls it."""
    command = [*image.entrypoint, *(arguments or image.command)]
    print(f"\n{user}$ {' '.join(command)}", flush=True)
    binds = [Bind(runs, "/runs", writable=True)]
    image.root.run(command, environment=image.environment, workdir=image.workdir, user=user, binds=binds, sealed=True)


def main() -> None:
    """Build, then call."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--work", type=Path, default=REPOSITORY / "build/container", help="folder for the roots (6 GB)")
    parser.add_argument("--suite", default="", help="Debian release of the root; default: this machine's")
    parser.add_argument(
        "--build-arg", action="append", default=[], metavar="NAME=VALUE", help="as docker build takes it"
    )
    parser.add_argument("--run", action="append", metavar="COMMAND", help=f"arguments of xharness; default: {COMMANDS}")
    options = parser.parse_args()
    work = options.work.resolve()
    base = debian(work / f"base{'-' + options.suite if options.suite else ''}", options.suite)
    arguments = dict(argument.split("=", 1) for argument in options.build_arg)
    builder = Builder(work, base, arguments, pip_settings(work))
    start = time.monotonic()
    (work / "build.log").unlink(missing_ok=True)
    for stage in stages((REPOSITORY / "Dockerfile").read_text()):
        image = builder.build(stage)
    size = subprocess.run(
        ["du", "-sm", str(image.root.path)], capture_output=True, text=True, check=True
    ).stdout.split()[0]
    print(f"\nbuilt in {time.monotonic() - start:.0f} s; the last stage has {size} MB")
    runs = work / "runs"
    shutil.rmtree(runs, ignore_errors=True)
    runs.mkdir()
    os.chown(runs, *map(int, image.user.split(":")))
    for command in options.run or COMMANDS:
        call(image, command.split(), runs, image.user)
    print(f"\nThe Dockerfile's steps and {len(options.run or COMMANDS)} offline commands went through. Output: {runs}")


if __name__ == "__main__":
    try:
        main()
    except (FailedError, ValueError) as error:
        sys.exit(f"container: {error}")
