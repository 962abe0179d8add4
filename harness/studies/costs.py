"""What each step of a study costs: tokens, operations, bytes moved and written.

Lengths are those of a few examples of each training set, tokenised by the study's own model. Operations are six times
the weights of the blocks for a token that is trained on and two times for one that is answered, in a test or in a check
on dev. An update moves every weight, its gradient and its moments through memory, embeddings included, which is what
small batches of large vocabularies wait for on a processor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from xharness.checkpoints.checkpoint import Checkpoint, find
from xharness.checkpoints.weights import size_of_weights
from xharness.compute.device import foreseen, resolve
from xharness.compute.loading import encoder_class, load_tokenizer, without_model
from xharness.studies.graph import Step
from xharness.studies.planning import PlannedStudy
from xharness.studies.steps import evaluate, subset, train
from xharness.tasks.common.files import FileHashes
from xharness.tasks.data import DataFolder
from xharness.tasks.recipe import Recipe
from xharness.tasks.registry import open_registry
from xharness.train.options import FinetuneOptions
from xharness.train.specify import specify

if TYPE_CHECKING:
    from xharness.compute.loading import Loaded

SAMPLE = 64
"""Examples whose lengths are taken."""

FORWARD, TRAINING = 2, 6
"""Operations a weight and token."""

UPDATED = 40
"""Bytes that clipping and an update of AdamW move for a weight: it, its gradient and two moments, read and written."""

UNTRAINED_LENGTH = 40
"""Tokens of a text that no training set tells the length of."""


@dataclass(frozen=True)
class Cost:
    """Of one step.

    Attributes:
        tokens: Trained on, or answered by an evaluation; those of dev are in ``operations`` alone.
        moved: Bytes that its updates move through memory.
        bytes: Of what it writes and keeps.
    """

    tokens: float = 0.0
    operations: float = 0.0
    optimizer_steps: int = 0
    moved: float = 0.0
    bytes: int = 0


@dataclass(frozen=True)
class _Size:
    """Of a member of a phase: its instances, their mean length, and the tokens of one check on dev."""

    instances: int
    length: float
    dev_tokens: float


@dataclass
class Counter:
    """Counts what steps cost; what several of them read is read once."""

    planned: PlannedStudy
    counts: Mapping[str, int]
    _sizes: dict[tuple[object, ...], _Size] = field(default_factory=dict)
    _evaluated: dict[tuple[str, str], int] = field(default_factory=dict)
    _lengths: dict[str, float] = field(default_factory=dict)
    _instances: dict[str, int] = field(default_factory=dict)
    _hashes: FileHashes = field(default_factory=FileHashes)

    def cost(self, step: Step) -> Cost:
        """Of one step."""
        if step.kind == train.KIND:
            return self._of_training(step)
        return self._of_evaluation(step) if step.kind == evaluate.KIND else Cost()

    @cached_property
    def _start(self) -> Checkpoint:
        return find(self.planned.options.model)[""]

    @cached_property
    def _weights(self) -> float:
        """Of the blocks: those of the embeddings are looked up."""
        config = self._start.config
        width = int(config.get("hidden_size", 0))
        return self._start.blocks * (4.0 * width**2 + 2.0 * width * int(config.get("intermediate_size", 4 * width)))

    @cached_property
    def _stored(self) -> int:
        """Bytes of a checkpoint."""
        return sum(file.stat().st_size for file in self._start.weights)

    @cached_property
    def _numbers(self) -> float:
        """All weights, embeddings as well; of pickled ones four bytes each."""
        return self._stored / 4 if self._start.pickled else size_of_weights(self._start.weights)[1]

    @cached_property
    def _loaded(self) -> Loaded:
        device = resolve("cpu", "auto")
        return without_model(self._start, load_tokenizer(self._start), encoder_class(self._start), device)

    def _of_training(self, step: Step) -> Cost:
        work: Any = step.work
        options = train.options_of(work["options"])
        phase = specify(
            options,
            parent_key=work["parent_key"],
            hashes=self._hashes,
            device=foreseen(options.device, options.precision),
        )
        sizes = [self._size(name, options, recipe, phase.tasks.get(name)) for name, recipe in phase.recipes.items()]
        instances, tokens = sum(size.instances for size in sizes), sum(size.instances * size.length for size in sizes)
        self._lengths[step.id] = sizes[-1].length
        if chosen := step.parents.get(train.SUBSET):
            number = self._chosen(self.planned.graph.steps[chosen])
            instances, tokens = number, number * tokens / max(1, instances)
        self._instances[step.id] = instances
        steps = phase.recipe.total_steps(max(1, instances))
        seen = steps * phase.recipe.batch_size * tokens / max(1, instances)
        passes = 1 + phase.recipe.adversarial_steps * bool(phase.recipe.adversarial_epsilon)
        checked = phase.recipe.dev_checks(instances, steps) * sum(size.dev_tokens for size in sizes)
        operations = self._weights * (TRAINING * seen * passes + FORWARD * checked)
        written = self._stored * len(phase.members)
        moved = 0 if options.low_rank else UPDATED * self._numbers * steps
        return Cost(seen, operations, steps, moved, written)

    def _chosen(self, step: Step) -> int:
        """Instances of a subset: a share of those that were mapped, or as many as the subset it is a twin of has."""
        if of := step.parents.get(subset.OF):
            return self._chosen(self.planned.graph.steps[of])
        work: Any = step.work
        return int(work["share"] * self._instances[step.parents[subset.MAP]])

    def _size(self, name: str, options: FinetuneOptions, recipe: Recipe, task: Any) -> _Size:
        """Of a member of a phase."""
        from xharness.train.data import objective, read, read_text

        read_by = (options.data, options.examples, options.where, tuple(options.translations))
        known = (name, *read_by, recipe.max_length, recipe.selection)
        if known not in self._sizes:
            reckoned = self.counts.get(name)
            read_all = options if reckoned is None else replace(options, examples=None)
            data = read(name, read_all, recipe, task) if task else read_text(options)[name]
            some = data.train[:: max(1, len(data.train) // SAMPLE)][:SAMPLE]
            made = objective(name, replace(data, train=some, dev={}), self._loaded, recipe, None)
            lengths = [instance.length for instance in made.instances]
            taken = options.examples if task else None  # text is not examples
            number = len(data.train) if reckoned is None else min(taken or reckoned, reckoned)
            dev = sum(len(each.examples) for each in data.dev.values())
            self._sizes[known] = _Size(
                round(number * len(lengths) / len(some)), float(np.mean(lengths)), dev * sum(lengths) / len(some)
            )
        return self._sizes[known]

    def _of_evaluation(self, step: Step) -> Cost:
        work: Any = step.work
        length = self._lengths.get(step.parents.get(train.MODEL, ""), UNTRAINED_LENGTH)
        examples = sum(self._examples(name, work) for name in work["tasks"].split(","))
        return Cost(examples * length, FORWARD * self._weights * examples * length)

    def _examples(self, name: str, work: Any) -> int:
        """Examples that are evaluated of a task, over its languages."""
        data = DataFolder.open(self.planned.options.data, names=[name])
        task = open_registry(self.planned.options.tasks_from).task(name)
        wanted = work["languages"].split(",") if work["languages"] else None
        total = 0
        for language in data.languages(task):
            if wanted is None or language in wanted:
                if (name, language) not in self._evaluated:
                    self._evaluated[name, language] = len(data.load(task, language).examples)
                number = self._evaluated[name, language]
                total += min(number, work["limit"]) if work["limit"] else number
        return total
