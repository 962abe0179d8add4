"""A small study with its store, written by hand: no model and no training."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.harness.comparison.made import right, write_run
from xharness.studies.checks import phases_of
from xharness.studies.design import PhaseDesign, StudyDesign
from xharness.studies.graph import Graph, Step
from xharness.studies.options import StudyOptions, choose
from xharness.studies.planning import Evaluated, PlannedStudy
from xharness.studies.record import RecordedStudy, record
from xharness.studies.steps import evaluate, train
from xharness.studies.store import MARK
from xharness.tasks.common.files import render_json, write_atomic
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.keys import content_key
from xharness.tasks.common.sealed import seal
from xharness.tasks.common.typed_toml import typed

Share = Callable[[str, str, int, str], float]  # of right answers, by arm, target, seed and language

DESIGN = """
title = "Does intermediate training help?"
question = "Does training on English sentence pairs first help answers in other languages?"
support = "The mean over other languages rises by at least a point."
sources = ["A paper 2020, arXiv 2001.00001"]

[arms.none]
title = "no intermediate task"
[arms.small]
title = "MNLI, 100 pairs"
amount = 100.0
phases = [{ tasks = ["mnli"], examples = 100 }]
[arms.middle]
title = "MNLI, 1,000 pairs"
amount = 1000.0
phases = [{ tasks = ["mnli"], examples = 1000 }]
[arms.large]
title = "MNLI, 10,000 pairs, with a title that is longer than a narrow screen is wide"
amount = 10000.0
phases = [{ tasks = ["mnli"], examples = 10000 }]
[arms.chain]
after = "small"
phases = [{ tasks = ["qqp"] }]

[targets.xnli]
title = "XNLI"
phase = { tasks = ["xnli"], examples = 500 }
evaluate = ["xnli"]
[targets.pawsx]
phase = { tasks = ["pawsx"] }
evaluate = ["pawsx"]

[[hypotheses]]
name = "much MNLI helps"
arms = ["large", "none"]
targets = ["xnli", "pawsx"]
smallest_effect = 1.0
[[hypotheses]]
name = "a second phase harms"
arms = ["chain", "none"]
targets = ["xnli"]
direction = "less"
smallest_effect = 2.0
[[hypotheses]]
name = "a hundred pairs change something in one of these languages, which is a name that needs two lines"
arms = ["small", "none"]
targets = ["xnli"]
direction = "different"
languages = "de,sw"
smallest_effect = 1.0
[[hypotheses]]
name = "more is better"
test = "slope"
arms = ["small", "middle", "large"]
targets = ["xnli"]
smallest_effect = 1.0

[sizes.smoke]
seeds = [1, 2]
arms = ["none", "small"]
targets = ["xnli"]
limit = 8
languages = ["en", "de"]
[sizes.small]
note = "For two processors."
seeds = [1, 2, 3]
[sizes.base]
seeds = [1, 2, 3, 4, 5]
data_seeds = [11, 12, 13, 14, 15]
"""
SHARES = {"none": 0.5, "small": 0.51, "middle": 0.58, "large": 0.65, "chain": 0.6}
LANGUAGES = ("en", "de", "sw")
START = "5" * 64


def design_of(text: str = DESIGN) -> StudyDesign:
    """What a file with this text declares."""
    return typed(tomllib.loads(text), StudyDesign, "made.toml")


def share_of(arm: str, target: str, seed: int, language: str) -> float:
    """A little more with some seeds, more in English."""
    return SHARES[arm] + 0.01 * (seed % 3) + (0.1 if language == "en" else 0.0)


@dataclass
class _ByHand:
    """Steps with made-up keys; ``work`` has what the steps of a real plan have."""

    design: StudyDesign
    options: StudyOptions
    steps: list[Step] = field(default_factory=list)

    def evaluated(self) -> Iterator[Evaluated]:
        chosen = choose(self.design, self.options)
        for arm in chosen.arms:
            for seed in chosen.seeds:
                encoder = None
                for phase in phases_of(self.design, arm):
                    encoder = self._train(phase, encoder, seed)
                for target in chosen.targets:
                    last, names = self.design.targets[target].phase, self.design.targets[target].evaluate
                    model = self._train(last, encoder, seed) if last else encoder
                    step = self._evaluate(names, model, f"{arm} → {target}, seed {seed}")
                    yield Evaluated(arm, target, seed, step)

    def _train(self, phase: PhaseDesign, parent: Step | None, seed: int) -> Step:
        options: dict[str, Json] = {"tasks": list(phase.tasks), "seed": seed, "recipe": "jiant"}
        options |= {"examples": phase.examples} if phase.examples else {}
        above = parent.key if parent else START
        work: dict[str, Json] = {"options": options, "parent_key": above, "member": "", "subset_key": None}
        title = f"{' + '.join(phase.tasks)}, seed {seed}"
        parents = {train.MODEL: parent.id} if parent else {}
        return self._add(Step(train.KIND, content_key(work), title, parents, work))

    def _evaluate(self, names: Collection[str], model: Step | None, title: str) -> Step:
        work: dict[str, Json] = {"tasks": ",".join(names), "limit": None, "tasks_from": None}
        key = content_key({**work, "model": model.key if model else START})
        return self._add(Step(evaluate.KIND, key, title, {train.MODEL: model.id} if model else {}, work))

    def _add(self, step: Step) -> Step:
        self.steps.append(step)
        return step


def plan_by_hand(folder: Path, design: StudyDesign | None = None, size: str = "small") -> PlannedStudy:
    """A plan whose store and files lie in a folder."""
    options = StudyOptions(model=Path("encoder"), data=folder / "data", out=folder / "out", size=size)
    made = _ByHand(design or design_of(), options)
    evaluated = tuple(made.evaluated())
    return PlannedStudy(made.design, options, choose(made.design, options), evaluated, Graph.of(made.steps))


def write_study(
    folder: Path,
    design: StudyDesign | None = None,
    *,
    size: str = "small",
    share: Share = share_of,
    items: int = 400,
    without: Collection[str] = (),
) -> RecordedStudy:
    """A study on disk, with the results of its steps.

    Args:
        items: In each cell.
        without: Titles of steps that are not done.
    """
    study = record("made", plan_by_hand(folder, design, size))
    runs = {each.step.id: each for each in study.evaluated}
    for step in study.graph:
        if step.title in without:
            continue
        out = study.store.output(step.id)
        out.mkdir(parents=True)
        if step.id in runs:
            _run(out, runs[step.id], share, items)
        write_atomic(out.parent / MARK, render_json(seal(step.record())))
        study.store.note("finished", step.id, seconds=36.0, host="node1")
    return study


def _run(out: Path, each: Evaluated, share: Share, items: int) -> None:
    cells = {}
    for task in str(each.step.work["tasks"]).split(","):
        for place, language in enumerate(LANGUAGES if task == "xnli" else LANGUAGES[:2]):
            generator = np.random.default_rng([each.seed, place])
            hit = generator.random(items) < share(each.arm, each.target, each.seed, language)
            cells[task, language] = right(hit)
    write_run(out, cells, seed=each.seed)
