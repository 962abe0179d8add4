"""The short version of the fuzzer: always the same inputs. An hour of others by hand: ``make fuzz``."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.fuzz.call import Called, unseemly
from tests.fuzz.driver import Fuzzer, hurried
from tests.fuzz.families import every_target
from tests.fuzz.mutations import BY_SUFFIX, LINES, mutate
from tests.fuzz.world import write_base

INPUTS = 60
SLOW = ("plan", "finetune", "continue", "recipe", "synonyms", "select", "evaluate", "show ckpt")  # a model is needed


def test_no_command_breaks_on_a_mutated_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    base = tmp_path_factory.mktemp("fuzz") / "base"
    write_base(base, trained=False)
    targets = [target for target in every_target() if not target.name.startswith(SLOW)]
    with hurried():
        fuzzer = Fuzzer(base, base.with_name("sandbox"), targets, seed=0)
        faults = [fault for number in range(INPUTS) if (fault := fuzzer.run(number))]
    assert not faults, "\n".join(map(str, faults))
    refused = sum(fuzzer.tried.values()) - sum(fuzzer.accepted.values())
    assert refused > INPUTS / 4  # mutations that nobody notices would test nothing


def test_mutations_are_the_same_for_the_same_seed(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    results = []
    for _ in range(2):
        file.write_bytes(b'{"a": [1, "x"], "b": null}\n')
        results.append((mutate(file, Random(3)), file.read_bytes()))
    assert results[0] == results[1]


@pytest.mark.parametrize("suffix", [*BY_SUFFIX, ".tsv"])
def test_no_mutation_breaks_on_what_another_left(suffix: str) -> None:
    for number in range(300):
        rng = Random(number)
        data = b'{"a": [1, "x"], "b": null}\n'
        for _ in range(3):
            data = rng.choice(BY_SUFFIX.get(suffix, LINES))(data, rng)


@pytest.mark.parametrize(
    ("called", "what"),
    [
        (Called(0, "fine\n", ""), ""),
        (Called(1, "", "error: no run at x\n  why: nothing is there\n  fix: look\n"), ""),
        (Called(1, "", "error: no run at x\n"), "exit code 1 without what, why and what to do"),
        (Called(1, "", "", "Traceback\nKeyError: 'x'\n"), "traceback"),
        (Called(1, "", "", "Traceback\ntests.fuzz.call.Hang\n"), "hang"),
        (Called(0, "\x1b[31m", ""), "prints '\\x1b'"),
        (Called(139, "", ""), "exit code 139"),
    ],
)
def test_what_is_unseemly(called: Called, what: str) -> None:
    assert unseemly(called, lists=False) == what
