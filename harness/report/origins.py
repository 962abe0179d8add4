"""What produced the numbers: models, options, versions, time spent, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xharness.checkpoints.provenance import PRETRAINED, tasks_of
from xharness.report.gather import NamedRun
from xharness.runs.identity import differences, flattened
from xharness.tables.table import Column, Table, TableCell, TableRow, number, words
from xharness.tasks.common.json_types import JsonObject


def models(runs: Sequence[NamedRun]) -> Table:
    """Every checkpoint of every run, by its hashes and the phases that made it."""
    columns = [
        *([Column("run")] if len(runs) > 1 else []),
        Column("model"), Column("architecture"), Column("blocks", True), Column("phases"), Column("zero-shot"),
        Column("weights (sha256)", code=True), Column("tokenizer (sha256)", code=True), Column("path", code=True),
    ]  # fmt: skip
    rows = []
    for run in runs:
        for name, model in run.manifest.models.items():
            record = model.provenance
            row = [
                words(name), words(model.architecture), number(model.blocks, 0), words(_phases(record)),
                words("not known" if record is None else "yes" if record["zero_shot"] else "no"),
                words(model.weights_sha256[:16]), words(model.tokenizer_sha256[:16]), words(model.path),
            ]  # fmt: skip
            rows.append(TableRow([*([words(run.name)] if len(runs) > 1 else []), *row]))
    return Table("models", "Checkpoints", columns, rows)


def _phases(provenance: JsonObject | None) -> str:
    """``pretrained → squad_v1 → xnli``."""
    record: Any = provenance  # by the shape of manifests
    names: list[str] = []
    while record is not None:
        names.append("+".join(tasks_of(record)))
        if not record["parents"]:
            return " → ".join(names[::-1])
        record = record["parents"][0]["provenance"]
    return " → ".join([PRETRAINED, *names[::-1]])


def settings(runs: Sequence[NamedRun]) -> Table:
    """Versions, device and options, a row each; with several runs those that differ come first and stand out."""
    by_run = [_settings(run) for run in runs]
    names = dict.fromkeys(name for each in by_run for name in each)
    rows = []
    for name in names:
        values = [each.get(name, "") for each in by_run]
        rows.append(TableRow([words(name), *map(words, values)], strong=len(set(values)) > 1))
    rows.sort(key=lambda row: not row.strong)
    columns = [Column("setting"), *(Column("value" if len(runs) == 1 else run.name, code=True) for run in runs)]
    note = "; bold where the runs differ" if len(runs) > 1 else ""
    return Table("settings", f"Options, versions and machine{note}", columns, rows, filtered=True)


def _settings(run: NamedRun) -> dict[str, str]:
    manifest = run.manifest
    shown: JsonObject = {
        "started": manifest.started or None,
        "xharness": manifest.version,
        "benchmark": run.scores.benchmark,
        "data": manifest.data,
        "device": manifest.device,
        "options": manifest.options,
        "machine": manifest.machine,
    }
    return {name: str(value) for name, value in flattened(shown).items() if value is not None}


def phases(runs: Sequence[NamedRun]) -> Table:
    """Work, time, throughput and padding of every phase of every evaluation."""
    columns = [
        *([Column("run")] if len(runs) > 1 else []),
        Column("task"), Column("languages"), Column("examples", True), Column("tokens", True),
        Column("seconds", True), Column("tokens/s", True), Column("padding", True),
    ]  # fmt: skip
    rows = []
    for run in runs:
        for phase in run.manifest.phases:
            row = [
                words(phase.task), words(" ".join(phase.languages)), number(phase.examples, 0),
                number(phase.tokens, 0), number(phase.seconds, 1),
                number(phase.tokens_per_second, 0), _percent(phase.padding_share),
            ]  # fmt: skip
            rows.append(TableRow([*([words(run.name)] if len(runs) > 1 else []), *row]))
    return Table("phases", "Time, throughput and padding of the evaluation", columns, rows)


def _percent(share: float | None) -> TableCell:
    if share is None:
        return number(None)
    shown = number(100 * share, 1)
    return TableCell(f"{shown.text} %", shown.sort)


def remarks(run: NamedRun) -> list[str]:
    """What a reader must know beside the numbers, one line each."""
    manifest, scores = run.manifest, run.scores
    languages: dict[tuple[str, str], list[str]] = {}
    for cell in scores.unscored:
        languages.setdefault((cell.task, cell.reason), []).append(cell.language)
    lines = [f"not scored: {task} {' '.join(codes)}: {reason}" for (task, reason), codes in languages.items()]
    for name, part in scores.tasks.items():
        if part.missing:
            lines.append(f"{name} is an average over {part.languages} of {part.of} languages")
    lines += [f"not evaluated: {each.task}: {each.reason}" for each in manifest.not_evaluated]
    lines += [f"only the first {manifest.limit} examples of each cell were answered"] if manifest.limit else []
    lines += ["scores are those of the default block; the others are in the sweep"] if scores.sweep else []
    notes = (*run.notes, *scores.notes, *manifest.notes)
    return [*lines, *(f"note: {note}" for note in notes)]


def option_differences(runs: Sequence[NamedRun]) -> list[str]:
    """In which options the later runs differ from the first, one line a run; models differ as a matter of course."""
    lines = []
    for run in runs[1:]:
        before, now = runs[0].manifest.identity.options, run.manifest.identity.options
        found = differences({"options": before}, {"options": now})
        if found:
            lines.append(f"{run.name} was evaluated with other options than {runs[0].name}: {'; '.join(found)}")
    return lines
