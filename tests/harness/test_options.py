"""Options: impossible values, exactly worded, and which option can change which answers."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.options import EvaluateOptions
from tasks.base import Kind
from tasks.errors import UserError


def options(**values: Any) -> EvaluateOptions:
    """Options by name; those of spans and of mining by their own names."""
    base = EvaluateOptions(model=Path("m"), data=Path("d"), out=Path("o"))
    span = {name: values.pop(name) for name in list(values) if hasattr(base.span, name) and name != "max_length"}
    mining = {name: values.pop(name) for name in list(values) if hasattr(base.mining, name)}
    return replace(base, span=replace(base.span, **span), mining=replace(base.mining, **mining), **values)


def test_the_defaults_are_possible() -> None:
    options().check()
    options(resamples=0, batch_tokens=1, limit=1, max_length=8, k=1, layer="-3", no_answer_threshold=-1.5).check()


WRONG = [
    ({"margin": "ration"}, "unknown margin 'ration'", "--margin knows 3 values", "did you mean 'ratio'?"),
    ({"margin": "x"}, "unknown margin 'x'", "--margin knows 3 values", "choose from: absolute, distance, ratio"),
    ({"retrieval": "fwdd"}, "unknown retrieval 'fwdd'", "--retrieval knows 4 values", "did you mean 'fwd'?"),
    ({"vectors": "disc"}, "unknown vectors 'disc'", "--vectors knows 2 values", "did you mean 'disk'?"),
    ({"precision": "fp23"}, "unknown precision 'fp23'", "no such number format", "did you mean 'fp32'?"),
    ({"device": "cude"}, "unknown device 'cude'", "no such kind of device", "did you mean 'cuda'?"),
    ({"pooling": "maen"}, "unknown pooling 'maen'", "no such way to pool tokens", "did you mean 'mean'?"),
    (
        {"layer": "swep"},
        "unknown layer 'swep'",
        "a layer is a block number (1 is the first, -1 the last) or a word",
        "did you mean 'sweep'?",
    ),
    (
        {"layer": "0"},
        "there is no layer 0",
        "blocks are numbered from 1; the embedding layer is not offered",
        "use 1 for the first block, -1 or last for the last",
    ),
    ({"batch_tokens": 0}, "--batch-tokens is 0", "it must be at least 1", "give 1 or more"),
    ({"limit": 0}, "--limit is 0", "it must be at least 1", "give 1 or more"),
    ({"resamples": -1}, "--resamples is -1", "it must be at least 0", "give 0 or more"),
    ({"max_length": 7}, "--max-length is 7", "it must be at least 8", "give 8 or more"),
    ({"k": 0}, "--k is 0", "it must be at least 1", "give 1 or more"),
    ({"doc_stride": 0}, "--doc-stride is 0", "it must be at least 1", "give 1 or more"),
    ({"max_question_length": 0}, "--max-question-length is 0", "it must be at least 1", "give 1 or more"),
    ({"max_answer_length": 0}, "--max-answer-length is 0", "it must be at least 1", "give 1 or more"),
    ({"best": -2}, "--n-best is -2", "it must be at least 1", "give 1 or more"),
]


@pytest.mark.parametrize(("values", "what", "why", "fix"), WRONG, ids=[f"{values}" for values, *_ in WRONG])
def test_impossible_values(values: dict[str, Any], what: str, why: str, fix: str) -> None:
    with pytest.raises(UserError) as error:
        options(**values).check()
    assert str(error.value) == f"{what}\n  why: {why}\n  fix: {fix}"


def test_options_are_checked_without_torch() -> None:
    code = (
        "import sys; from pathlib import Path; from harness.options import EvaluateOptions\n"
        "EvaluateOptions(model=Path('m'), data=Path('d'), out=Path('o')).check(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Which kinds an option changes the answers of.
ALL = {Kind.PAIR, Kind.TAGGING, Kind.SPAN, Kind.CHOICE, Kind.RETRIEVAL, Kind.MINING}
CHANGES = [
    ({"limit": 5}, ALL),
    ({"max_length": 64}, ALL),
    ({"reference_quirks": True}, ALL),
    ({"layer": "3"}, {Kind.RETRIEVAL, Kind.MINING}),
    ({"pooling": "cls"}, {Kind.RETRIEVAL, Kind.MINING}),
    ({"k": 5}, {Kind.MINING}),
    ({"margin": "distance"}, {Kind.MINING}),
    ({"retrieval": "fwd"}, {Kind.MINING}),
    ({"threshold": 1.05}, {Kind.MINING}),
    ({"index": "ivf"}, {Kind.MINING}),
    ({"vectors": "disk"}, {Kind.MINING}),
    ({"chunk": 64}, set()),
    ({"doc_stride": 64}, {Kind.SPAN}),
    ({"max_question_length": 32}, {Kind.SPAN}),
    ({"max_answer_length": 10}, {Kind.SPAN}),
    ({"best": 5}, {Kind.SPAN}),
    ({"no_answer_threshold": 0.0}, {Kind.SPAN}),
    ({"batch_tokens": 64}, set()),
    ({"seed": 3}, set()),
    ({"resamples": 10}, set()),
    ({"langs": "de", "tasks": "xnli", "overwrite": True, "allow_pickle": True, "device": "cpu"}, set()),
]


@pytest.mark.parametrize(("values", "kinds"), CHANGES, ids=[f"{values}" for values, _ in CHANGES])
def test_which_answers_an_option_can_change(values: dict[str, Any], kinds: set[Kind]) -> None:
    plain, other = options(), options(**values)
    changed = {
        kind for kind in ALL if plain.that_change_answers(kind, "fp32") != other.that_change_answers(kind, "fp32")
    }
    assert changed == kinds


def test_coarse_rounding_makes_the_batch_size_matter() -> None:
    assert options().that_change_answers(Kind.PAIR, "bf16") != options().that_change_answers(Kind.PAIR, "fp32")
    assert options(batch_tokens=64).that_change_answers(Kind.PAIR, "bf16") != options().that_change_answers(
        Kind.PAIR, "bf16"
    )
