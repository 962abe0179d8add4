"""The graph of a study as a tree of phases: a phase that seeds repeat or arms share is there once."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xharness.report.study_contents import StudyContents
from xharness.studies.graph import Step
from xharness.studies.record import RecordedStudy
from xharness.studies.status import StudyStanding
from xharness.studies.steps import evaluate, perturb, train
from xharness.tasks.common.text import plural
from xharness.train.recipes import REFERENCE

SIGNS = {"done": "✓", "running": "▶", "failed": "✗", "blocked": "⊘", "waiting": "…"}
BY_SEED = ("seed", "data_seed")
BY_PARENT = ("parent_key", "subset_key")


@dataclass(eq=False)
class TreeNode:
    """Steps that differ in nothing but their seed, and what starts from them.

    Attributes:
        states: How many of the steps stand where; empty for the model that all start from.
        facts: Name and value.
        evaluated: The evaluations of these checkpoints, by the arms and targets that they stand for.
    """

    title: str
    states: Counter[str] = field(default_factory=Counter)
    facts: list[tuple[str, str]] = field(default_factory=list)
    evaluated: list[TreeNode] = field(default_factory=list)
    children: list[TreeNode] = field(default_factory=list)

    @property
    def standing(self) -> Sequence[tuple[str, str, str]]:
        """Sign, state and words, such as ``3 steps done``."""
        return [(sign, state, said(self.states[state], state)) for state, sign in SIGNS.items() if self.states[state]]


def said(count: int, state: str) -> str:
    """``2 steps done``."""
    return f"{plural(count, 'step')} {state}"


def tree(contents: StudyContents) -> list[TreeNode]:
    """The model that all arms start from with what was made of it, then what is made from nothing: changed data."""
    study, states = contents.study, states_of(contents.standing)
    groups = group_of(list(study.graph))
    members: dict[str, list[Step]] = {}
    for step in study.graph:
        members.setdefault(groups[step.id], []).append(step)
    fingerprint = start_fingerprint(study)
    roots = [TreeNode(f"start: {study.options['model']}", facts=[("fingerprint", fingerprint[:12])])]
    nodes: dict[str, TreeNode] = {}
    for group, steps in members.items():
        facts = _facts(steps[0], {name: nodes[groups[name]].title for name in steps[0].parents.values()})
        nodes[group] = TreeNode(_title(steps, study), Counter(states[step.id] for step in steps), facts)
        below = [nodes[groups[parent]] for parent in _made_from(steps[0])]
        _place(steps[0], nodes[group], below, roots)
    return roots


def start_fingerprint(study: RecordedStudy) -> str:
    """Hash of the model that every arm starts from; empty if nothing is trained, so that no step names it."""
    works: list[Any] = [
        step.work for step in study.graph if step.kind == train.KIND and train.MODEL not in step.parents
    ]
    return str(works[0]["parent_key"]) if works else ""


def states_of(standing: StudyStanding) -> Mapping[str, str]:
    """Where each step stands, by its identifier."""
    found = dict.fromkeys((step.id for step in standing.graph), "waiting")
    found |= dict.fromkeys(standing.running, "running") | dict.fromkeys(standing.failed, "failed")
    found |= dict.fromkeys((step.id for step in standing.blocked), "blocked")
    return found | dict.fromkeys((step.id for step in standing.done), "done")


def group_of(steps: Sequence[Step]) -> Mapping[str, str]:
    """By identifier the name of the group of steps that differ in nothing but their seed; parents come first."""
    groups: dict[str, str] = {}
    for step in steps:
        groups[step.id] = _group(step, groups)
    return groups


def _group(step: Step, groups: Mapping[str, str]) -> str:
    work: dict[str, Any] = {name: value for name, value in step.work.items() if name not in BY_PARENT}
    if step.kind == train.KIND:
        work["options"] = {name: value for name, value in work["options"].items() if name not in BY_SEED}
    parents = {role: groups[parent] for role, parent in step.parents.items()}
    return json.dumps([step.kind, work, parents], sort_keys=True)


def _title(steps: Sequence[Step], study: RecordedStudy) -> str:
    """What was trained; of an evaluation, the arms and targets that it stands for."""
    if steps[0].kind != evaluate.KIND:
        return re.sub(r", seed \d+$", "", steps[0].title)
    own = {step.id for step in steps}
    return ", ".join(dict.fromkeys(f"{each.arm} → {each.target}" for each in study.evaluated if each.step.id in own))


def _made_from(step: Step) -> list[str]:
    """The step below which another is drawn: its checkpoint, or the only thing that it has."""
    if train.MODEL in step.parents:
        return [step.parents[train.MODEL]]
    return [] if step.kind in (train.KIND, evaluate.KIND) else list(step.parents.values())[:1]


def _place(step: Step, node: TreeNode, below: Sequence[TreeNode], roots: list[TreeNode]) -> None:
    if not below and step.kind == perturb.KIND:
        roots.append(node)
        return
    parent = below[0] if below else roots[0]
    (parent.evaluated if step.kind == evaluate.KIND else parent.children).append(node)


def _facts(step: Step, titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a reader asks of a phase.

    Args:
        titles: Of its parents.
    """
    found = [("with", title) for parent, title in titles.items() if parent not in _made_from(step)]
    if step.kind == train.KIND:
        options: Any = step.work["options"]
        found += [("examples", f"{options['examples']:,}")] if options.get("examples") else []
        found += [("recipe", options.get("recipe", REFERENCE))]
    return found
