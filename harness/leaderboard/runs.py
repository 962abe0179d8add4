"""A run as a row of the leaderboard: its scores, its description, and the protocol that its provenance tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from xharness.checkpoints.provenance import is_traced, seen_by
from xharness.comparison.source import Source, source_of
from xharness.leaderboard.rows import LeaderboardRow, Protocol, Retrieval, Training
from xharness.runs.manifest import Manifest, ModelFacts
from xharness.runs.reading import Run, open_run
from xharness.submissions.metadata import FILE, PRETRAINED, Metadata, read_metadata
from xharness.submissions.published import is_of_other_size
from xharness.submissions.score_parts import TaskSummary
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.signature import Signature
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import XTREME, Registry

UNKNOWN = ModelFacts.parse({})
OTHER_DATA = "test data of other sizes than the published ones"


def run_row(path: Path, metadata: Path | None = None, registry: Registry | None = None) -> LeaderboardRow:
    """Read a run folder.

    Args:
        metadata: The file that describes the model; None for ``metadata.toml`` in the run folder, if it is there.

    Raises:
        UserError: it is not a finished run; its description is wrong, or says of the training data what the provenance
            of its checkpoints contradicts.
    """
    _refuse_file(path)
    registry = registry or Registry()
    run = open_run(path, registry)
    source, manifest, scores = source_of(run, registry), run.manifest, _of_xtreme(run)
    file = metadata or (path / FILE if (path / FILE).is_file() else None)
    described = read_metadata(file) if file else None
    training, retrieval = _training(source, manifest, described), _retrieval(source, manifest, described)
    protocol = Protocol(training, retrieval, _test(manifest, scores, registry))
    lacking = "; ".join(filter(None, (_lacking(scores.tasks), *run.notes)))
    numbers, cells, day = _averages(scores), _cells(scores), manifest.started[:10]
    row = LeaderboardRow(
        source.name,
        protocol,
        numbers,
        cells,
        date=day,
        note=lacking,
        partial=_partial(scores),
        untrained=source.untrained,
        run=source,
    )
    return row if described is None else _described(row, described)


def _refuse_file(path: Path) -> None:
    if path.is_file():
        why = "it is a file, and ranks need the models and items of a whole run"
        raise UserError(f"{path} is not a run", why, "give a folder that xharness evaluate wrote (its --out)")


def _averages(scores: ScoresFile) -> dict[str, float]:
    """The total and groups that are there, then tasks with all their languages."""
    numbers = {name: scores.average(name) for name in ("all_task", *XTREME.groups) if name in scores.official}
    done = {name for name, summary in scores.tasks.items() if summary.complete}
    tasks = dict.fromkeys([*XTREME.languages, *scores.tasks])
    return numbers | {name: scores.average(name) for name in tasks if name in done}


def _partial(scores: ScoresFile) -> dict[str, tuple[float, int, int]]:
    """Averages of tasks that lack languages."""
    return {
        name: (scores.average(name), summary.languages, summary.of)
        for name, summary in scores.tasks.items()
        if not summary.complete
    }


def _cells(scores: ScoresFile) -> dict[str, dict[str, float]]:
    """Scores by task and language."""
    return {
        task: {language: float(cell.score) for language, cell in languages.items()}
        for task, languages in scores.cells.items()
    }


def _described(row: LeaderboardRow, described: Metadata) -> LeaderboardRow:
    """The row of a run with what its makers say of the model."""
    beyond = ", ".join(described.training_data_beyond_english)
    return replace(
        row,
        model=described.name,
        participant=described.participant,
        affiliation=described.affiliation,
        date=described.date,
        parameters=described.parameters,
        pretraining_data=described.pretraining_data,
        links=described.links,
        note="; ".join(filter(None, (f"trained on {beyond}" if beyond else "", row.note))),
    )


def _of_xtreme(run: Run) -> ScoresFile:
    """The scores of a run of XTREME."""
    benchmark = run.scores.benchmark
    if benchmark != XTREME.name:
        raise UserError(f"{run.path} is a run of {benchmark}", "this is the leaderboard of XTREME", "leave it out")
    return run.scores


def _lacking(tasks: Mapping[str, TaskSummary]) -> str:
    """What an average over all tasks lacks; empty if it lacks nothing."""
    lacking = [
        f"{name} ({tasks[name].languages} of {tasks[name].of} languages)" if name in tasks else name
        for name in XTREME.languages
        if name not in tasks or not tasks[name].complete
    ]
    shown = "; --by language shows what there is" if tasks else ""
    return f"no average without {', '.join(lacking)}{shown}" if lacking else ""


def _models(source: Source, manifest: Manifest, *, retrieval: bool) -> list[ModelFacts]:
    """The checkpoints, as the manifest has them, that answered retrieval and mining, or everything else."""
    names = {fingerprint[:8]: name for name, fingerprint in source.models.items()}
    cells = [cell for cell in source.cells.values() if cell.task.name in XTREME.languages]
    signatures = [Signature.parse(cell.signature) for cell in cells if cell.task.type.retrieves == retrieval]
    answered = {signature["model"] for signature in signatures} - {""}
    known = manifest.models
    return [known.get(names.get(fingerprint, ""), UNKNOWN) for fingerprint in sorted(answered)]


def _training(source: Source, manifest: Manifest, described: Metadata | None) -> Training:
    """What provenance says; where it does not tell everything, what its makers say; else nothing is known."""
    tuned, encoders = (_models(source, manifest, retrieval=retrieval) for retrieval in (False, True))
    seen = [why for model in (*tuned, *encoders) for why in seen_by(model.provenance)]
    if seen and described is not None and not described.training_data_beyond_english:
        raise UserError(
            f"the description of {source.path} says that no data beyond English were used",
            f"the provenance of its checkpoints says: {'; '.join(dict.fromkeys(seen))}",
            "name the data in training_data_beyond_english",
        )
    if seen or (described is not None and described.training_data_beyond_english):
        return "beyond English"
    known = described is not None or all(map(_is_traced, (*tuned, *encoders)))
    return "zero-shot" if known else "not known"


def _is_traced(model: ModelFacts) -> bool:
    return is_traced({"provenance": model.provenance, "changed": model.changed, "hub": model.hub})


def _retrieval(source: Source, manifest: Manifest, described: Metadata | None) -> Retrieval:
    """Whether the encoder that retrieved was trained on anything after pretraining, by provenance or its makers."""
    encoders = _models(source, manifest, retrieval=True)
    if not encoders:
        return "none"
    said = described.retrieval_encoder if described else ""
    if any(model.provenance is not None for model in encoders):
        if said == PRETRAINED:
            raise UserError(
                f"the description of {source.path} says that the encoder of retrieval is the pretrained one",
                "by its provenance it was trained on other tasks since",
                'write retrieval_encoder = "tuned", or leave it out',
            )
        return "tuned"
    if said:
        return "frozen" if said == PRETRAINED else "tuned"
    return "frozen" if all(map(_is_traced, encoders)) else "not known"


def _test(manifest: Manifest, scores: ScoresFile, registry: Registry) -> str:
    """What makes the test another one than the benchmark's."""
    tasks = (registry.task(name) for name in scores.tasks if name in XTREME.languages)
    made_up = not manifest.limit and any(is_of_other_size(scores, task) for task in tasks)
    parts = [OTHER_DATA] if made_up else []
    parts += [f"first {manifest.limit} items of each cell"] if manifest.limit else []
    parts += [f"perturbed data: {manifest.perturbation}"] if manifest.perturbation else []
    parts += ["csv quotes kept as in the reference"] if manifest.reference_quirks else []
    return "; ".join(parts)
