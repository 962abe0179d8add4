"""What produced a study's numbers: the command, models, data, recipes, versions, hours, signatures and keys."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from xharness.report.study_contents import StudyContents
from xharness.report.study_graph import start_fingerprint, states_of
from xharness.report.study_notes import day
from xharness.studies.library import shipped
from xharness.studies.record import RecordedStudy
from xharness.submissions.signature import NOT_COMPARED, Signature
from xharness.tables.table import Column, Table, TableRow, number, words
from xharness.tasks.common.json_types import JsonObject

USUAL = {"layer": "reference", "device": "auto", "precision": "auto"}


def command(study: RecordedStudy) -> str:
    """The command that runs, or continues, this study."""
    options, size = study.options, study.design.sizes[study.size]
    chosen = {
        "arms": (size.arms or tuple(study.design.arms), options["arms"]),
        "targets": (size.targets or tuple(study.design.targets), options["targets"]),
        "seeds": (size.seeds, options["seeds"]),
    }
    own_tasks = {str(work["tasks_from"]) for work in _works(study) if work.get("tasks_from")}
    by_name = study.name if study.name in shipped() else f"{study.name}.toml"  # earlier records do not say more
    parts = ["xharness", "study", "run", options.get("named") or by_name]
    parts += ["--size", study.size, "--model", options["model"], "--data", options["data"]]
    parts += ["--train-data", options["train data"]] if options["train data"] else []
    parts += [part for each in options["sets"] for part in ("--set", each)]
    for name, (usual, now) in chosen.items():
        parts += [f"--{name}", ",".join(map(str, now))] if list(usual) != list(now) else []
    parts += [part for each in sorted(own_tasks) for part in ("--tasks-from", each)]
    parts += [part for name in USUAL for part in _unusual(name, options.get(name, USUAL[name]))]
    parts += ["--gpus", str(options["gpus"])] if options.get("gpus") else []
    parts += ["--threads", str(options["threads"])] if options.get("threads", 1) > 1 else []
    return shlex.join([*parts, "--out", str(study.out), "--store", options["store"]])


def _unusual(name: str, value: str) -> list[str]:
    return [f"--{name}", value] if value != USUAL[name] else []


def _works(study: RecordedStudy) -> list[Any]:
    return [step.work for step in study.graph]


def settings(contents: StudyContents) -> Table:
    """What the study was run with, a row each."""
    rows = [TableRow([words(name), words(value)]) for name, value in facts(contents).items() if value]
    return Table("study-settings", "The study", [Column("setting"), Column("value", code=True)], rows)


def facts(contents: StudyContents) -> dict[str, str]:
    """Names and values; empty ones are not known."""
    study = contents.study
    options, size = study.options, study.design.sizes[study.size]
    seconds = seconds_of(study)
    by_kind: dict[str, float] = {}
    for name, took in seconds.items():
        kind = study.graph.steps[name].kind
        by_kind[kind] = by_kind.get(kind, 0.0) + took
    return {
        "study": study.name,
        "size": study.size,
        "hypotheses declared": ", then ".join(day(each["time"]) for each in study.declared),
        "model": options["model"],
        "fingerprint of the model": start_fingerprint(study),
        "data": options["data"],
        "training data": options["train data"] or "",
        "store": options["store"],
        "seeds": ", ".join(map(str, options["seeds"])),
        "seeds of the data": ", ".join(map(str, size.data_seeds)),
        "changed in every recipe": ", ".join(options["sets"]),
        "layer for retrieval": options["layer"],
        "steps": f"{len(contents.standing.done)} of {len(study.graph)} done",
        "hours": _hours(by_kind),
        "machines": _each(event.get("host") for event in study.store.events() if event["step"] in study.graph.steps),
        **_versions(contents),
    }


def _hours(by_kind: Mapping[str, float]) -> str:
    """``0.41: evaluate 0.10, train 0.31``, of one process; summed over steps, whoever ran beside."""
    parts = ", ".join(f"{kind} {seconds / 3600:.2f}" for kind, seconds in sorted(by_kind.items()))
    return f"{sum(by_kind.values()) / 3600:.2f} of one process: {parts}" if by_kind else ""


def _versions(contents: StudyContents) -> dict[str, str]:
    """Of the machines that evaluated; several values where they differ."""
    manifests = [run.manifest for run in contents.runs]
    machines: list[Any] = [manifest.machine for manifest in manifests]
    packages = dict.fromkeys(name for machine in machines for name in machine.get("packages", {}))
    return {
        "device": _each(manifest.device.get("name") for manifest in manifests),
        "precision": _each(manifest.device.get("precision") for manifest in manifests),
        "xharness": _each(manifest.version for manifest in manifests),
        "python": _each(machine.get("python") for machine in machines),
        "system": _each(machine.get("system") for machine in machines),
        **{name: _each(machine.get("packages", {}).get(name) for machine in machines) for name in packages},
    }


def _each(values: Iterable[object]) -> str:
    return " and ".join(sorted({str(value) for value in values if value}))


def seconds_of(study: RecordedStudy) -> dict[str, float]:
    """By step, as long as it took by the store's log; what was interrupted before is not in it."""
    ended = [each for each in study.store.events() if each["event"] == "finished" and each["step"] in study.graph.steps]
    return {each["step"]: float(each["seconds"]) for each in ended}


def steps(contents: StudyContents) -> Table:
    """Every step with its key: the hash of all that can change its result."""
    states, taken = states_of(contents.standing), seconds_of(contents.study)
    rows = []
    for step in contents.study.graph:
        named = map(words, (step.kind, step.title, states[step.id]))
        rows.append(TableRow([*named, number(taken.get(step.id), 1), words(step.key)]))
    columns = [Column("kind"), Column("step"), Column("state"), Column("seconds", True), Column("key", code=True)]
    return Table("steps", "Steps and their keys", columns, rows, filtered=True)


def signatures(contents: StudyContents) -> Table:
    """How each cell was measured, once: what differs between arms is in the keys of the steps."""
    found: dict[tuple[str, str, str, int, str], None] = {}
    for run in contents.runs:
        for task, cells in run.scores.cells.items():
            for language, cell in cells.items():
                found[run.evaluated.target, task, language, cell.n, _shared(cell.signature)] = None
    rows = [
        TableRow([words(target), words(task), words(language), number(n, 0), words(signature)])
        for target, task, language, n, signature in found
    ]
    columns = [
        *(Column(name) for name in ("target", "task", "language")),
        Column("examples", True),
        Column("signature", code=True),
    ]
    return Table("signatures", "How each cell was measured, whatever the arm", columns, rows, filtered=True)


def _shared(signature: str) -> str:
    parts = Signature.parse(signature).parts
    return str(Signature({name: value for name, value in parts.items() if name not in NOT_COMPARED}))


def as_record(contents: StudyContents) -> JsonObject:
    """Everything of it for programs."""
    return {
        "command": command(contents.study),
        "settings": {name: value for name, value in facts(contents).items() if value},
        "steps": {step.id: step.key for step in contents.study.graph},
    }
