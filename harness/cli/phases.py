"""Phases of training as tables: what they will be, and what they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xharness.cli.screen import say
from xharness.tables.table import Column, Table, TableRow, facts, spelled, words
from xharness.tables.terminal import render
from xharness.tasks.common.text import clock

if TYPE_CHECKING:
    from rich.console import RenderableType

    from xharness.tasks.common.json_types import Json
    from xharness.train.phase_facts import Facts


def phases_table(found: Sequence[Facts]) -> RenderableType:
    """Time, steps, loss and dev scores of every phase."""
    columns = [Column(name, folds=True) for name in ("phase", "dev")]
    columns += [Column(name, numeric=True) for name in ("steps", "loss", "time")]
    rows = []
    for one in found:
        dev = ", ".join(f"{task} {score:.1f}" for task, score in one.dev.items())
        steps, loss = ("" if one.steps is None else str(one.steps)), ("" if one.loss is None else f"{one.loss:.2f}")
        took = "earlier" if one.seconds is None else clock(one.seconds)
        rows.append(TableRow([*map(words, (mixture(one.name.split("+")), dev, steps, loss, took))]))
    if len(found) > 1:
        together = ("sum", "", "", "", clock(sum(one.seconds or 0 for one in found)))
        rows.append(TableRow([*map(words, together)], strong=True))
    return render(Table("phases", "phases", columns, rows))


def mixture(names: Sequence[str]) -> str:
    """The name of a phase of some tasks."""
    return names[0] if len(names) == 1 else f"mixture of {len(names)}"


def show_plan(plan: Mapping[str, Json]) -> None:
    """What a phase amounts to, its recipe, and what should be known before."""
    from xharness.cli.tables import print_whole

    found: Any = plan
    estimate, recipe = found["estimate"], found["recipe"]
    print_whole(render(facts("plan", {name: words(text) for name, text in _amounts(found).items() if text})))
    told = {spelled(name): words(_told(value)) for name, value in recipe.items() if value is not None}
    print_whole(render(facts("recipe", told)))
    where = f", on {estimate['device']}" if "device" in estimate else ""
    say(f"{estimate['how']}{where}", *(f"note: {warning}" for warning in found["warnings"]))


def _amounts(plan: Mapping[str, Any]) -> dict[str, str]:
    """Sizes, time and memory in words."""
    estimate = plan["estimate"]
    seconds, memory = estimate["seconds"], estimate["gigabytes"]
    mixed = plan.get("mixture", {}).get("probabilities", {})
    parts = ", ".join(f"{spelled(name)} {size:.2f}" for name, size in memory.items() if name != "all")
    return {
        "steps": f"{plan['steps']:,}",
        "examples": _told(plan["examples"]),
        "training instances": _told(plan["units"]) if plan["units"] != plan["examples"] else "",
        "drawn by": _told(mixed),
        "longest input": f"{plan['longest']} word pieces",
        "chosen on": ", ".join(f"{name} dev ({' '.join(languages)})" for name, languages in plan["select_on"].items()),
        "tokens": f"{estimate['tokens']:,}" if estimate.get("tokens") else "",
        "operations": f"{estimate['operations'] / 1e12:,.0f} · 10^12" if estimate.get("operations") else "",
        "time": ", ".join(f"{name} {clock(value)}" for name, value in seconds.items() if value is not None),
        "memory": f"{memory['all']:.2f} GB ({parts})" if memory.get("all") else parts,
    }


def _told(value: object) -> str:
    """Objects as a line of words, numbers with their thousands apart."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_told(inner)}" for name, inner in value.items())
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
