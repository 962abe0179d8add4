"""Commands as a user calls them: help, tasks, evaluate, task and demo."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.harness.conftest import Call

COMMANDS = [
    ["evaluate"], ["score"], ["demo"], ["tasks", "list"], ["tasks", "show"], ["data", "check"],
    ["data", "translation-quality"],
    ["submission", "check"], ["submission", "pack"], ["finetune"], ["benchmark"],
    *(["task", name] for name in "xnli pawsx udpos panx xquad mlqa tydiqa bucc2018 tatoeba xcopa".split()),
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(call: Call, command: list[str]) -> None:
    called = call(*command, "--help")
    assert called.code == 0
    assert f"Example: xharness {' '.join(command)}" in " ".join(called.out.split())


def test_help_and_lists_import_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['xharness', 'tasks', 'list']; from xharness.cli import main\ntry: main()\n"
    code += "finally: print([name for name in ('torch', 'transformers', 'faiss', 'matplotlib') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_version(call: Call) -> None:
    from xharness.tasks.common.version import VERSION

    assert call("--version").out == f"xharness {VERSION}\n"
