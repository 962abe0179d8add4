"""Scores by block and language: the data of the table, and a plot of it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xharness.tasks.base import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, MUTED, ACCENT = "#1f2933", "#6b7280", "#1b6ca8"


@dataclass(frozen=True, eq=False)
class Sweep:
    """Scores of every swept block.

    Attributes:
        languages: Rows, in the order given.
        layers: Columns, 1-based blocks, ascending.
        scores: Shape (languages, layers), in percent.
    """

    languages: tuple[str, ...]
    layers: tuple[int, ...]
    scores: FloatArray

    @property
    def mean(self) -> FloatArray:
        """Mean over languages of each block."""
        return np.asarray(self.scores.mean(0))

    @property
    def best(self) -> int:
        """The block with the highest mean, the lowest on a tie. Chosen on test: a fact about the model, no result."""
        return self.layers[int(self.mean.argmax())]


def tabulate(scores: Mapping[str, Mapping[int, float]]) -> Sweep:
    """Arrange {language: {layer: score}}; every language must have the same layers."""
    layers = sorted({layer for by_layer in scores.values() for layer in by_layer})
    table = np.array([[by_layer[layer] for layer in layers] for by_layer in scores.values()], dtype=np.float64)
    return Sweep(tuple(scores), tuple(layers), table.reshape(len(scores), len(layers)))


def plot(sweep: Sweep, *, title: str, measure: str) -> bytes:
    """A PNG: the mean over languages by block above, every language by block below. The same bytes for the same data.

    Args:
        title: What was swept, for example task and model.
        measure: Name of the score, for example ``accuracy (%)``.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, columns = sweep.scores.shape
    width, height = max(5.0, 1.2 + 0.5 * columns), 2.9 + 0.3 * rows
    figure = Figure(figsize=(width, height), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, color=INK, fontsize=11)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[1.6, max(0.3 * rows, 0.6)])
    _draw_mean(above, sweep, measure)
    _draw_languages(below, sweep)
    target = io.BytesIO()
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def _draw_mean(axes: Axes, sweep: Sweep, measure: str) -> None:
    """The mean over languages as a line; its best block is labelled."""
    place, best = np.arange(len(sweep.layers)), int(sweep.mean.argmax())
    inwards = "left" if best == 0 else "right" if best == len(place) - 1 else "center"
    axes.plot(place, sweep.mean, color=ACCENT, linewidth=2, marker="o", markersize=4)
    axes.annotate(
        f"block {sweep.best}: {sweep.mean[best]:.1f}",
        (best, sweep.mean[best]),
        textcoords="offset points",
        xytext=(0, 7),
        ha=inwards,
        color=INK,
        fontsize=9,
    )
    axes.set_ylim(0, max(1.0, 1.3 * float(sweep.mean.max())))
    axes.set_ylabel(f"mean {measure}", color=INK, fontsize=9)
    axes.tick_params(colors=MUTED, labelsize=8, bottom=False)
    axes.grid(axis="y", color="#e5e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_color("#d1d5db")


def _draw_languages(axes: Axes, sweep: Sweep) -> None:
    """One row a language, one column a block, the score in each field."""
    highest = max(1.0, float(sweep.scores.max(initial=0)))
    axes.imshow(sweep.scores, cmap="Blues", vmin=0, vmax=highest, aspect="auto")
    for row, column in np.ndindex(*sweep.scores.shape):
        score = sweep.scores[row, column]
        colour = "white" if score > 0.6 * highest else INK
        axes.text(column, row, f"{score:.1f}", ha="center", va="center", fontsize=7, color=colour)
    axes.set_xticks(np.arange(len(sweep.layers)), [str(layer) for layer in sweep.layers])
    axes.set_yticks(np.arange(len(sweep.languages)), list(sweep.languages))
    axes.set_xlabel("transformer block (1 = first)", color=INK, fontsize=9)
    axes.tick_params(colors=INK, labelsize=8, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
