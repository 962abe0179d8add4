"""Objectives over tiny models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.conftest import Tiny
from xharness.checkpoints.checkpoint import inspect
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, encoder_class, load_tokenizer, without_model
from xharness.tasks.base import Task
from xharness.train.objectives import objective_class
from xharness.train.objectives.base import Objective
from xharness.train.recipes import resolve


def loaded_of(tiny: Tiny, architecture: str) -> Loaded:
    parent = inspect(tiny(architecture, "encoder"))
    return without_model(parent, load_tokenizer(parent), encoder_class(parent), Device("cpu", "fp32"))


def objective_of(task: Task, examples: Sequence[Any], loaded: Loaded, **inputs: int) -> Objective:
    """The objective of a task whose recipe has these lengths."""
    lengths: dict[str, Any] = {"doc_stride": 128, "max_question_length": 64, **inputs}
    recipe = replace(resolve(task, blocks=2), **lengths)
    return objective_class(task).build(task.name, task, examples, loaded, recipe)
