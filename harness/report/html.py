"""The page: one HTML file with its style, scripts and data inside, which asks no server for anything."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from xharness.report.contents import Contents
from xharness.report.page import page
from xharness.tables.escapes import script_json

SCRIPTS = ("d3.min.js", "plot.umd.min.js", "tables.js", "charts.js", "items.js")


def render(contents: Contents) -> str:
    """The whole page."""
    values, data = page(contents)
    assets = files("xharness.report") / "assets"
    environment = Environment(
        loader=PackageLoader("xharness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("report.html.j2").render(
        values,
        style=Markup((assets / "report.css").read_text(encoding="utf-8")),
        scripts=[Markup((assets / name).read_text(encoding="utf-8")) for name in SCRIPTS],
        data=Markup(script_json(data)),
    )
    return f"{text}\n"
