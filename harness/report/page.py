"""A page as one HTML file: its style, scripts and data are inside, and it asks no server for anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from xharness.tables.escapes import script_json
from xharness.tables.html import searchable
from xharness.tasks.common.version import VERSION


def render_page(template: str, values: Mapping[str, Any], data: Mapping[str, object], scripts: Sequence[str]) -> str:
    """The whole page.

    Args:
        values: What the template shows.
        data: What the scripts draw, as JSON.
        scripts: Names of files, in their order.
    """
    assets = files("xharness.report") / "assets"
    loader = PackageLoader("xharness.report")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    common = {
        "version": VERSION,
        "table": lambda table: Markup(searchable(table)),
        "style": Markup((assets / "report.css").read_text(encoding="utf-8")),
        "scripts": [Markup((assets / name).read_text(encoding="utf-8")) for name in scripts],
        "data": Markup(script_json(data)),
    }
    return environment.get_template(template).render({**values, **common}) + "\n"
