"""From a run folder to a file, or to the folder that another program reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from xharness.export.items import ItemReader, require_some
from xharness.export.lm_eval import lm_eval_files
from xharness.export.mteb import mteb_files
from xharness.export.options import FOLDERS, ExportFormat, ExportOptions
from xharness.export.tables import render
from xharness.runs.own_tasks import registry_of
from xharness.runs.reading import Run, open_run
from xharness.submissions.score_rows import tidy
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.outputs import write_output
from xharness.tasks.registry import Registry


def write(path: Path, options: ExportOptions) -> Sequence[str]:
    """Read, convert, write; see :func:`xharness.export.export`."""
    assert options.out is not None
    if options.resolved in FOLDERS:
        registry = registry_of([path], options.tasks_from)
        run = open_run(path, registry)
        files, left_out = _folder(run, registry, options)
        for name, text in files.items():
            write_output(options.out / name, text)
        return left_out
    content, left_out = text_of(path, options)
    write_output(options.out, content)
    return left_out


def text_of(path: Path, options: ExportOptions) -> tuple[str | bytes, Sequence[str]]:
    """The content of the one file, and a line for each cell that is not in it."""
    registry = registry_of([path], options.tasks_from)
    run = open_run(path, registry)
    if not options.items:
        if not run.scores.cells:
            raise UserError(f"{path} has no scores", "no cell has gold", "evaluate with gold labels")
        return render(tidy(run.scores), options.resolved), []
    reader = ItemReader(run, registry, options.data)
    rows = list(reader.rows())
    require_some(rows, reader)
    return render(rows, options.resolved), reader.left_out


def _folder(run: Run, registry: Registry, options: ExportOptions) -> tuple[Mapping[str, str], Sequence[str]]:
    """Files by name of the layout of another program, and what is not in them."""
    if options.resolved is ExportFormat.MTEB:
        return mteb_files(run, registry)

    reader = ItemReader(run, registry, options.data)
    return lm_eval_files(run, registry, reader if options.items else None), reader.left_out
