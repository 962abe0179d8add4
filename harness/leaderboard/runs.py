"""A run as a row of the leaderboard: its scores, its description, and the protocol that its provenance tells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xharness.checkpoints.checkpoint import Head
from xharness.checkpoints.provenance import is_traced, seen_by
from xharness.comparison.source import Source, source_of
from xharness.leaderboard.rows import Protocol, Retrieval, Row, Training
from xharness.runs.reading import Run, open_run
from xharness.submissions.metadata import FILE, Metadata, read_metadata
from xharness.submissions.signature import Signature
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import XTREME, Registry

BARE = (Head.ENCODER.value, Head.MASKED.value)  # heads of models that come from pretraining


def run_row(path: Path, metadata: Path | None = None, registry: Registry | None = None) -> Row:
    """Read a run folder.

    Args:
        metadata: The file that describes the model; None for ``metadata.toml`` in the run folder, if it is there.

    Raises:
        UserError: it is no finished run; its description is wrong, or says of the training data what the provenance
            of its checkpoints contradicts.
    """
    if path.is_file():
        why = "it is a file, and ranks need the models and items of a whole run"
        raise UserError(f"{path} is no run", why, "give a folder that xharness evaluate wrote (its --out)")
    registry = registry or Registry()
    run = open_run(path, registry)
    source, manifest, scores = source_of(run, registry), run.manifest, _of_xtreme(run)
    file = metadata or (path / FILE if (path / FILE).is_file() else None)
    described = read_metadata(file) if file else None
    training = _training(source, manifest, described)
    protocol = Protocol(training, _retrieval(source, manifest), _test(manifest))
    names = ("all_task", *XTREME.groups)
    numbers = {name: float(scores[name]) for name in names if name in scores}
    ours = scores["xharness"]
    numbers |= {
        name: float(scores[name]["avg_metric"])
        for name in dict.fromkeys([*XTREME.languages, *ours["tasks"]])
        if name in scores and ours["tasks"][name]["complete"]
    }
    cells = {
        task: {language: float(cell["score"]) for language, cell in languages.items()}
        for task, languages in ours["cells"].items()
    }
    lacking = "; ".join(filter(None, (_lacking(ours["tasks"]), *run.notes)))
    if described is None:
        day = str(manifest.get("started", ""))[:10]
        return Row(source.name, protocol, numbers, cells, date=day, note=lacking, run=source)
    beyond = ", ".join(described.training_data_beyond_english)
    return Row(
        model=described.name,
        protocol=protocol,
        scores=numbers,
        languages=cells,
        participant=described.participant,
        affiliation=described.affiliation,
        date=described.date,
        parameters=described.parameters,
        pretraining_data=described.pretraining_data,
        links=described.links,
        note="; ".join(filter(None, (f"trained on {beyond}" if beyond else "", lacking))),
        run=source,
    )


def _of_xtreme(run: Run) -> Mapping[str, Any]:
    """The scores of a run of XTREME."""
    benchmark = run.scores["xharness"]["benchmark"]
    if benchmark != XTREME.name:
        raise UserError(f"{run.path} is a run of {benchmark}", "this is the leaderboard of XTREME", "leave it out")
    return run.scores


def _lacking(tasks: Mapping[str, Mapping[str, Any]]) -> str:
    """What an average over all tasks lacks; empty if it lacks nothing."""
    lacking = [
        f"{name} ({tasks[name]['languages']} of {tasks[name]['of']} languages)" if name in tasks else name
        for name in XTREME.languages
        if name not in tasks or not tasks[name]["complete"]
    ]
    shown = "; --by language shows what there is" if tasks else ""
    return f"no average without {', '.join(lacking)}{shown}" if lacking else ""


def _models(source: Source, manifest: Mapping[str, Any], *, retrieval: bool) -> list[Mapping[str, Any]]:
    """The checkpoints, as the manifest has them, that answered retrieval and mining, or everything else."""
    names = {fingerprint[:8]: name for name, fingerprint in source.models.items()}
    cells = [cell for cell in source.cells.values() if cell.task.name in XTREME.languages]
    signatures = [Signature.parse(cell.signature) for cell in cells if cell.task.type.retrieves == retrieval]
    answered = {signature["model"] for signature in signatures} - {""}
    known = manifest.get("model", {})
    return [known.get(names.get(fingerprint, ""), {}) for fingerprint in sorted(answered)]


def _training(source: Source, manifest: Mapping[str, Any], described: Metadata | None) -> Training:
    """What provenance says; where a checkpoint has none, what its makers say."""
    tuned, encoders = (_models(source, manifest, retrieval=retrieval) for retrieval in (False, True))
    seen = [why for model in (*tuned, *encoders) for why in seen_by(model.get("provenance"))]
    if seen and described is not None and not described.training_data_beyond_english:
        raise UserError(
            f"the description of {source.path} says that no data beyond English were used",
            f"the provenance of its checkpoints says: {'; '.join(dict.fromkeys(seen))}",
            "name the data in training_data_beyond_english",
        )
    if seen or (described is not None and described.training_data_beyond_english):
        return "beyond English"
    traced = all(is_traced(model) for model in tuned)
    bare = all(is_traced(model) or model.get("head") in BARE for model in encoders)
    return "zero-shot" if (traced and bare) or described is not None else "not known"


def _retrieval(source: Source, manifest: Mapping[str, Any]) -> Retrieval:
    """Whether the encoder that retrieved was trained on anything after pretraining."""
    encoders = _models(source, manifest, retrieval=True)
    if not encoders:
        return "none"
    if any(model.get("provenance") is not None for model in encoders):
        return "tuned"
    return "frozen" if all(model.get("head") in BARE for model in encoders) else "not known"


def _test(manifest: Mapping[str, Any]) -> str:
    """Options that make the test another one than the benchmark's."""
    options = manifest.get("options", {})
    parts = [f"first {options['limit']} items of each cell"] if options.get("limit") else []
    parts += ["csv quotes kept as in the reference"] if options.get("reference_quirks") else []
    return "; ".join(parts)
