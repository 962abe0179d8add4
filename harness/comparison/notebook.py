"""A comparison that shows itself as a table in a notebook."""

from __future__ import annotations

from dataclasses import fields

from xharness.comparison.comparison import Comparison
from xharness.comparison.render import html


class ShownComparison(Comparison):
    """A :class:`Comparison` with a table."""

    @classmethod
    def of(cls, found: Comparison) -> ShownComparison:
        """The comparison, which a notebook then shows."""
        return cls(**{field.name: getattr(found, field.name) for field in fields(found)})

    def _repr_html_(self) -> str:
        return html(self)
