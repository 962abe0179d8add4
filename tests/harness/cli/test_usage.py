"""Wrong usage as a user meets it."""

from __future__ import annotations

import pytest

from tests.harness.conftest import Call


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("evaluate", "--model", "m"), "Missing: --data, --out"),
        (("evaluate", "--model", "m", "--data", "d"), "Missing option '--out'"),
        (("diff",), "Missing: BASE, NEW, --task, --lang"),
        (("task", "XNLI", "--model", "m"), "Missing: --data, --out"),
        (("finetune", "--task", "xnli", "--epochs", "3"), "a number of the recipe: --set epochs=3"),
        (("finetune", "--task", "xnli", "--lr=1e-5"), "a number of the recipe: --set learning_rate=1e-5"),
        (("evaluate", "--epochs", "3"), "No such option: --epochs"),
    ],
)
def test_the_message_says_all_that_is_needed(call: Call, arguments: tuple[str, ...], expected: str) -> None:
    called = call(*arguments)
    assert called.code == 2
    assert expected in " ".join(called.err.replace("│", " ").split())


@pytest.mark.parametrize("arguments", [("-h",), ("evaluate", "-h"), ("data", "check", "-h"), ("task", "xnli", "-h")])
def test_help_is_short(call: Call, arguments: tuple[str, ...]) -> None:
    assert "Usage: " in call(*arguments).out


def test_version_is_short(call: Call) -> None:
    assert call("-V") == call("--version")
