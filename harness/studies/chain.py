"""The whole chain: pretrained → intermediate task(s) → every target → evaluation → submission.

    out/phases/<tasks>-<hash>/      one checkpoint a phase, named by everything that it depends on
    out/suites/<chain>-<hash>/      links to the checkpoints that answer the tasks
    out/runs/<chain>-<hash>/        the evaluation, named by the phases that it evaluates and the data it reads
    out/chains/<chain>-<hash>.json  what it can be compared by

A phase is named by its key, which follows from how it is trained, its data and the key of its parent, and is known
before any example is read. Changing the third phase therefore never touches the first two, one intermediate checkpoint
serves all targets, and a finished phase costs nothing when the same command runs again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from xharness.checkpoints.checkpoint import Checkpoint, find
from xharness.checkpoints.offline import offline
from xharness.checkpoints.provenance import PRETRAINED, chain, read
from xharness.evaluation.evaluate import Reporter, Result, evaluate
from xharness.studies.chain_checks import (
    RETRIEVAL_FOLDER,
    check_chain,
    evaluated_content,
    evaluation_options,
    retrieval_block,
)
from xharness.studies.chain_options import ChainOptions
from xharness.studies.chain_table import DESCRIPTIONS
from xharness.studies.chain_targets import ChainTargets
from xharness.studies.phase_trainer import PhaseTrainer, TrainedPhase
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import render_json, sweep_partial, write_atomic
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.common.keys import content_key
from xharness.tasks.common.sealed import seal
from xharness.train.launching import join

NO_INTERMEDIATE = "none"
THEN = "-then-"  # between the phases in the name of a chain
SPELLED_OUT = 3  # tasks of a mixture in a name; folders and tables have no room for more


@offline()
def run_chain(options: ChainOptions, reporter: Reporter) -> Result | None:
    """Train what is not trained yet, evaluate what is not evaluated yet.

    Processes that were launched together share the training of every phase; the main one evaluates.

    Returns:
        The evaluation; None in the other processes.

    Raises:
        UserError: anything that the user can fix; the same command continues.
    """
    options.check()
    out = options.train.out
    processes, device = join(options.train.device)
    reporter = reporter if processes.main else Reporter()
    start = processes.together(lambda: check_chain(options))
    processes.by_main(lambda: _sweep(out))
    _say_what_is_not_trained(options, reporter)
    name = _name(start, options.train.tasks)
    trainer = PhaseTrainer(out, device, reporter, processes)
    encoder = TrainedPhase(start.path, start.fingerprint)
    if options.train.tasks:
        encoder = trainer.train(options.of_intermediate, encoder)
    phases = ChainTargets(options, encoder).train(trainer)
    if not processes.main:
        return None
    links = {RETRIEVAL_FOLDER: encoder.folder, **{target: phases[target].folder for target in options.targets}}
    # A changed phase or other data are another chain: its run stands beside the old one, never in its place.
    fingerprints = {member: find(folder)[""].fingerprint for member, folder in links.items()}
    evaluated = evaluated_content(options)
    content = {"phases": fingerprints, "layer": options.layer, "data": evaluated}
    name = f"{name}-{content_key(content)[:8]}"
    suite = _link(out / "suites" / name, links)
    identities = {name: phase.identity for name, phase in phases.items()}
    description = _describe(options, start, encoder, identities, evaluated)
    write_atomic(out / DESCRIPTIONS / f"{name}.json", render_json(seal(description)))
    return evaluate(replace(evaluation_options(options), model=suite, out=out / "runs" / name, device=device), reporter)


def _say_what_is_not_trained(options: ChainOptions, reporter: Reporter) -> None:
    """A line for each target of the benchmark that is left to the encoder."""
    for target in options.encoded:
        wanted = options.registry.trainable(target).title
        reporter.note(f"{target}: no training data at hand ({wanted}); the encoder before the targets answers it")


def _sweep(out: Path) -> None:
    """Remove what killed processes have left of the chain's own files; phases and runs see to theirs."""
    for folder in (out, out / DESCRIPTIONS):
        sweep_partial(folder)


def _name(start: Checkpoint, intermediate: Sequence[str]) -> str:
    """Name of a chain: the phases before its targets, those that made its start included."""
    phases = [phase.split("+") for phase in chain(start.path) if phase != PRETRAINED]
    return THEN.join(map(_short, [*phases, *([intermediate] if intermediate else [])])) or NO_INTERMEDIATE


def _short(tasks: Sequence[str]) -> str:
    """A phase in a name: ``mnli+squad_v1``, or ``anli_plus+8more`` where there are many."""
    return "+".join(tasks) if len(tasks) <= SPELLED_OUT else f"{tasks[0]}+{len(tasks) - 1}more"


def _describe(
    options: ChainOptions,
    start: Checkpoint,
    encoder: TrainedPhase,
    identities: Mapping[str, JsonObject],
    evaluated: Json,
) -> dict[str, Json]:
    """What :mod:`xharness.studies.chain_table` reads.

    Args:
        identities: Of the phases after the encoder's.
        evaluated: Hash of the data of the evaluation.

    Returns:
        ``lineage``: fingerprints from the first ancestor to the encoder; ``comparable``: what must be the same.
    """
    lineage = [find(encoder.folder)[""].fingerprint]
    ancestor = record = read(encoder.folder)
    while ancestor and ancestor["parents"]:
        parent = ancestor["parents"][0]
        lineage, ancestor = [parent.get("fingerprint", ""), *lineage], parent["provenance"]
    before = {"+".join(phase.tasks) for phase in options.before_targets.values()}
    own = encoder.identity or (record or {}).get("identity", {})
    identities = {**dict.fromkeys(before - identities.keys(), own), **identities}
    data = ("data", "dev")
    return {
        "lineage": lineage,
        "comparable": {
            "start": lineage[0],
            "targets": sorted(identities),
            "recipe": {t: {k: v for k, v in i.items() if k not in (*data, "parent")} for t, i in identities.items()},
            "training data": {t: {k: i.get(k) for k in data} for t, i in identities.items()},
            "layer": retrieval_block(options, start),
            "evaluation data": evaluated,
        },
    }


def _link(suite: Path, members: dict[str, Path]) -> Path:
    """A folder of links to checkpoints, named after what they answer."""
    suite.mkdir(parents=True, exist_ok=True)
    for name, target in members.items():
        link = suite / name
        if link.is_symlink() or link.exists():
            if not link.is_symlink():
                raise UserError(
                    f"{link} is not a link", "the suite of a chain is made of links", "choose another --out"
                )
            link.unlink()
        link.symlink_to(os.path.relpath(target.resolve(), suite.resolve()), target_is_directory=True)
    return suite
