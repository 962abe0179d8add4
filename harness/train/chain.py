"""The whole chain: pretrained → intermediate task(s) → every target → evaluation → submission.

    out/phases/<tasks>-<hash>/   one checkpoint a phase, named by everything that it depends on
    out/suites/<chain>-<hash>/   links to the checkpoints that answer the tasks
    out/runs/<chain>-<hash>/     the evaluation, named by the phases that it evaluates

A phase is named by the hash of its identity, which holds the fingerprint of its parent. Changing the third phase
therefore never touches the first two, and one intermediate checkpoint serves all targets.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness import device
from harness.checkpoint import find
from harness.evaluate import Reporter, Result, evaluate
from harness.models.hub import locate
from harness.options import EvaluateOptions
from harness.runs import key
from harness.train.finetune import finetune
from harness.train.mixture import MixtureOptions
from harness.train.options import FinetuneOptions
from harness.train.parallel import Team, join
from harness.train.phase import prepare
from submissions.zero_shot import SIGN, marks
from tasks.errors import UserError, suggestion
from tasks.intermediate import trainable

TARGETS = ("xnli", "pawsx", "udpos", "panx", "xquad", "tydiqa")
RETRIEVAL_FOLDER = "encoder"
NO_INTERMEDIATE = "none"


@dataclass(frozen=True)
class ChainOptions:
    """A chain: how to train, in ``train``, and what to evaluate on.

    Attributes:
        train: Model, data, recipe and device of every phase; its ``tasks`` are the intermediate ones, empty for none.
        targets: Tasks of the last phase.
        evaluation: Folder with XTREME's data; training data may lie elsewhere.
        layer: Block for retrieval, on the checkpoint before the targets, as Phang et al. 2020 do.
    """

    train: FinetuneOptions
    targets: Sequence[str] = TARGETS
    evaluation: Path = Path("data")
    layer: str = "reference"

    @property
    def name(self) -> str:
        """Name of the chain: its intermediate tasks."""
        return "+".join(self.train.tasks) or NO_INTERMEDIATE

    def check(self) -> None:
        """Refuse wrong names before anything is read. Imports no torch.

        Raises:
            UserError: an unknown task, or a target without a model of its own.
        """
        device.check_names(self.train.device, self.train.precision)
        for name in self.train.tasks:
            trainable(name)
        for name in self.targets:
            if name not in TARGETS:
                raise UserError(f"unknown target '{name}'", "targets are trained for XTREME", suggestion(name, TARGETS))


def run_chain(options: ChainOptions, reporter: Reporter) -> Result | None:
    """Train what is not trained yet, evaluate what is not evaluated yet.

    Processes that were launched together share the training of every phase; the main one evaluates.

    Returns:
        The evaluation; None in the other processes.

    Raises:
        UserError: anything that the user can mend; the same command continues.
    """
    out = options.train.out
    team, device = join(options.train.device)
    reporter = reporter if team.main else Reporter()
    train = replace(options.train, device=device)
    encoder = team.together(lambda: locate(train.model))
    if train.tasks:
        encoder = train_phase(train, out, reporter, team)
    alone = _of_one_task(train)
    links = {RETRIEVAL_FOLDER: encoder}
    for target in options.targets:
        links[target] = train_phase(replace(alone, model=encoder, tasks=(target,)), out, reporter, team)
    if not team.main:
        return None
    # A changed phase is another chain: its run stands beside the old one, never in its place.
    content = {"phases": {name: find(folder)[""].fingerprint for name, folder in links.items()}, "layer": options.layer}
    name = f"{options.name}-{key(content)[:8]}"
    suite = _link(out / "suites" / name, links)
    return evaluate(
        EvaluateOptions(
            model=suite,
            data=options.evaluation,
            out=out / "runs" / name,
            layer=options.layer,
            device=device,
            precision=options.train.precision,
        ),
        reporter,
    )


def _of_one_task(options: FinetuneOptions) -> FinetuneOptions:
    """The options of a target's phase: without what is said about the mixture of intermediate tasks."""
    return replace(
        options,
        mixture=MixtureOptions(grouped=options.mixture.grouped),
        task_weights={},
        translations={},
        mlm_ratio=None,
        mlm_alpha=None,
        mlm_langs=None,
    )


def train_phase(options: FinetuneOptions, out: Path, reporter: Reporter, team: Team) -> Path:
    """One phase in the folder that its identity names."""
    phase = team.together(lambda: prepare(options))
    folder = out / "phases" / f"{'+'.join(phase.members)}-{key(phase.identity)[:12]}"
    words = f"{phase.parent.name} → {' + '.join(phase.members)}"

    def progress(what: str, fraction: float) -> None:
        reporter.progress(f"{words}: {what}", fraction)

    done = finetune(replace(options, out=folder), Reporter(progress, reporter.note), phase=phase)
    return done if len(phase.members) == 1 else done / next(iter(phase.members))  # a mixture's heads share one encoder


def _link(suite: Path, members: dict[str, Path]) -> Path:
    """A folder of links to checkpoints, named after what they answer."""
    suite.mkdir(parents=True, exist_ok=True)
    for name, target in members.items():
        link = suite / name
        if link.is_symlink() or link.exists():
            if not link.is_symlink():
                raise UserError(f"{link} is no link", "the suite of a chain is made of links", "choose another --out")
            link.unlink()
        link.symlink_to(os.path.relpath(target.resolve(), suite.resolve()), target_is_directory=True)
    return suite


def compare_chains(out: Path) -> list[dict[str, Any]]:
    """Scores of every finished chain in a folder, the one without intermediate task first."""
    import json

    rows = []
    for path in sorted(
        (out / "runs").glob("*/scores.json"), key=lambda p: (not p.parent.name.startswith(f"{NO_INTERMEDIATE}-"), p)
    ):
        scores = json.loads(path.read_text(encoding="utf-8"))
        numbers = {
            name: value["avg_metric"]
            for name, value in scores.items()
            if isinstance(value, dict) and "avg_metric" in value
        }
        chain = f"{path.parent.name} {SIGN}" if marks(scores) else path.parent.name
        rows.append({"chain": chain, **numbers, "all_task": scores.get("all_task")})
    return rows
