"""What is tried: a file, a command that reads it, and what must hold when the command accepts what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.call import Called

OUT = "out"  # the one folder of the sandbox that commands may write to


@dataclass(frozen=True)
class Accepted:
    """A command that took a mutated file, exit code 0 (or a finding that is not an error).

    Attributes:
        sandbox: Where the files lie, as the command left them.
        original: The file as it was.
        before: What the command did with that.
    """

    sandbox: Path
    file: Path
    original: bytes
    called: Called
    before: Called
    written: dict[str, bytes]
    written_before: dict[str, bytes]


Oracle = Callable[[Accepted], str]


def anything(accepted: Accepted) -> str:
    """Nothing can be said about what the result should be."""
    return ""


def same(accepted: Accepted) -> str:
    """The same output and the same files as without the mutation."""
    if accepted.called.out != accepted.before.out:
        return "accepts it with another output"
    other = [name for name, content in accepted.written.items() if accepted.written_before.get(name) != content]
    return f"accepts it with another {other[0]}" if other else ""


@dataclass(frozen=True)
class Target:
    """A file with a command that reads it.

    Attributes:
        file: Relative to the sandbox; a pattern of ``Path.glob``.
        command: Arguments, with paths relative to the sandbox, which is the working folder.
        oracle: What is wrong with having accepted it; empty if nothing.
        copied: Parts of the sandbox that are copied into OUT first, where they are mutated and may be written to.
        lists: Exit code 1 may be a finding, printed on stdout.
        share: How often, against the others.
    """

    name: str
    file: str
    command: tuple[str, ...]
    oracle: Oracle = anything
    copied: tuple[str, ...] = ()
    lists: bool = False
    share: float = 1.0
