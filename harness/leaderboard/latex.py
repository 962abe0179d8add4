"""A leaderboard as tables for a paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xharness.leaderboard.board import LEGEND, Section
from xharness.leaderboard.render import By, tables
from xharness.tables import escapes
from xharness.tables import latex as latex_table
from xharness.tables.table import Table


def as_latex(found: Sequence[Section], by: By | None) -> str:
    r"""Tables of every section, to be put in by ``\input``; notes and how to read them stand around as comments."""
    parts = [f"% Needs \\usepackage{{{latex_table.PACKAGES}}}. Written by xharness leaderboard."]
    for place, section in enumerate(found):
        parts += [latex_table.render(_of_section(table, section, place)) for table in tables(section, by)]
        parts += ["\n".join(map(escapes.latex_comment, section.notes))] if section.notes else []
    return "\n\n".join([*parts, "\n".join(map(escapes.latex_comment, LEGEND))]) + "\n"


def _of_section(table: Table, section: Section, place: int) -> Table:
    """The table under a name of its own; the caption says the protocol."""
    name = f"leaderboard-{place}-{table.name.replace(' ', '-')}"
    return replace(table, name=name, caption=f"{section.protocol}: {table.caption}")
