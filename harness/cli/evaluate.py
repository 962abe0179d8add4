"""``xharness evaluate`` and ``xharness task NAME``: the same evaluation, with the options that fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from xharness.cli import options
from xharness.cli.commands import Command, put_together
from xharness.cli.progress_screen import progress_shown
from xharness.cli.resumable import resumable
from xharness.cli.screen import put, say
from xharness.tasks.common.text import enumerated

if TYPE_CHECKING:
    from xharness.evaluation.evaluate import Result
    from xharness.tasks.base import Task

EVALUATE_HELP = """Score a checkpoint on every task that it can answer, in every language that the data hold.

Example: xharness evaluate --model ckpt/ --data data/ --out runs/mymodel
"""

# What only some types of task read, by the field of the options that it fills in (TaskType.own_options).
OF_TYPES: dict[str, options.OptionGroup] = {
    "layer": options.embedding,
    "mining": options.mining,
    "ranking": options.ranking,
    "span": options.spans,
    "tatoeba_protocol": options.protocol,
    "synonyms": options.smoothing,
}


class TaskCommands(TyperGroup):
    """A command for every task that is known, made when one is asked for; ``--tasks-from`` is looked at beforehand."""

    def list_commands(self, _context: Any) -> list[str]:  # of the click that typer brings
        """Names of the tasks that can be answered."""
        self._fill([])
        return list(self.commands)

    def resolve_command(self, context: Any, arguments: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """The command of a task, that of the user's own file included; the case of its name does not matter."""
        from xharness.tasks.registry import as_known

        self._fill(arguments)
        return super().resolve_command(context, [as_known(arguments[0], self.commands), *arguments[1:]])

    def _fill(self, arguments: Sequence[str]) -> None:
        from xharness.tasks.registry import open_registry

        for name, task in open_registry(_tasks_from(arguments)).tasks.items():
            if task.reader is not None and name not in self.commands:
                self.commands[name] = _command_of(task)


def _tasks_from(arguments: Sequence[str]) -> Path | None:
    """The last value of ``--tasks-from`` among arguments that are not parsed yet."""
    given = [value for option, value in pairwise([*arguments, ""]) if option == "--tasks-from"]
    given += [argument.partition("=")[2] for argument in arguments if argument.startswith("--tasks-from=")]
    return Path(given[-1]) if given and given[-1] else None


def _command_of(task: Task) -> Command:
    """``xharness task NAME``: evaluate one task."""
    name, specific = task.name, (group for field, group in OF_TYPES.items() if field in task.type.own_options)
    text = f"Evaluate {name}.\n\nExample: xharness task {name} --model ckpt/ --data data/ --out runs/{name}\n"

    def run_one(fields: options.Fields) -> None:
        run({**fields, "tasks": name})

    groups: list[options.OptionGroup] = [options.run_options, *specific, options.screen]
    return put_together(name, options.command(run_one, *groups, name=name, text=text))


one_task = typer.Typer(
    cls=TaskCommands, no_args_is_help=True, help="Evaluate one task, with the options that only it has."
)


def run(fields: options.Fields) -> None:
    """Evaluate with the merged options and show what came out."""
    from xharness.evaluation.options import EvaluateOptions

    quiet, as_json = fields.pop("quiet"), fields.pop("as_json")
    chosen = EvaluateOptions(**fields)
    chosen.check()  # wrong names are answered before anything heavy is imported
    from xharness.evaluation.evaluate import evaluate

    with resumable(chosen.out), nullcontext() if quiet or as_json else progress_shown() as reporter:
        result = evaluate(chosen, reporter=reporter)
    if as_json:
        from xharness.submissions.scores import to_json

        put(to_json(result.scores), exact=True)
    elif not quiet:
        show(result)


def show(result: Result) -> None:
    """The final screen: scores, what was not evaluated, the slowest phase, and where the files are."""
    from rich.text import Text

    from xharness.cli.score_details import fitting, languages_table
    from xharness.cli.tables import print_whole, scores_table, sweep_tables

    for part in scores_table(result.scored, result.prepared.registry.tasks):
        print_whole(part)
    for part in sweep_tables(result.scored):
        print_whole(part)
    if (by_language := fitting(languages_table(result.scored))) is not None:
        print_whole(by_language)
    for line in _remarks(result):
        print_whole(Text(line))
    folder = result.prepared.folder.path
    done = "" if result.computed else " (everything was done already)"
    say(f"{folder}: scores.json, predictions/, items/, manifest.json{done}")


def _remarks(result: Result) -> Iterator[str]:
    """What a user should know beside the scores, one line each."""
    if result.scored.sweep:
        yield "scores above are those of the default block; the best block on test is not a fair choice"
    for refusal in result.prepared.incompatible:
        yield f"not evaluated: {refusal.task.name}: {refusal.reason}; {refusal.fix}"
    for note in result.manifest["notes"]:
        yield f"note: {note}"
    phases = result.manifest["phases"]
    if phases and result.computed:
        slowest = max(phases, key=lambda phase: phase["seconds"])
        yield (
            f"slowest phase: {slowest['task']} {enumerated(slowest['languages'])}: {slowest['seconds']:.1f} s, "
            f"{slowest['tokens_per_second']:.0f} tokens/s, {slowest['padding_share']:.0%} padding"
        )


evaluate = options.command(
    run,
    options.run_options,
    options.task_choice,
    options.embedding,
    options.protocol,
    options.smoothing,
    options.screen,
    name="evaluate",
    text=EVALUATE_HELP,
)
