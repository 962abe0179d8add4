"""Where the checkpoints of runs come from: the phases that made them, and how each training went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from xharness.checkpoints import provenance
from xharness.report.gather import NamedRun
from xharness.submissions.signature import Signature
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.json_files import parse_json
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.common.shapes import misfit
from xharness.tasks.common.text import plural

MOST_POINTS = 400  # of one training curve
LEAST_POINTS = 2  # of something that can be drawn


@dataclass(eq=False)
class LineagePhase:
    """One checkpoint in the family tree.

    Attributes:
        fingerprint: Hash of its content, which names it whatever its path.
        record: Its provenance; None for one that xharness did not train.
        users: ``run: name`` of every evaluation of it.
    """

    fingerprint: str
    path: str
    record: JsonObject | None
    users: list[str] = field(default_factory=list)
    children: list[LineagePhase] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What it was trained on; of one from elsewhere, the name of its folder."""
        return Path(self.path).name if self.record is None else "+".join(provenance.tasks_of(self.record))

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What a reader asks of a phase, as (name, value)."""
        found = [("path", self.path), ("fingerprint", self.fingerprint[:12])]
        if self.record is None:
            return [*found, ("trained", "elsewhere")]
        record: Any = self.record  # by the shape of manifests
        recipe, select = record.get("recipe") or {}, record.get("select") or {}
        sizes = {name: part.get("examples") for name, part in (record.get("data") or {}).items()}
        found += [("examples", f"{name} {size:,}") for name, size in sizes.items() if isinstance(size, int)]
        names = ("learning_rate", "epochs", "steps", "batch_size", "max_length")
        found += [
            (name.replace("_", " "), f"{recipe[name]:g}")
            for name in names
            if _is_number(recipe.get(name)) and not (name == "epochs" and _is_number(recipe.get("steps")))
        ]
        found += [("seed", str(record.get("seed", "")))]
        chosen = [f"step {select['step']}"] if "step" in select else []
        chosen += [f"dev {select['best']:.2f}"] if _is_number(select.get("best")) else []
        found += [("kept", ", ".join(chosen))] if chosen else []
        found += [("did not train", "; ".join(why))] if (why := provenance.did_not_train(self.record)) else []
        return [*found, ("zero-shot", "yes" if record["zero_shot"] else "no: it has seen other languages")]


def family(runs: Sequence[NamedRun]) -> list[LineagePhase]:
    """The roots of the trees of all checkpoints of all runs; a checkpoint that several runs use is there once."""
    known: dict[str, LineagePhase] = {}
    roots: dict[str, LineagePhase] = {}
    for run in runs:
        prints = run.manifest.identity.models
        for name, model in run.manifest.models.items():
            line = list(ancestry(prints.get(name, model.weights_sha256), model.path, model.provenance))
            for child, parent in zip(line, [*line[1:], None], strict=True):
                phase = known.setdefault(child.fingerprint, child)
                if parent is None:
                    roots.setdefault(phase.fingerprint, phase)
                    continue
                above = known.setdefault(parent.fingerprint, parent)
                if phase not in above.children:
                    above.children.append(phase)
            if _answers(run, line[0].fingerprint):
                known[line[0].fingerprint].users.append(f"{run.name}: {name}")
    return list(roots.values())


def _answers(run: NamedRun, fingerprint: str) -> bool:
    """Whether a cell of the run was answered by that checkpoint; a suite may hold more than was asked for."""
    signatures = (cell.signature for cells in run.scores.cells.values() for cell in cells.values())
    return any(Signature.parse(text)["model"] == fingerprint[:8] for text in signatures)


def walk(phases: Sequence[LineagePhase]) -> Iterator[LineagePhase]:
    """Parents before their children."""
    for phase in phases:
        yield phase
        yield from walk(phase.children)


def ancestry(fingerprint: str, path: str, record: JsonObject | None) -> Iterator[LineagePhase]:
    """The checkpoint, its parent, and so on."""
    yield LineagePhase(fingerprint, path, record)
    parents: Any = record["parents"] if record else ()  # by the shape of manifests
    if parents:
        parent = parents[0]
        yield from ancestry(parent.get("fingerprint", ""), parent.get("path", ""), parent["provenance"])


class LogEntry(TypedDict, total=False):
    """One line of a training log, as far as a curve needs it."""

    step: int
    loss: float
    dev: float


@dataclass(frozen=True)
class Curve:
    """How a training went: (step, loss) and (step, dev score); thinned evenly where there are many."""

    title: str
    path: str
    loss: Sequence[tuple[int, float]]
    dev: Sequence[tuple[int, float]]


def curves(roots: Sequence[LineagePhase]) -> tuple[list[Curve], list[str]]:
    """Training curves of every trained phase, and for the others why there is none."""
    found, missing = [], []
    for phase in walk(roots):
        if phase.record is None:
            continue
        log = _log(phase)
        if log is None:
            missing.append(f"{phase.title} ({phase.fingerprint[:8]}): no log of this training at {phase.path}")
            continue
        try:
            entries = _entries(log)
        except (OSError, ValueError) as error:
            missing.append(f"{phase.title} ({phase.fingerprint[:8]}): {log} cannot be read: {error}")
            continue
        loss = [(e["step"], e["loss"]) for e in entries if "loss" in e]
        dev = [(e["step"], e["dev"]) for e in entries if "dev" in e]
        if max(len(loss), len(dev)) < LEAST_POINTS:
            missing.append(f"{phase.title} ({phase.fingerprint[:8]}): no curve, {plural(len(loss), 'step')} in {log}")
            continue
        named = "" if Path(phase.path).name == phase.title else f" ({Path(phase.path).name})"
        found.append(Curve(f"{phase.title}{named}", phase.path, _thin(loss), _thin(dev)))
    return found, missing


def _entries(log: Path) -> list[LogEntry]:
    """The lines of a log. Raises ValueError for one that is not a step with its numbers."""
    entries = []
    for number, line in enumerate(log.read_text(encoding="utf-8").splitlines(), start=1):
        entry = parse_json(line)
        if wrong := misfit(entry, {"step?": int, "loss?": float, "dev?": float}):
            raise ValueError(f"line {number}: {wrong}")
        if "step" not in entry and entry.keys() & {"loss", "dev"}:
            raise ValueError(f"line {number}: step is missing")
        entries.append(entry)
    return entries


def _log(phase: LineagePhase) -> Path | None:
    """The phase's log; None if its folder is gone or holds another checkpoint by now."""
    path = Path(phase.path)
    try:
        same = provenance.read(path) == phase.record
    except UserError:
        return None
    return (
        next(
            (log for log in (path / provenance.TRAINING_LOG, path.parent / provenance.TRAINING_LOG) if log.is_file()),
            None,
        )
        if same
        else None
    )


def _thin(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Every k-th point, the last one included."""
    step = 1 + len(points) // MOST_POINTS
    return points[::step] + (points[-1:] if (len(points) - 1) % step else [])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
