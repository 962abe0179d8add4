"""What produced the numbers: models, options, versions, time spent, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xharness.checkpoints.provenance import PRETRAINED, tasks_of
from xharness.report.gather import Run
from xharness.runs.folder import differences
from xharness.tables.table import Cell, Column, Row, Table, number, words


def models(runs: Sequence[Run]) -> Table:
    """Every checkpoint of every run, by its hashes and the phases that made it."""
    columns = [
        *([Column("run")] if len(runs) > 1 else []),
        Column("model"), Column("architecture"), Column("blocks", True), Column("phases"), Column("zero-shot"),
        Column("weights (sha256)", code=True), Column("tokenizer (sha256)", code=True), Column("path", code=True),
    ]  # fmt: skip
    rows = []
    for run in runs:
        for name, model in run.manifest.get("model", {}).items():
            record = model["provenance"]
            row = [
                words(name), words(model["architecture"]), number(model["blocks"], 0), words(_phases(record)),
                words("not known" if record is None else "yes" if record["zero_shot"] else "no"),
                words(model["weights_sha256"][:16]), words(model["tokenizer_sha256"][:16]), words(model["path"]),
            ]  # fmt: skip
            rows.append(Row([*([words(run.name)] if len(runs) > 1 else []), *row]))
    return Table("models", "Checkpoints", columns, rows)


def _phases(record: Mapping[str, Any] | None) -> str:
    """``pretrained → squad_v1 → xnli``."""
    names: list[str] = []
    while record is not None:
        names.append("+".join(tasks_of(record)))
        if not record["parents"]:
            return " → ".join(names[::-1])
        record = record["parents"][0]["provenance"]
    return " → ".join([PRETRAINED, *names[::-1]])


def settings(runs: Sequence[Run]) -> Table:
    """Versions, device and options, a row each; with several runs those that differ come first and stand out."""
    by_run = [_settings(run) for run in runs]
    names = dict.fromkeys(name for each in by_run for name in each)
    rows = []
    for name in names:
        values = [each.get(name, "") for each in by_run]
        rows.append(Row([words(name), *map(words, values)], strong=len(set(values)) > 1))
    rows.sort(key=lambda row: not row.strong)
    columns = [Column("setting"), *(Column("value" if len(runs) == 1 else run.name, code=True) for run in runs)]
    note = "; bold where the runs differ" if len(runs) > 1 else ""
    return Table("settings", f"Options, versions and machine{note}", columns, rows, filtered=True)


def _settings(run: Run) -> dict[str, str]:
    manifest, ours = run.manifest, run.ours
    top = {"started": manifest.get("started"), "xharness": manifest.get("xharness"), "benchmark": ours["benchmark"]}
    parts = {"device": manifest.get("device", {}), "options": manifest.get("options", {})}
    machine, data = manifest.get("machine", {}), manifest.get("data", {})
    flat = dict(_flat({**top, "data": data, **parts, "machine": machine}))
    return {name: str(value) for name, value in flat.items() if value is not None}


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        yield name, value
        return
    for key, inner in value.items():
        yield from _flat(inner, f"{name}.{key}".strip("."))


def phases(runs: Sequence[Run]) -> Table:
    """Work, time, throughput and padding of every phase of every evaluation."""
    columns = [
        *([Column("run")] if len(runs) > 1 else []),
        Column("task"), Column("languages"), Column("examples", True), Column("tokens", True),
        Column("seconds", True), Column("tokens/s", True), Column("padding", True),
    ]  # fmt: skip
    rows = []
    for run in runs:
        for phase in run.manifest.get("phases", []):
            row = [
                words(phase["task"]), words(" ".join(phase["languages"])), number(phase["examples"], 0),
                number(phase["tokens"], 0), number(phase["seconds"], 1),
                number(phase["tokens_per_second"], 0), _percent(100 * phase["padding_share"]),
            ]  # fmt: skip
            rows.append(Row([*([words(run.name)] if len(runs) > 1 else []), *row]))
    return Table("phases", "Time, throughput and padding of the evaluation", columns, rows)


def _percent(value: float) -> Cell:
    shown = number(value, 1)
    return Cell(f"{shown.text} %", shown.sort)


def remarks(run: Run) -> list[str]:
    """What a reader must know beside the numbers, one line each."""
    manifest, ours = run.manifest, run.ours
    languages: dict[tuple[str, str], list[str]] = {}
    for cell in ours["unscored"]:
        languages.setdefault((cell["task"], cell["reason"]), []).append(cell["language"])
    lines = [f"not scored: {task} {' '.join(codes)}: {reason}" for (task, reason), codes in languages.items()]
    for name, part in ours["tasks"].items():
        if part["missing"]:
            lines.append(f"{name} is an average over {part['languages']} of {part['of']} languages")
    lines += [f"not evaluated: {each['task']}: {each['reason']}" for each in manifest.get("not_evaluated", [])]
    limit = manifest.get("options", {}).get("limit")
    lines += [f"only the first {limit} examples of each cell were answered"] if limit else []
    lines += ["scores are those of the default block; the others are in the sweep"] if ours.get("sweep") else []
    notes = (*(run.whole.notes if run.whole else ()), *ours.get("notes", []), *manifest.get("notes", []))
    return [*lines, *(f"note: {note}" for note in notes)]


def unlike(runs: Sequence[Run]) -> list[str]:
    """In which options the later runs differ from the first, one line a run; models differ as a matter of course."""
    lines = []
    for run in runs[1:]:
        identities = (each.manifest.get("identity", {}).get("options", {}) for each in (runs[0], run))
        if found := differences(*identities):
            lines.append(f"{run.name} was evaluated with other options than {runs[0].name}: {'; '.join(found)}")
    return lines
