"""Options: impossible values, exactly worded, and which option can change which answers."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.evaluation.answer import answerer_of
from xharness.evaluation.options import EvaluateOptions
from xharness.predict.spans import SpanOptions
from xharness.tasks import bucc2018, tatoeba, udpos, xcopa, xnli, xquad
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError


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
        "import sys; from pathlib import Path; from xharness.evaluation.options import EvaluateOptions\n"
        "EvaluateOptions(model=Path('m'), data=Path('d'), out=Path('o')).check(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


MODEL = Checkpoint(Path("m"), {"model_type": "bert"}, Head.ENCODER, (), 12, (), (), False)


def cache_key_fields(options: EvaluateOptions, task: Task) -> dict[str, Any]:
    """What of the options is in the key of a cell."""
    answerer = answerer_of(task)
    return {**options.cache_key_fields(), **answerer.cache_key_fields(answerer.settings(options, task, MODEL))}


# Which types an option changes the answers of, each by one of its tasks.
TASKS = {task.name: task for task in (xnli.TASK, udpos.TASK, xquad.TASK, xcopa.TASK, tatoeba.TASK, bucc2018.TASK)}
ALL = {*TASKS}
CHANGES = [
    ({"limit": 5}, ALL),
    ({"max_length": 64}, ALL),
    ({"reference_quirks": True}, ALL),
    ({"layer": "3"}, {"tatoeba", "bucc2018"}),
    ({"pooling": "cls"}, {"tatoeba", "bucc2018"}),
    ({"k": 5}, {"bucc2018"}),
    ({"margin": "distance"}, {"bucc2018"}),
    ({"retrieval": "fwd"}, {"bucc2018"}),
    ({"threshold": 1.05}, {"bucc2018"}),
    ({"index": "ivf"}, {"bucc2018"}),
    ({"vectors": "disk"}, {"bucc2018"}),
    ({"chunk": 64}, set()),
    ({"doc_stride": 64}, {"xquad"}),
    ({"max_question_length": 32}, {"xquad"}),
    ({"max_answer_length": 10}, {"xquad"}),
    ({"best": 5}, {"xquad"}),
    ({"no_answer_threshold": 0.0}, {"xquad"}),
    ({"batch_tokens": 64}, set()),
    ({"seed": 3}, set()),
    ({"resamples": 10}, set()),
    ({"langs": "de", "tasks": "xnli", "overwrite": True, "allow_pickle": True, "device": "cpu"}, set()),
]


@pytest.mark.parametrize(("values", "names"), CHANGES, ids=[f"{values}" for values, _ in CHANGES])
def test_which_answers_an_option_can_change(values: dict[str, Any], names: set[str]) -> None:
    plain, other = options(), options(**values)
    plain, other = (each.resolved("fp32", 1024) for each in (plain, other))
    changed = {name for name, task in TASKS.items() if cache_key_fields(plain, task) != cache_key_fields(other, task)}
    assert changed == names


def test_coarse_rounding_makes_the_batch_size_matter() -> None:
    def key(resolved: str, **values: Any) -> dict[str, Any]:
        return cache_key_fields(options(**values).resolved(resolved, 1024), xnli.TASK)

    assert key("bf16") != key("fp32")
    assert key("bf16", batch_tokens=64) != key("bf16")
    assert key("bf16", batch_tokens=1024) == key("bf16")
    assert key("fp32", batch_tokens=64) == key("fp32")
    assert key("fp32", precision="auto") == key("fp32", precision="fp32")


def test_a_window_is_the_length_of_span_tasks_only() -> None:
    span = SpanOptions(max_length=256)
    window = replace(options(), span=span)
    assert [answerer_of(task).max_length(window, task) for task in (xquad.TASK, xnli.TASK)] == [256, 128]
    assert answerer_of(xquad.TASK).max_length(options(), xquad.TASK) == 384
    assert answerer_of(xquad.TASK).max_length(options(max_length=64), xquad.TASK) == 64
    with pytest.raises(UserError, match="two longest inputs"):
        replace(options(max_length=64), span=span).check()
    with pytest.raises(UserError, match=r"span\.max-length is 3"):
        replace(options(), span=SpanOptions(max_length=3)).check()
