"""The screen: whatever a command prints goes through here, so that no name and no text can do more than be read.

:func:`say` writes lines, :func:`put` a whole text in a format of files, :func:`console` gives rich's tables and bars,
without its markup and with control characters written out.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from textwrap import wrap
from typing import IO, TYPE_CHECKING, Any, cast

from xharness.cli.streams import escaped, in_ascii
from xharness.tables.escapes import one_line, terminal
from xharness.tasks.common.files import render_json

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderResult
    from rich.text import Text


def say(*lines: object, err: bool = False, **style: Any) -> None:
    """Print lines; each stays one line, whatever is in it.

    Args:
        err: On stderr.
        style: As for ``typer.style``: ``fg="red"``, ``bold=True``; shown on a terminal only.
    """
    import typer

    for line in lines:
        typer.secho(one_line(str(line)), err=err, **style)


def put(text: str, *, exact: bool = False) -> None:
    """Write a text of many lines to stdout, as a file would have it.

    Args:
        exact: It is JSON: letters that the terminal lacks become JSON's escapes, never other letters.
    """
    import typer

    shown = terminal(text)
    if exact and not (sys.stdout.encoding or "utf-8").lower().startswith("utf"):
        shown = "".join(letter if letter.isascii() else escaped(letter) for letter in shown)
    typer.echo(shown, nl=False)


def put_json(value: object) -> None:
    """Write a value to stdout as JSON."""
    put(render_json(value), exact=True)


def console(*, stderr: bool = False, file: IO[str] | None = None, width: int | None = None) -> Console:
    """A console of rich. Square brackets are text; colours are for terminals, so a ``file`` gets none.

    Args:
        file: Something else than stdout or stderr.
        width: Columns, if not those of the terminal.
    """
    from rich.console import Console

    class Screen(Console):
        """Strings are as wide as what is written for them in the end."""

        def render_str(self, text: str, **options: Any) -> Text:
            shown = terminal(text)
            return super().render_str(in_ascii(shown) if self.options.ascii_only else shown, **options)

    plain: dict[str, Any] = {} if file is None else {"color_system": None, "no_color": True}
    made = Screen(stderr=stderr, file=file, width=width, markup=False, emoji=False, highlight=False, **plain)
    made.push_render_hook(cast("Any", _Harmless()))  # a class of its own, so that rich is imported late
    return made


def plain(width: int, show: Callable[[Console], None]) -> str:
    """What ``show`` prints on a console of so many columns, as text without colours, for a file."""
    written = io.StringIO()
    show(console(file=written, width=width))
    return "".join(f"{line.rstrip()}\n" for line in written.getvalue().splitlines())


def print_text(screen: Console, text: Text | str) -> None:
    """A line of words: folded between words on a terminal, whole in a pipe, and paths whole in both."""
    from rich.text import Text

    shown = Text(text) if isinstance(text, str) else text
    lines = [shown.plain]
    if screen.is_terminal:
        lines = wrap(shown.plain, screen.width, break_long_words=False, break_on_hyphens=False) or [""]
    for line in lines:
        screen.print(Text(line, shown.style), soft_wrap=True)


def print_all(screen: Console, parts: Iterable[RenderableType]) -> None:
    """One after the other."""
    for part in parts:
        screen.print(part)


class _Harmless:
    """Wraps everything that a console renders."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """Called by rich for each print."""
        return [_Clean(renderable) for renderable in renderables]


class _Clean:
    """A renderable whose texts cannot steer the terminal; rich's own control codes pass."""

    def __init__(self, inner: ConsoleRenderable) -> None:
        self.inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Rich's protocol."""
        return self._segments(console, options)

    def _segments(self, console: Console, options: ConsoleOptions) -> Iterator[Any]:
        from rich.segment import Segment

        for part in console.render(self.inner, options):
            yield part if part.control else Segment(terminal(part.text), part.style)
