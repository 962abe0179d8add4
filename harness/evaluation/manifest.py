"""The manifest of a run: what produced it, on what, and how long it took. The only file with times in it."""

from __future__ import annotations

import platform
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from xharness.checkpoints.checkpoint import Checkpoint
from xharness.checkpoints.provenance import changed
from xharness.compute.device import Device
from xharness.compute.throughput import Throughput
from xharness.evaluation.plan import Plan
from xharness.runs.manifest import FORMAT, KIND, VERSION_FIELD
from xharness.runs.own_tasks import REMEMBERED
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.common.version import VERSION, installed

OUR_FOLDERS = ("xharness", "harness", "cli")  # with a __main__.py, for python -m
PACKAGES = ("torch", "transformers", "tokenizers", "numpy", "faiss-cpu", "faiss-gpu-cu12")


@dataclass(frozen=True)
class EvaluationPhase:
    """Work and time of one chunk of cells."""

    task: str
    languages: Sequence[str]
    spent: Throughput

    def summary(self) -> dict[str, Json]:
        """For the manifest."""
        rates = {
            "seconds": round(self.spent.seconds, 3),
            "tokens_per_second": round(self.spent.tokens_per_second, 1),
            "padding_share": round(self.spent.padding_share, 4),
        }
        return {"task": self.task, "languages": list(self.languages), **asdict(self.spent), **rates}


def describe(
    plan: Plan,
    device: Device,
    phases: Sequence[EvaluationPhase],
    orders: Mapping[str, str],
    started: float,
    scores_sha256: str,
) -> JsonObject:
    """The whole manifest; phases of earlier calls stay as long as they were not computed again.

    Args:
        orders: By task what English dev says of the label names that were given.
    """
    old: Mapping[str, Any] = plan.folder.manifest()
    orders = {**old.get("label_orders", {}), **orders}
    return {
        "kind": KIND,
        "format": FORMAT,
        "identity": plan.identity,
        VERSION_FIELD: VERSION,
        "scores_sha256": scores_sha256,
        **_environment(plan, device),
        "model": {name or "model": _model(checkpoint) for name, checkpoint in plan.checkpoints.items()},
        "columns": {**old.get("columns", {}), **{a.task.name: list(a.task.metric.columns) for a in plan.compatible}},
        "data": {"download": str(plan.data.download), "labels": str(plan.data.labels or "")},
        "not_evaluated": [
            {"task": each.task.name, "reason": each.reason, "fix": each.fix} for each in plan.incompatible
        ],
        "notes": [*_notes(plan), *(f"{task}: {said}" for task, said in orders.items())],
        **({"label_orders": dict(orders)} if orders else {}),
        "phases": [*_not_computed_again(old.get("phases", []), phases), *(phase.summary() for phase in phases)],
        **{name: old[name] for name in (REMEMBERED,) if name in old},
        **plan.own_tasks,
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "seconds": round(time.time() - started, 3),
    }


def _environment(plan: Plan, device: Device) -> JsonObject:
    """What was asked for, and what answered it."""
    machine: JsonObject = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": installed(PACKAGES),
    }
    return {
        "command": command_line(),
        "options": _plain(asdict(plan.options)),
        "device": {**asdict(device), "batch_tokens": plan.batch_tokens},
        "machine": machine,
    }


def _notes(plan: Plan) -> list[str]:
    """What a reader of the scores should know, known before anything was answered."""
    of_tasks = [f"{each.task.name}: {each.note}" for each in plan.compatible if each.note]
    return [*of_tasks, *plan.remarks(), *plan.untrained(), *plan.merged(), *plan.without_data]


def _not_computed_again(
    earlier: Sequence[Mapping[str, Any]], phases: Sequence[EvaluationPhase]
) -> list[Mapping[str, Any]]:
    """Phases of earlier calls, as the manifest has them, that share no cell with those of this one."""
    fresh = {(phase.task, language) for phase in phases for language in phase.languages}
    return [old for old in earlier if not any((old["task"], language) in fresh for language in old["languages"])]


def command_line() -> str:
    """The command that this process runs, where it is one of xharness; empty in a program of the user's own."""
    program = Path(sys.argv[0])
    ours = program.stem == "xharness" or (program.name == "__main__.py" and program.parent.name in OUR_FOLDERS)
    return shlex.join(["xharness", *sys.argv[1:]]) if ours else ""


def _model(checkpoint: Checkpoint) -> JsonObject:
    """What identifies a checkpoint."""
    return {
        "path": str(checkpoint.path),
        "hub": asdict(checkpoint.hub) if checkpoint.hub else None,
        "architecture": checkpoint.model_type,
        "head": checkpoint.head.value,
        "blocks": checkpoint.blocks,
        "weights_sha256": checkpoint.weights_hash,
        "tokenizer_sha256": checkpoint.tokenizer_hash,
        "provenance": checkpoint.provenance,
        **({"merged": checkpoint.merged_from} if checkpoint.merged_from else {}),
        **({"changed": names} if (names := changed(checkpoint)) else {}),
    }


def _plain(value: object) -> Json:
    """Paths as strings."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return str(value) if isinstance(value, Path) else cast("Json", value)
