"""From a study to its graph of steps: every key is known, and what can be refused is, before anything runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from pathlib import Path

from xharness.checkpoints.checkpoint import Checkpoint, find
from xharness.compute.device import ALL_CARDS, for_cards, foreseen
from xharness.predict.layers import AS_TRAINED
from xharness.studies.checks import TWIN, check_design, check_languages, phases_of
from xharness.studies.design import PhaseDesign, StudyDesign, TargetDesign
from xharness.studies.graph import Graph, Step
from xharness.studies.options import ChosenSize, StudyOptions, choose
from xharness.studies.steps import evaluate, perturb, subset, train
from xharness.studies.steps.train import PlannedCheckpoint
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.files import FileHashes
from xharness.tasks.data import DataFolder
from xharness.tasks.registry import Registry, open_registry
from xharness.train.mixture_options import MixtureOptions
from xharness.train.objectives import trains_dual_encoder
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
    planner.check_names()
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

    def check_names(self) -> None:
        """Refuse names of tasks and languages that nobody knows, used or not.

        Raises:
            UserError: the first one.
        """
        named = {f"size '{self.options.size}'": tuple(self.chosen.size.tasks)}
        named |= {f"subset '{name}'": (subset.of,) for name, subset in self.design.subsets.items()}
        for place, names in named.items():
            for name in names:
                if name != MLM and name not in self.registry.known:
                    fix = suggestion(name, (*self.registry.known, MLM))
                    raise UserError(f"{place} names an unknown task '{name}'", "there is none", fix)
        tasks = {name for target in self.design.targets.values() for name in target.evaluate}
        evaluated = [self.registry.tasks[name] for name in tasks if name in self.registry.tasks]
        data = DataFolder.open(self.options.data, names=[task.name for task in evaluated])
        there = {language for task in evaluated for language in data.languages(task)}
        check_languages(self.design, self.options.size, there)

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
        request = self._request(target, model)
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
        device, precision = self.options.device, self.options.precision
        if self.options.gpus:
            device, precision = for_cards(device, precision)
        return device, foreseen(device, precision).precision

    def _request(self, target: TargetDesign, model: PlannedCheckpoint | None = None) -> evaluate.EvaluationRequest:
        device, precision = self._device
        dual = model is not None and trains_dual_encoder(map(self.registry.trainable, model.tasks))
        return evaluate.EvaluationRequest(
            tasks=target.evaluate,
            data=self.options.data,
            languages=self.chosen.size.languages,
            limit=self.chosen.size.limit,
            layer=self.options.layer,
            device=ALL_CARDS if device == "cuda" and self.options.gpus > 1 else device,
            precision=precision,
            tasks_from=self.options.tasks_from,
            pooling=AS_TRAINED if dual else evaluate.MEAN,
        )

    def _data_key(self, request: evaluate.EvaluationRequest) -> str:
        if request.tasks not in self._data_keys:
            tasks = [self.registry.task(name) for name in request.tasks]
            _check_examples(tasks, request)
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
        examples = self._examples(phase)
        of_tasks = (one.set for one in reversed(own))  # of a mixture, the first task's comes last
        numbers = reduce(layered, (phase.set, *of_tasks, sets_layer(self.options.sets)), dict(size.set))
        folder = self._train_data
        device, precision = self._device
        options = FinetuneOptions(
            model=self.start.path,  # an id of a hub means a folder here, and a step is told of it by its path
            tasks=phase.tasks,
            data=folder,
            out=Path(),
            recipe=phase.recipe,
            sets=tuple(f"{name}={value}" for name, value in numbers.items()),
            mixture=_mixture(phase),
            seed=seed,
            data_seed=self._data_seed(seed),
            examples=None if phase.subset or list(phase.tasks) == [MLM] else examples,
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

    def _examples(self, phase: PhaseDesign) -> int | None:
        """How many examples of each of its tasks a phase takes; None is all.

        Raises:
            UserError: the size gives the tasks of a mixture other numbers, and training takes one for all.
        """
        size = self.chosen.size
        if phase.examples is not None:
            return math.ceil(phase.examples * size.scale)
        labelled = [task for task in phase.tasks if task != MLM]
        numbers = {task: size.tasks[task].examples if task in size.tasks else None for task in labelled}
        wanted = {task: size.examples if number is None else number for task, number in numbers.items()}
        if len({*wanted.values()}) > 1:
            said = ", ".join(f"{number or 'all'} of {task}" for task, number in wanted.items())
            why = "a phase takes the same number of examples of all its tasks"
            raise UserError(f"size '{self.options.size}' takes {said} in one phase", why, "give the phase its examples")
        return next(iter(wanted.values()), size.examples)

    def _data_seed(self, seed: int) -> int:
        """Which examples are drawn: a seed that the size does not name draws by a number of its own, too."""
        declared, usual = self.chosen.data_seeds, FinetuneOptions.data_seed
        return declared.get(seed, usual + seed) if declared else usual

    def _subset(self, name: str) -> Step:
        """The step that chooses a subset of training data."""
        design = self.design.subsets[name]
        if design.by == TWIN:
            of, mapped_by = self._subset(design.twin_of), self.design.subsets[design.twin_of].map
            assert mapped_by is not None  # checked
            options = self._finetune(mapped_by, self._first_seed, dynamics=True)
            return self._add(subset.plan_twin(design, of, options, name))
        assert design.map is not None  # checked
        first = self._first_seed
        mapped = self._phase(design.map, PlannedCheckpoint(None, self.start.fingerprint), first, dynamics=True)
        return self._add(subset.plan(design, mapped, name))

    @property
    def _first_seed(self) -> int:
        """Of the size as it is declared: one map for all seeds, whichever are run, trains them on the same examples."""
        return min(self.design.sizes[self.options.size].seeds)

    def _perturbed(self, name: str) -> Step:
        """The step that changes evaluation data."""
        design, wanted = self.design.perturbed[name], self.chosen.size.languages
        if lacking := [each for each in wanted if design.languages and each not in design.languages]:
            why = (
                f"size '{self.options.size}' evaluates it, and the changed data are {', '.join(design.languages)} only"
            )
            raise UserError(f"data '{name}' lack '{lacking[0]}'", why, "add it to their languages, or name none")
        request = self._request(TargetDesign(evaluate=design.tasks))
        return self._add(perturb.plan(design, request, self._data_key(request), name, self.hashes))

    def _add(self, step: Step) -> Step:
        self.steps.append(step)
        return step


def _check_examples(tasks: Sequence[Task], request: evaluate.EvaluationRequest) -> None:
    """Refuse data of which nothing can be read: their evaluations could only fail, when everything was trained.

    Raises:
        UserError: naming the task and what is wrong first. The first language stands for all.
    """
    data = DataFolder.open(request.data, names=[task.name for task in tasks])
    for task in tasks:
        wanted = [each for each in data.languages(task) if each in request.languages or not request.languages]
        cell = data.load(task, wanted[0]) if wanted else None
        if cell and cell.problems and not cell.examples:
            fix = "bring such data, or leave the target out: --targets names the others"
            raise UserError(f"{task.name} cannot be evaluated", str(cell.problems[0]), fix)


def _mixture(phase: PhaseDesign) -> MixtureOptions:
    plain = MixtureOptions()
    return MixtureOptions(
        strategy=phase.mixture or plain.strategy,
        cap=plain.cap if phase.cap is None else phase.cap,
        temperature=plain.temperature if phase.temperature is None else phase.temperature,
    )
