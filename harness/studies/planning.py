"""From a study to its graph of steps: every key is known, and what can be refused is, before anything runs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, reduce
from pathlib import Path

from xharness.checkpoints.checkpoint import Checkpoint, find
from xharness.compute.device import for_cards
from xharness.studies.checks import TWIN, check_design, phases_of
from xharness.studies.design import PhaseDesign, StudyDesign, TargetDesign
from xharness.studies.graph import Graph, Step
from xharness.studies.options import ChosenSize, StudyOptions, choose
from xharness.studies.steps import evaluate, perturb, subset, train
from xharness.studies.steps.train import PlannedCheckpoint
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import FileHashes
from xharness.tasks.registry import Registry, open_registry
from xharness.train.mixture_options import MixtureOptions
from xharness.train.options import MLM, FinetuneOptions
from xharness.train.recipe_layers import layered, sets_layer
from xharness.train.recipes import REFERENCE


@dataclass(frozen=True)
class Evaluated:
    """One evaluation of the study: which arm, target and seed it stands for."""

    arm: str
    target: str
    seed: int
    step: Step


@dataclass(frozen=True)
class PlannedStudy:
    """A study with its graph."""

    design: StudyDesign
    options: StudyOptions
    chosen: ChosenSize
    evaluated: tuple[Evaluated, ...]
    graph: Graph


def plan_study(design: StudyDesign, options: StudyOptions) -> PlannedStudy:
    """The graph of a study. Reads no example and no weights, but hashes the files of both.

    Raises:
        UserError: the first thing that is wrong with the study, its data or its model.
    """
    check_design(design)
    planner = Planner(design, options, choose(design, options))
    evaluated = tuple(planner.evaluated())
    return PlannedStudy(design, options, planner.chosen, evaluated, Graph.of(planner.steps))


@dataclass
class Planner:
    """Plans the steps of one study; what is asked for twice is planned once.

    Attributes:
        steps: All that were planned, some of them more than once.
    """

    design: StudyDesign
    options: StudyOptions
    chosen: ChosenSize
    steps: list[Step] = field(default_factory=list)
    hashes: FileHashes = field(default_factory=FileHashes)
    _trained: dict[tuple[object, ...], PlannedCheckpoint] = field(default_factory=dict)
    _data_keys: dict[tuple[str, ...], str] = field(default_factory=dict)

    @cached_property
    def registry(self) -> Registry:
        """The tasks that are known."""
        return open_registry(self.options.tasks_from)

    @cached_property
    def start(self) -> Checkpoint:
        """The checkpoint that every arm starts from."""
        found = find(self.options.model)
        if "" not in found:
            why, fix = "a study starts from one checkpoint", f"give one: {', '.join(sorted(found))}"
            raise UserError(f"{self.options.model} is a suite", why, fix)
        return found[""]

    @property
    def _train_data(self) -> Path:
        return self.options.train_data or self.options.data

    def evaluated(self) -> Iterator[Evaluated]:
        """Every evaluation, arm by arm."""
        for arm in self.chosen.arms:
            for seed in self.chosen.seeds:
                encoder = self._arm(arm, seed)
                for target in self.chosen.targets:
                    yield Evaluated(arm, target, seed, self._target(arm, target, encoder, seed))

    def _arm(self, arm: str, seed: int) -> PlannedCheckpoint:
        """The checkpoint at the end of an arm."""
        trained = PlannedCheckpoint(None, self.start.fingerprint)
        for phase in phases_of(self.design, arm):
            trained = self._phase(phase, trained, seed)
        return trained

    def _target(self, arm: str, name: str, encoder: PlannedCheckpoint, seed: int) -> Step:
        """The evaluation of an arm on a target."""
        target = self.design.targets[name]
        model = self._last_phase(target, encoder, seed)
        request = self._request(target)
        evaluate.check_answers(request, model, self.registry, f"target '{name}' after arm '{arm}'")
        data = self._perturbed(target.data) if target.data else None
        key = data.key if data else self._data_key(request)
        title = f"{arm} → {name}, seed {seed}"
        return self._add(evaluate.plan(request, model, self.start.path, key, title, data))

    def _last_phase(self, target: TargetDesign, encoder: PlannedCheckpoint, seed: int) -> PlannedCheckpoint:
        """The checkpoint that a target evaluates: after its phase, and after what the reference trains before that."""
        if target.phase is None:
            return encoder
        (name, *more) = target.phase.tasks
        recipe = self.registry.known[name].recipe if name in self.registry.known else None
        if not more and recipe and recipe.after and target.phase.recipe == REFERENCE:
            before = PhaseDesign(tasks=(recipe.after,), recipe=target.phase.recipe)
            if encoder.tasks != before.tasks:
                encoder = self._phase(before, encoder, seed)
        return self._phase(target.phase, encoder, seed)

    @cached_property
    def _device(self) -> tuple[str, str]:
        """Where steps run and how precisely, as their options have it."""
        named = self.options.device, self.options.precision
        return for_cards(*named) if self.options.gpus else named

    def _request(self, target: TargetDesign) -> evaluate.EvaluationRequest:
        device, precision = self._device
        return evaluate.EvaluationRequest(
            tasks=target.evaluate,
            data=self.options.data,
            languages=self.chosen.size.languages,
            limit=self.chosen.size.limit,
            layer=self.options.layer,
            device=device,
            precision=precision,
            tasks_from=self.options.tasks_from,
        )

    def _data_key(self, request: evaluate.EvaluationRequest) -> str:
        if request.tasks not in self._data_keys:
            tasks = [self.registry.task(name) for name in request.tasks]
            self._data_keys[request.tasks] = evaluate.data_key(tasks, request.languages, request.data, self.hashes)
        return self._data_keys[request.tasks]

    def _phase(
        self, phase: PhaseDesign, parent: PlannedCheckpoint, seed: int, dynamics: bool = False
    ) -> PlannedCheckpoint:
        """The checkpoint of a phase."""
        chosen = self._subset(phase.subset) if phase.subset else None
        known = (repr(phase), parent.key, parent.member, seed, dynamics)
        if known not in self._trained:
            options = self._finetune(phase, seed, dynamics)
            self._trained[known] = train.plan(options, parent, self.hashes, chosen, max(1, self.options.gpus))
        trained = self._trained[known]
        assert trained.step is not None  # plan made it
        self._add(trained.step)
        return trained

    def _finetune(self, phase: PhaseDesign, seed: int, dynamics: bool) -> FinetuneOptions:
        """How a phase is trained: what the study says of it, below what the size and the user say."""
        size = self.chosen.size
        own = [size.tasks[task] for task in phase.tasks if task in size.tasks]
        examples = next((one.examples for one in own if one.examples is not None), size.examples)
        if phase.examples is not None:
            examples = math.ceil(phase.examples * size.scale)
        of_tasks = (one.set for one in reversed(own))  # of a mixture, the first task's comes last
        numbers = reduce(layered, (phase.set, *of_tasks, sets_layer(self.options.sets)), dict(size.set))
        folder = self._train_data
        device, precision = self._device
        options = FinetuneOptions(
            model=self.options.model,
            tasks=phase.tasks,
            data=folder,
            out=Path(),
            recipe=phase.recipe,
            sets=tuple(f"{name}={value}" for name, value in numbers.items()),
            mixture=_mixture(phase),
            seed=seed,
            data_seed=self.chosen.data_seeds.get(seed, FinetuneOptions.data_seed),
            examples=None if phase.subset or MLM in phase.tasks else examples,  # text has no labelled examples
            where=phase.where or None,
            translations={language: folder / file for language, file in phase.translations.items()},
            synonyms=folder / phase.synonyms if phase.synonyms else None,
            mlm_ratio=phase.mlm_ratio,
            mlm_langs=",".join(phase.mlm_langs) or None,
            tasks_from=self.options.tasks_from,
            device=device,
            precision=precision,
        )
        return subset.with_dynamics(options) if dynamics else options

    def _subset(self, name: str) -> Step:
        """The step that chooses a subset of training data."""
        design, tasks_from = self.design.subsets[name], self.options.tasks_from
        if design.by == TWIN:
            of = self._subset(design.twin_of)
            return self._add(subset.plan_twin(design, of, self._train_data, tasks_from, name))
        assert design.map is not None  # checked
        first = min(self.chosen.size.seeds)  # one map for all seeds, so that they train on the same examples
        mapped = self._phase(design.map, PlannedCheckpoint(None, self.start.fingerprint), first, dynamics=True)
        return self._add(subset.plan(design, mapped, name))

    def _perturbed(self, name: str) -> Step:
        """The step that changes evaluation data."""
        design = self.design.perturbed[name]
        request = self._request(TargetDesign(evaluate=design.tasks))
        return self._add(perturb.plan(design, request, self._data_key(request), name, self.hashes))

    def _add(self, step: Step) -> Step:
        self.steps.append(step)
        return step


def _mixture(phase: PhaseDesign) -> MixtureOptions:
    plain = MixtureOptions()
    return MixtureOptions(
        strategy=phase.mixture or plain.strategy,
        cap=phase.cap or plain.cap,
        temperature=phase.temperature or plain.temperature,
    )
