"""The one reader of a run folder: everything in it checked against everything else, before a number is shown.

A file is whole by its hash: predictions and statistics by their record's, records and manifest by their own, and
``scores.json`` by the manifest's. And because whoever edits a file can edit its hash, every score is computed again
from the statistics of its items and must be the one that ``scores.json`` tells. Runs of the first versions have fewer
hashes; they are read all the same, and a note says what could not be verified.
"""

from __future__ import annotations

import difflib
import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xharness.runs.files import SCORES
from xharness.runs.folder import FORMAT, DamagedCellError, ManifestState, Record, RunFolder
from xharness.submissions.measuring import fault
from xharness.submissions.scores import Cell, summarise
from xharness.submissions.signature import Signature
from xharness.submissions.zero_shot import is_marked, marks, marks_of_run
from xharness.tasks.base import Items, Metric, Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.json_files import JsonError, parse_json
from xharness.tasks.common.shapes import misfit
from xharness.tasks.common.text import plural
from xharness.tasks.common.version import VERSION
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.metrics.bitext import PairSet
from xharness.tasks.metrics.label_f1 import LabelF1
from xharness.tasks.registry import BENCHMARKS, Registry

VARIANT_METRICS: dict[str, Metric] = {metric.name: metric for metric in (Accuracy(), PairSet(), LabelF1())}
AGAIN = "run the same xharness evaluate command again: it answers what is not whole, and writes the scores anew"
NOT_KNOWN = "the task is not known here; --tasks-from names the file that declares it"
SUMMARY = ("complete", "languages", "of", "missing", "transfer_gap")
CLOSE = 1e-9  # scores are sums of the same numbers, so that only another summation can tell them apart


@dataclass(frozen=True, eq=False)
class Run:
    """A finished evaluation, verified.

    Attributes:
        manifest: Content of ``manifest.json``.
        scores: Content of ``scores.json``.
        cells: Every record with its statistics by name, in order of their paths.
        stale: By task and language why a cell that is there does not count.
        notes: What could not be verified.
    """

    path: Path
    manifest: Mapping[str, Any]
    scores: Mapping[str, Any]
    cells: Sequence[tuple[Record, Mapping[str, Items]]]
    stale: Mapping[tuple[str, str], str]
    notes: Sequence[str]


def is_run(path: Path) -> bool:
    """Whether a folder is a run, finished or not. A damaged one is one, too."""
    return path.is_dir() and RunFolder(path).state() in (ManifestState.WHOLE, ManifestState.DAMAGED)


