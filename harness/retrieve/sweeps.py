"""The layer sweeps in ``scores.json``, as tables and pictures."""

from __future__ import annotations

from xharness.retrieve.sweep import Sweep, plot, tabulate
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.signature import Signature


def sweeps(scores: ScoresFile) -> dict[tuple[str, str], Sweep]:
    """Every sweep by task and measure."""
    found: dict[tuple[str, str], dict[str, dict[int, float]]] = {}
    for task, languages in scores.sweep.items():
        for language, measures in languages.items():
            for measure, by_layer in measures.items():
                rows = found.setdefault((task, measure), {})
                rows[language] = {int(layer): score for layer, score in by_layer.items()}
    return {name: tabulate(rows) for name, rows in found.items()}


def scored_block(scores: ScoresFile, task: str) -> int | None:
    """The block whose scores are the task's own; None where its numbers do not tell one block."""
    signed = {
        Signature.parse(cell.signature)["layer"].partition("/")[0] for cell in scores.cells.get(task, {}).values()
    }
    (block,) = signed if len(signed) == 1 else ("",)
    return int(block) if block.isdecimal() else None


def plots(scores: ScoresFile) -> dict[str, bytes]:
    """A PNG of every sweep by file name."""
    return {
        f"sweep-{task}-{measure}.png": plot(sweep, title=f"{task} by block", measure=f"{measure} (%)")
        for (task, measure), sweep in sweeps(scores).items()
    }
