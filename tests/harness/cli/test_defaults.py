"""The options of commands have the defaults of the values that they fill in."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any

import pytest

from xharness.cli import compare, finetune, options, report
from xharness.comparison.comparison import CompareOptions
from xharness.evaluation.options import EvaluateOptions
from xharness.predict.spans import SpanOptions
from xharness.report.options import ReportOptions
from xharness.retrieve.bucc import MiningOptions
from xharness.train.options import FinetuneOptions

OTHER_NAMES = {"n_best": "best"}
LEFT_OUT = (None, False)  # not given; what that means is for the values to say


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (options.run_options, EvaluateOptions),
        (options.task_choice, EvaluateOptions),
        (options.embedding, EvaluateOptions),
        (options.mining, MiningOptions),
        (options.spans, SpanOptions),
        (compare.compare, CompareOptions),
        (report.report, ReportOptions),
        (finetune.phase, FinetuneOptions),
        (finetune.care, FinetuneOptions),
    ],
)
def test_defaults_are_those_of_the_options(command: Callable[..., Any], kind: type[Any]) -> None:
    own = {field.name: field.default for field in fields(kind) if field.default is not MISSING}
    found = {
        OTHER_NAMES.get(name, name): parameter.default
        for name, parameter in inspect.signature(command).parameters.items()
        if parameter.default not in (inspect.Parameter.empty, *LEFT_OUT)
    }
    shared = found.keys() & own.keys()
    assert {name: found[name] for name in shared} == {name: own[name] for name in shared}
    assert shared or kind is EvaluateOptions