def open_run(path: Path, registry: Registry | None = None) -> Run:
    """Read and verify a run.

    Args:
        path: A folder that ``xharness evaluate`` wrote.
        registry: The tasks that are known; by default those of this installation.

    Raises:
        UserError: nothing is there; it is not a run; its evaluation was interrupted; a file of it was changed.
    """
    registry = registry or Registry()
    manifest = read_manifest(path)
    file = path / "scores.json"
    if "xharness" not in manifest or not file.is_file():
        done = plural(len(RunFolder(path).names()), "cell")
        why = f"its evaluation was interrupted after {done}"
        raise UserError(f"{path} is half a run", why, "run the same xharness evaluate command again: it continues")
    cells = _cells(RunFolder(path))
    scores = _scores(file, manifest.get("scores_sha256"))
    stale = {(cell["task"], cell["language"]): str(cell["reason"]) for cell in scores["xharness"]["unscored"]}
    shown = scores["xharness"]["cells"]
    scored = [(record, items) for record, items in cells if record.language in shown.get(record.task, {})]
    known, notes = _verifiable(scored, registry)
    # Metrics change their names from version to version, never within one.
    same = "format" in manifest and manifest["xharness"] == VERSION
    wrong = _unequal(cells, scores, stale, complete="format" in manifest) or _contradiction(scores, known, scored)
    wrong = wrong or next((note for note in notes if same and NOT_KNOWN not in note), "")
    if wrong:
        raise UserError(f"the scores of {path} do not follow from its items", wrong, AGAIN)
    if "format" not in manifest:
        notes = ["an older xharness wrote it, so that its intervals, options and models could not be verified", *notes]
    return Run(path, manifest, scores, cells, stale, notes)


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a run, finished or not.

    Raises:
        UserError: nothing is there, it is not a run, or the manifest was changed.
    """
    fix = "give a folder that xharness evaluate wrote (its --out)"
    if not path.exists():
        raise UserError(f"no run at {path}", "there is no such folder", near_names(path))
    if not path.is_dir():
        raise UserError(f"{path} is no run", "it is a file", fix)
    state, manifest = RunFolder(path).state(), RunFolder(path).manifest()
    if state is ManifestState.DAMAGED:
        why = "it was truncated, or is no longer what xharness evaluate wrote"
        raise UserError(f"cannot read {path / 'manifest.json'}", why, AGAIN)
    if state is not ManifestState.WHOLE:
        why = "it has no manifest.json that xharness evaluate wrote"
        raise UserError(f"{path} is no run", why, f"{fix}, or @NAME for a baseline")
    if manifest.get("format", 1) > FORMAT:
        why = f"xharness {manifest.get('xharness')} wrote it, in format {manifest['format']}; this one reads {FORMAT}"
        raise UserError(f"cannot read {path}", why, "install that version")
    return manifest


def marks_of(predictions: Path, registry: Registry | None = None) -> dict[str, list[str]]:
    """Why tasks of the run that predictions belong to are not zero-shot; the run is verified as far as it has come.

    Args:
        predictions: A run folder or its ``predictions``; anything else has no marks.

    Raises:
        UserError: the run was changed since.
    """
    path = next((folder for folder in (predictions, predictions.resolve().parent) if is_run(folder)), None)
    if path is None:
        return marks_of_run(predictions)
    if "xharness" in read_manifest(path) and (path / "scores.json").is_file():
        return marks(open_run(path, registry).scores)
    cells = _cells(RunFolder(path)) if RunFolder(path).names() else []
    return {record.task: ["as its signature says"] for record, _ in cells if is_marked(record.signature)}


def near_names(path: Path) -> str:
    """What to do about a path that leads nowhere: the nearest name beside it, or what is beside it."""
    folder = path.parent
    beside = sorted(child.name for child in folder.iterdir() if child.is_dir()) if folder.is_dir() else []
    close = difflib.get_close_matches(path.name, beside, n=1)
    if close:
        return f"did you mean {folder / close[0]}?"
    if not beside:
        return "give a folder that xharness evaluate wrote, or @NAME for a baseline"
    more = f" and {len(beside) - 5} more" if len(beside) > 5 else ""
    where = "here" if folder == Path() else f"in {folder}"
    return f"choose one of the folders {where}: {', '.join(beside[:5])}{more}"


def cell_of(task: Task, record: Record, items: Mapping[str, Items]) -> Cell:
    """A record as the scorer takes it."""
    return Cell(
        task=task,
        language=record.language,
        items=items.get("main"),
        signature=record.signature,
        variants={name: (VARIANT_METRICS[metric], items[name]) for name, metric in record.variants.items()},
        extra={name: value for name, value in record.extra.items() if name != "sweep"},
        reason=record.reason,
        n=record.n,
    )


def sweeps_of(records: Iterable[Record]) -> dict[str, Any]:
    """Scores by block of every swept cell: task -> language -> measure -> block -> score."""
    found: dict[str, Any] = {}
    for record in records:
        if "sweep" in record.extra:
            found.setdefault(record.task, {})[record.language] = record.extra["sweep"]
    return found


# --- verifying -------------------------------------------------------------------------------------------------------


def _cells(folder: RunFolder) -> list[tuple[Record, dict[str, Items]]]:
    """Every cell. Raises UserError that names those that are damaged."""
    found, damaged = [], []
    for task, language, split in folder.names():
        try:
            found.append(folder.read(task, language, split))
        except DamagedCellError as error:
            damaged.append((f"{task} {split}-{language}", str(error)))
    if damaged:
        more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
        raise UserError(f"{folder.path} cannot be read: cell {damaged[0][0]}{more}", damaged[0][1], AGAIN)
    if not found:
        raise UserError(f"{folder.path} has no cells", "nothing was evaluated in it", "evaluate at least one task")
    return found


def _scores(file: Path, digest: str | None) -> dict[str, Any]:
    """``scores.json``. Raises UserError if it is not the one that the manifest names, or not one of ours."""
    try:
        content = file.read_bytes()
        scores = parse_json(content.decode())
    except (OSError, JsonError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {file}", str(error), AGAIN) from error
    if digest is not None and hashlib.sha256(content).hexdigest() != digest:
        raise UserError(
            f"{file} was changed", "it is not what the evaluation wrote, by the hash in its manifest", AGAIN
        )
    ours = scores.get("xharness") if isinstance(scores, dict) else None
    wrong = misfit(ours, SCORES)
    if isinstance(ours, dict) and not wrong and ours["benchmark"] not in BENCHMARKS:
        wrong = f"its benchmark is {ours['benchmark']}"
    if wrong:
        raise UserError(f"cannot read {file}", f"{wrong}; another xharness wrote it, or it was changed", AGAIN)
    return dict(scores)


Name = tuple[str, str]  # task, language
Stored = Sequence[tuple[Record, Mapping[str, Items]]]


def _verifiable(scored: Stored, registry: Registry) -> tuple[dict[Name, Cell], list[str]]:
    """The scored cells as the scorer takes them, and notes on those that cannot be verified."""
    known, notes = {}, []
    for record, items in scored:
        task = registry.tasks.get(record.task)
        if "main" not in items:
            continue
        why = NOT_KNOWN if task is None else _other_metric(record, task, items)
        if why or task is None:
            notes.append(f"{record.task} {record.language} could not be verified: {why}")
        else:
            known[record.task, record.language] = cell_of(task, record, items)
    return known, notes


def _other_metric(record: Record, task: Task, items: Mapping[str, Items]) -> str:
    """Why the statistics of a cell cannot be taken for those of the task's metric; empty if they can."""
    signed = Signature.parse(record.signature)["metric"] or task.metric.name
    if signed != task.metric.name:
        return f"it was scored by {signed}, and this version scores it by {task.metric.name}"
    if unknown := [name for name in record.variants.values() if name not in VARIANT_METRICS]:
        return f"this version has no metric {unknown[0]}"
    return fault(task.metric, items["main"])


