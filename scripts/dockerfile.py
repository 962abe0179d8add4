"""A Dockerfile as data: stages of instructions, variables filled in, and what .dockerignore keeps out of the build.

As far as this project's files go: instructions over several lines, comments, several stages, ``$NAME`` and ``${NAME}``,
exclusions and their exceptions. Heredocs, ``RUN --mount``, ``ADD`` and build conditions are not read.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
KNOWN = {"ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "FROM", "LABEL", "RUN", "USER", "WORKDIR"}


@dataclass(frozen=True)
class Instruction:
    """One instruction: its name in capitals, what stands behind it on one line, and the line where it starts."""

    name: str
    value: str
    line: int


@dataclass
class Stage:
    """From one FROM to the next: the image it starts from, the name that COPY --from calls it, and its instructions."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)


def stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile in order; a ValueError names the line that this module does not read."""
    found: list[Stage] = []
    for instruction in _instructions(text):
        if instruction.name not in KNOWN or instruction.value.startswith(("<<", "--mount")):
            raise ValueError(f"Dockerfile:{instruction.line}: {instruction.name} in this form is not read here")
        if instruction.name == "FROM":
            base, *rest = instruction.value.split()
            found.append(Stage(base, rest[1] if rest else str(len(found))))
        elif not found:
            raise ValueError(
                f"Dockerfile:{instruction.line}: {instruction.name} before the first FROM is not read here"
            )
        else:
            found[-1].instructions.append(instruction)
    return found


def _instructions(text: str) -> Iterable[Instruction]:
    """Comment lines go, also between the lines of one instruction; a backslash joins a line with the next."""
    parts: list[str] = []
    start = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("#") or (not parts and not line.strip()):
            continue
        start = start if parts else number
        parts.append(line.strip().removesuffix("\\"))
        if not line.rstrip().endswith("\\"):
            name, _, value = "".join(parts).partition(" ")
            yield Instruction(name.upper(), value.strip(), start)
            parts = []


def expand(value: str, variables: Mapping[str, str]) -> str:
    """``$NAME`` and ``${NAME}`` filled in, as the builder does outside of RUN; an unknown name is empty."""
    return VARIABLE.sub(lambda found: variables.get(found[1] or found[2], ""), value)


def pairs(value: str) -> dict[str, str]:
    """The ``name=value`` pairs of ENV and LABEL, quotes taken off."""
    return dict(word.split("=", 1) for word in shlex.split(value))


def words(value: str) -> list[str]:
    """The command of ENTRYPOINT and CMD in their JSON form."""
    command = json.loads(value)
    if not isinstance(command, list):
        raise ValueError(f"not a list: {value}")
    return [str(word) for word in command]


class Ignore:
    """The lines of .dockerignore: the last one that matches a path, or a folder that the path is in, decides."""

    def __init__(self, text: str) -> None:
        lines = (line.strip() for line in text.splitlines())
        self.rules = [
            (_pattern(line.removeprefix("!").strip("/")), not line.startswith("!"))
            for line in lines
            if line and not line.startswith("#")
        ]

    def excludes(self, path: str) -> bool:
        """Whether a file, named from the root of the build context, does not travel."""
        out = False
        for pattern, excluded in self.rules:
            if pattern.fullmatch(path):
                out = excluded
        return out


def _pattern(line: str) -> re.Pattern[str]:
    """``*`` and ``?`` stay inside one folder, ``**`` spans any number of them."""
    tokens = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pattern = re.sub(r"\*\*/|\*\*|\*|\?|[^*?]+", lambda found: tokens.get(found[0]) or re.escape(found[0]), line)
    return re.compile(pattern + "(?:/.*)?")
