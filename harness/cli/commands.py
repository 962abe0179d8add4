"""The commands by name: one is imported and put together when it is called, for all of them would take a while."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, TypeAlias

import typer
from typer.core import TyperCommand, TyperGroup

from xharness.cli.usage import HelpfulCommand

Command: TypeAlias = Any  # Typer's, which has its own copy of click from some version on, under a private name

PLACES = {
    "evaluate": "evaluate:evaluate",
    "score": "score:score",
    "show": "show:show",
    "finetune": "finetune:finetune",
    "benchmark": "benchmark:benchmark",
    "compare": "compare:compare",
    "diff": "diff:diff",
    "checklist": "diagnostics:checklist",
    "mixed": "diagnostics:mixed",
    "permutations": "permutations:permutations",
    "breakdown": "diagnostics:breakdown",
    "reproduce": "reproduce:reproduce",
    "leaderboard": "leaderboard:leaderboard",
    "report": "report:report",
    "export": "export:export",
    "push": "push:push",
    "demo": "demo:demo",
    "task": "evaluate:one_task",
    "baseline": "baseline:app",
    "study": "study:app",
    "submission": "submission:app",
    "data": "data:app",
    "models": "models:app",
    "tasks": "tasks:app",
}
"""Where each command is in this package, a function or an app of several, in the order of the help."""


class AllCommands(Mapping[str, Command]):
    """The commands at :data:`PLACES`, with their options."""

    def __getitem__(self, name: str) -> Command:
        """One of them."""
        return put_together(name, _found(name))

    def __iter__(self) -> Iterator[str]:
        """Their names, in the order of the help."""
        return iter(PLACES)

    def __len__(self) -> int:
        """How many there are."""
        return len(PLACES)


class Commands(TyperGroup):
    """The commands of the command line."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings | {"commands": AllCommands()})

    def list_commands(self, _context: Any) -> list[str]:  # of the click that Typer brings
        """Their names."""
        return list(PLACES)

    def get_command(self, _context: Any, name: str) -> Command | None:
        """One of them; an error in its module is not taken for its absence."""
        return self.commands[name] if name in PLACES else None

    def format_help(self, context: Any, formatter: Any) -> None:
        """The help, for which a command is its name and its text."""
        listed: dict[str, Command] = {name: TyperCommand(name, help=_text(_found(name))) for name in PLACES}
        TyperGroup(
            name=self.name, commands=listed, params=self.params, help=self.help, epilog=self.epilog,
            rich_markup_mode=self.rich_markup_mode,
        ).format_help(context, formatter)  # fmt: skip


def put_together(name: str, found: typer.Typer | Callable[..., Any]) -> Command:
    """A command of the command line from a function, or a group of commands from an app."""
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name)
    else:
        alone.command(name)(found)
    _speak(alone)
    command: Command = typer.main.get_command(alone)
    return command.commands[name] if isinstance(found, typer.Typer) else command


def _found(name: str) -> typer.Typer | Callable[..., Any]:
    """The function or the app of a command."""
    module, _, attribute = PLACES[name].partition(":")
    found: typer.Typer | Callable[..., Any] = getattr(import_module(f"xharness.cli.{module}"), attribute)
    return found


def _speak(commands: typer.Typer) -> None:
    """Wrong usage is said in our words, and help in paragraphs."""
    for command in commands.registered_commands:
        command.cls = HelpfulCommand
        command.help = paragraphs(command.help or inspect.getdoc(command.callback) or "")
    for group in commands.registered_groups:
        if group.typer_instance:
            _speak(group.typer_instance)


def _text(found: typer.Typer | Callable[..., Any]) -> str:
    """What a command or an app says of itself."""
    return paragraphs((found.info.help if isinstance(found, typer.Typer) else inspect.getdoc(found)) or "")


def paragraphs(text: str) -> str:
    """Text whose paragraphs are as wide as the screen, not as the source."""
    return "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in inspect.cleandoc(text).split("\n\n"))