def _unequal(cells: Stored, scores: Mapping[str, Any], stale: Mapping[Name, str], *, complete: bool) -> str:
    """A cell that only the scores or only the items have; empty if there is none.

    Args:
        complete: What does not count is listed, with the reason; older versions left it out.
    """
    there = {(record.task, record.language) for record, items in cells if "main" in items}
    shown = {(task, language) for task, languages in scores["xharness"]["cells"].items() for language in languages}
    if without := sorted(shown - there):
        return f"scores.json has {' '.join(without[0])}, of which there are no items"
    missing = sorted(there - shown - stale.keys())
    return f"scores.json lacks {' '.join(missing[0])}, of which there are items" if complete and missing else ""


def _contradiction(scores: Mapping[str, Any], known: Mapping[Name, Cell], scored: Stored) -> str:
    """In what ``scores.json`` differs from what the statistics give; empty if in nothing.

    Averages over cells of which not all could be verified are left out.
    """
    ours = scores["xharness"]
    shown = {(task, language) for task, languages in ours["cells"].items() for language in languages}
    unsure = {task for task, _ in shown - known.keys()}
    expected = summarise(known.values(), BENCHMARKS[ours["benchmark"]], resamples=0)
    sweeps = sweeps_of(record for record, _ in scored)
    right = {**_points(expected, known, unsure), **_flat(sweeps, "sweep")}
    given = {**_points(scores, known, unsure), **_flat(ours.get("sweep", {}), "sweep")}
    for name in sorted(right.keys() | given.keys()):
        if not _same(right.get(name), given.get(name)):
            return f"{name} is {_brief(given.get(name))} in scores.json, and {_brief(right.get(name))} by its items"
    unmarked = [record.task for record, _ in scored if is_marked(record.signature) and record.task not in marks(scores)]
    return f"{unmarked[0]} is not marked as not zero-shot, as its signature is" if unmarked else ""


def _points(scores: Mapping[str, Any], known: Iterable[Name], unsure: set[str]) -> dict[str, Any]:
    """Everything of ``scores.json`` that is not resampled, by dotted names."""
    ours = scores["xharness"]
    official = {
        name: value
        for name, value in scores.items()
        if name != "xharness" and name not in unsure and (not unsure or isinstance(value, dict))
    }
    found = _flat(official)
    for task, language in known:
        cell = ours["cells"].get(task, {}).get(language, {})
        found |= _flat({name: value for name, value in cell.items() if "interval" not in name}, f"{task}.{language}")
    for task, summary in ours["tasks"].items():
        if task not in unsure:
            found |= _flat({name: value for name, value in summary.items() if name in SUMMARY}, f"tasks.{task}")
    return found


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {name: value}
    return {
        key: leaf for part, inner in value.items() for key, leaf in _flat(inner, f"{name}.{part}".lstrip(".")).items()
    }


def _same(one: Any, other: Any) -> bool:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other))
    return math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE) if numbers else bool(one == other)


def _brief(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else "absent" if value is None else str(value)[:80]
