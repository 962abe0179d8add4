"""Fills the pages of commands and recipes when the documentation is built, so that nothing is written twice."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from xharness.tables.markdown import piped
from xharness.tasks.recipe import Recipe
from xharness.tasks.registry import open_registry

HEADINGS = (
    "task",
    "learning rate",
    "for 24 blocks",
    "epochs",
    "batch",
    "length",
    "warm-up",
    "weight decay",
    "kept step",
)
TITLES = {"recipe": "XTREME's scripts (`--recipe reference`)", "jiant": "jiant's, where they differ (`--recipe jiant`)"}


def on_page_markdown(markdown: str, **_facts: Any) -> str:  # what mkdocs passes
    """The page with what its mark stands for."""
    for mark, content in {"<!-- commands -->": commands, "<!-- recipes -->": recipes}.items():
        if mark in markdown:
            return markdown.replace(mark, content())
    return markdown


def commands() -> str:
    """What Typer writes of every command."""
    command = [sys.executable, "-m", "typer", "xharness.cli.app", "utils", "docs", "--name", "xharness"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return text.partition("\n")[2]  # its first heading is the page's


def recipes() -> str:
    """A section for each origin of recipes."""
    tasks = open_registry(None).known
    parts = []
    for attribute, title in TITLES.items():
        found = {name: getattr(task, attribute) for name, task in tasks.items()}
        rows = [_row(name, recipe) for name, recipe in found.items() if recipe is not None]
        parts.append("\n".join([f"## {title}", "", *piped(HEADINGS, rows)]))
    return "\n\n".join(parts)


def _row(name: str, recipe: Recipe) -> list[str]:
    large = recipe.learning_rate_large
    return [
        name,
        f"{recipe.learning_rate:g}",
        "" if large is None else f"{large:g}",
        f"{recipe.steps} steps" if recipe.steps else f"{recipe.epochs:g}",
        str(recipe.batch_size),
        str(recipe.max_length),
        f"{recipe.warmup_steps} steps" if recipe.warmup_steps else f"{recipe.warmup_ratio:.0%}",
        f"{recipe.weight_decay:g}",
        _kept(recipe),
    ]


def _kept(recipe: Recipe) -> str:
    chosen = recipe.selection
    if chosen.on == "last":
        return "the last"
    return f"best on dev, every {chosen.every} steps" if chosen.every else "best on dev, each epoch"
