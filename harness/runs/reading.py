"""The one reader of a run folder: everything in it checked against everything else, before a number is shown.

A file is whole by its hash: predictions and statistics by their record's, records and manifest by their own, and
``scores.json`` by the manifest's. And because whoever edits a file can edit its hash, every score is computed again
from the statistics of its items and must be the one that ``scores.json`` tells. Runs of the first versions have fewer
hashes; they are read all the same, and a note says what could not be verified.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xharness.runs.folder import NAME, ManifestState, RunFolder
from xharness.runs.manifest import FORMAT, Manifest
from xharness.runs.record import DamagedCellError, Record
from xharness.runs.verify import (
    NOT_KNOWN,
    CellName,
    StoredCells,
    find_contradiction,
    find_unmatched,
    split_verifiable,
)
from xharness.submissions.scores_file import FILE as SCORES
from xharness.submissions.scores_file import ScoresFile, fault_of, official_fault
from xharness.submissions.zero_shot import is_marked, marks_of_run
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.json_files import JsonError, parse_json
from xharness.tasks.common.text import plural
from xharness.tasks.common.version import VERSION
from xharness.tasks.registry import BENCHMARKS, Registry

AGAIN = "run the same xharness evaluate command again: it answers what is not whole, and writes the scores anew"
OLDER = "an older xharness wrote it, so that its intervals, options and models could not be verified"


@dataclass(frozen=True, eq=False)
class Run:
    """A finished evaluation, verified.

    Attributes:
        cells: Every record with its statistics by name, in order of their paths.
        stale: By task and language why a cell that is there does not count.
        notes: What could not be verified.
    """

    path: Path
    manifest: Manifest
    scores: ScoresFile
    cells: StoredCells
    stale: Mapping[CellName, str]
    notes: Sequence[str]

    def scores_bytes(self) -> bytes:
        """``scores.json`` as it is on disk."""
        return (self.path / SCORES).read_bytes()

    def prediction_bytes(self, record: Record) -> bytes:
        """The predictions of a cell that has some, as they are on disk."""
        return RunFolder(self.path).prediction_path(record.task, record.prediction).read_bytes()


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
    manifest, file = read_manifest(path), path / SCORES
    if manifest.version is None or not file.is_file():
        done = plural(len(RunFolder(path).names()), "cell")
        why = f"its evaluation was interrupted after {done}"
        raise UserError(f"{path} is half a run", why, "run the same xharness evaluate command again: it continues")
    cells = _read_cells(RunFolder(path))
    scores = _read_scores(file, manifest.scores_sha256)
    stale = {(cell.task, cell.language): cell.reason for cell in scores.unscored}
    notes = _verify(path, manifest, scores, cells, stale, registry or Registry())
    if wrong := official_fault(scores):
        raise UserError(f"cannot read {file}", f"{wrong}; another xharness wrote it, or it was changed", AGAIN)
    return Run(path, manifest, scores, cells, stale, notes)


def read_manifest(path: Path) -> Manifest:
    """The manifest of a run, finished or not.

    Raises:
        UserError: nothing is there, it is not a run, or the manifest was changed.
    """
    fix = "give a folder that xharness evaluate wrote (its --out)"
    if not path.exists():
        raise UserError(f"no run at {path}", "there is no such folder", suggest_run(path))
    if not path.is_dir():
        raise UserError(f"{path} is not a run", "it is a file", fix)
    state, manifest = RunFolder(path).state(), Manifest.parse(RunFolder(path).manifest())
    if state is ManifestState.DAMAGED:
        why = "it was truncated, or is no longer what xharness evaluate wrote"
        raise UserError(f"cannot read {path / NAME}", why, AGAIN)
    if state is not ManifestState.WHOLE:
        why = f"it has no {NAME} that xharness evaluate wrote"
        raise UserError(f"{path} is not a run", why, f"{fix}, or @NAME for a baseline")
    if manifest.format is not None and manifest.format > FORMAT:
        why = f"xharness {manifest.version} wrote it, in format {manifest.format}; this one reads {FORMAT}"
        raise UserError(f"cannot read {path}", why, "install that version")
    return manifest


def marks_of(predictions: Path, registry: Registry | None = None) -> Mapping[str, Sequence[str]]:
    """Why tasks of the run that predictions belong to are not zero-shot; the run is verified as far as it has come.

    Args:
        predictions: A run folder or its ``predictions``; anything else has no marks.

    Raises:
        UserError: the run was changed since.
    """
    path = next((folder for folder in (predictions, predictions.resolve().parent) if is_run(folder)), None)
    if path is None:
        return marks_of_run(predictions)
    if read_manifest(path).version is not None and (path / SCORES).is_file():
        return open_run(path, registry).scores.not_zero_shot
    cells = _read_cells(RunFolder(path)) if RunFolder(path).names() else []
    return {record.task: ["as its signature says"] for record, _ in cells if is_marked(record.signature)}


def suggest_run(path: Path) -> str:
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


def _read_cells(folder: RunFolder) -> StoredCells:
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


def _read_scores(file: Path, digest: str | None) -> ScoresFile:
    """``scores.json``. Raises UserError if it is not the one that the manifest names, or not one of ours."""
    try:
        content = file.read_bytes()
        found = parse_json(content.decode())
    except (OSError, JsonError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {file}", str(error), AGAIN) from error
    if digest is not None and hashlib.sha256(content).hexdigest() != digest:
        raise UserError(
            f"{file} was changed", "it is not what the evaluation wrote, by the hash in its manifest", AGAIN
        )
    wrong = fault_of(found)
    scores = None if wrong else ScoresFile.parse(found)
    if scores is not None and scores.benchmark not in BENCHMARKS:
        wrong = f"its benchmark is {scores.benchmark}"
    if scores is None or wrong:
        raise UserError(f"cannot read {file}", f"{wrong}; another xharness wrote it, or it was changed", AGAIN)
    return scores


def _verify(
    path: Path,
    manifest: Manifest,
    scores: ScoresFile,
    cells: StoredCells,
    stale: Mapping[CellName, str],
    registry: Registry,
) -> list[str]:
    """What could not be verified. Raises UserError if the scores do not follow from the items."""
    scored = [(record, items) for record, items in cells if record.language in scores.cells.get(record.task, {})]
    known, notes = split_verifiable(scored, registry)
    older = manifest.format is None
    wrong = find_unmatched(cells, scores, stale.keys(), complete=not older)
    wrong = wrong or find_contradiction(scores, known, scored)
    # Metrics change their names from version to version, never within one.
    if not older and manifest.version == VERSION:
        wrong = wrong or next((note for note in notes if NOT_KNOWN not in note), "")
    if wrong:
        raise UserError(f"the scores of {path} do not follow from its items", wrong, AGAIN)
    return [OLDER, *notes] if older else notes
