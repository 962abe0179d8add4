"""Every command explains itself with an example, and the shell completes commands, options and values."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from xharness.cli.app import app
from xharness.cli.commands import PLACES


def walk(command: Any, path: tuple[str, ...] = ("xharness",)) -> Iterator[tuple[str, Any]]:
    """Every command that does something, under the words that call it."""
    for name in command.list_commands(None) if hasattr(command, "commands") else ():
        yield from walk(command.get_command(None, name), (*path, name))
    if not hasattr(command, "commands"):
        yield " ".join(path), command


COMMANDS = dict(walk(get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_it_does_and_gives_an_example(name: str) -> None:
    command = COMMANDS[name]
    text = command.help or ""
    assert re.match(r"[A-Z].*\.\s", text), f"{name}: the first paragraph is not a sentence"
    examples = re.findall(
        r"^\s*(?:Examples?: )?(xharness .*)$", text.partition("Example")[2].strip(" s:"), re.MULTILINE
    )
    assert examples, f"{name}: no example"
    assert "\n" not in text.replace("\n\n", ""), f"{name}: a line of the source ends inside of a paragraph"
    options = {option for parameter in command.params for option in parameter.opts}
    for example in examples:
        assert f"{example} ".startswith(f"{name} "), example
        used = {word.partition("=")[0] for word in shlex.split(example) if re.match("--?[a-z]", word)}
        assert used <= options, f"{name}: the example has options that it has not"
        needed = {p.opts[0] for p in command.params if p.required and p.opts[0].startswith("--")}
        assert needed <= used, f"{name}: the example lacks {needed - used}"


def test_the_list_says_what_each_command_says() -> None:
    done = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "300"})
    groups = {name: get_command(app).get_command(None, name) for name in PLACES}  # type: ignore[attr-defined]
    for name, command in groups.items():
        first = command.help.partition("\n\n")[0]
        assert re.search(rf"│ {name} +{re.escape(first)}", done.stdout), name


def test_a_command_does_not_wait_for_the_others() -> None:
    code = "import sys, atexit; atexit.register(lambda: print(*sys.modules)); from xharness.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "tasks", "show", "xnli"], capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "xharness.cli.tasks" in loaded
    assert not loaded & {"xharness.cli.study", "xharness.cli.finetune", "torch", "transformers", "rich.markdown"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    silent = [parameter.opts for parameter in COMMANDS[name].params if not getattr(parameter, "help", None)]
    assert not silent, f"{name}: no help for {silent}"


def complete(line: str) -> list[str]:
    words = line.split(" ")
    environment = {"_XHARNESS_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    command = [sys.executable, "-c", "from xharness.cli import main; import sys; sys.argv[0] = 'xharness'; main()"]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
    return done.stdout.split()


def test_the_shell_completes() -> None:
    assert complete("xharness ev") == ["evaluate"]
    assert complete("xharness tasks show xn") == ["xnli", "xnli-entailment", "xnli-mixed", "xnli-permuted"]
    assert "--batch-tokens" in complete("xharness evaluate --b")
    assert complete("xharness evaluate --tasks xnli,tat") == ["xnli,tatoeba"]
    assert complete("xharness evaluate --langs de,s") == ["de,sw"]
    assert complete("xharness finetune --task squad_v") == ["squad_v1", "squad_v2"]
    assert complete("xharness finetune --set learn") == ["learning_rate="]
    assert complete("xharness benchmark --recipe j") == ["jiant"]
    assert complete("xharness finetune --track wandb,tens") == ["wandb,tensorboard"]
    assert complete("xharness data fetch xtr") == ["xtreme", "xtreme-r"]
    assert complete("xharness models fetch google/mt5-s") == ["google/mt5-small"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_script_for(shell: str) -> None:
    environment = os.environ | {"_XHARNESS_COMPLETE": f"source_{shell}"}
    command = [sys.executable, "-c", "from xharness.cli import main; import sys; sys.argv[0] = 'xharness'; main()"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert f"complete_{shell}" in done.stdout
