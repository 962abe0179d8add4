"""What makes a phase the phase that it is, known before an example is read: its specification, and the key of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from xharness.checkpoints.checkpoint import Checkpoint
from xharness.compute.device import Device
from xharness.tasks.base import Task
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.common.keys import content_key
from xharness.tasks.intermediate import mlm
from xharness.tasks.readers.lines import read_lines
from xharness.tasks.recipe import Recipe
from xharness.tasks.synonyms import Synonyms
from xharness.train.configured import by_micro_batch, trained_config
from xharness.train.data_files import DataFiles
from xharness.train.mixture_options import described_options
from xharness.train.options import FinetuneOptions

VERSION = 2
"""Of identities. Those of version 1, which do not name it, were made after examples were read and encoded."""

BATCH_TOKENS = {"cpu": 2048}  # more than for answering: a pass backward has more that costs by itself


@dataclass(frozen=True)
class PhaseSpecification:
    """One phase as it was asked for, checked; nothing of it depends on what an example holds.

    Attributes:
        tasks: What the model is for, by the name of the task that it is trained on.
        parent: The checkpoint that training starts from.
        parent_key: The key of the phase that made the parent, or the parent's fingerprint if that is not known.
        recipes: By member of the mixture; they differ in :data:`xharness.train.recipes.OF_TASK` only.
        files: By member.
        processes: That train together.
        keeps_head: Whether the parent's head is trained on, as the reference does between Social IQa and COPA.
        notes: What a user should know about how it came together.
    """

    options: FinetuneOptions
    tasks: Mapping[str, Task]
    parent: Checkpoint
    parent_key: str
    recipes: Mapping[str, Recipe]
    files: Mapping[str, DataFiles]
    synonyms: Synonyms | None
    device: Device
    processes: int
    keeps_head: bool = False
    notes: Sequence[str] = ()

    @property
    def recipe(self) -> Recipe:
        """Of the whole phase: the first task's."""
        return next(iter(self.recipes.values()))

    @property
    def text(self) -> list[str]:
        """Members that are text in one language."""
        return [name for name in self.files if name not in self.tasks]

    @property
    def members(self) -> dict[str, str]:
        """Checkpoints that come out, by name, and the member whose head each holds; languages of text share one."""
        return {mlm.TASK.name if name in self.text else name: name for name in self.files}

    @property
    def batch_tokens(self) -> int:
        """Tokens that are computed in a micro-batch, at most."""
        return self.options.batch_tokens or BATCH_TOKENS.get(self.device.name, self.device.batch_tokens)

    @cached_property
    def by_micro_batch(self) -> str | None:
        """Why the masks of dropout depend on the cut into micro-batches, in words; None if they do not."""
        return by_micro_batch(trained_config(self.parent, self.recipe), self.device.name, self.options.compile)

    @cached_property
    def key(self) -> str:
        """Hash of the identity."""
        return content_key(self.identity)

    @cached_property
    def identity(self) -> dict[str, Json]:
        """Everything that decides what comes out, by name; a resumed phase must have the same."""
        options = self.options
        return {
            "version": VERSION,
            "parent": self.parent_key,
            "precision": self.device.precision,
            "seed": self.recipe.seed,
            "recipe": {name: numbers_of(recipe.record()) for name, recipe in self.recipes.items()},
            "data": {name: files.train_hash for name, files in self.files.items()},
            "select_on": options.select_on,
            "dev": {name: dict(files.dev) for name, files in self.files.items()},
            "subset": self._subset,
            "synonyms": self.synonyms.sha if self.synonyms else None,
            "mixture": self._mixture if len(self.files) > 1 else None,
            "grouped": options.mixture.grouped,
            "task_weights": dict(options.task_weights),
            **({"head": "the parent's"} if self.keeps_head else {}),
            **({"lora": low_rank.record()} if (low_rank := options.low_rank) else {}),
            "dropout": {"by": "micro-batch", **self._cut} if self.by_micro_batch else {"by": "instance"},
        }

    @property
    def _subset(self) -> dict[str, Json]:
        """Which of the examples are taken."""
        options = self.options
        draws = options.examples or any(recipe.selection.examples is not None for recipe in self.recipes.values())
        return {
            "examples": options.examples,
            "data_seed": options.data_seed if draws else None,
            "where": options.where,
            "translations": sorted(options.translations),
            "select": sorted(" ".join(read_lines(options.select)[0]).split()) if options.select else None,
        }

    @property
    def _mixture(self) -> dict[str, Json]:
        """How the members are mixed; their shares follow from it and from the data."""
        ratio, alpha = self.options.share_of_text
        text = {"text": {"ratio": ratio if len(self.text) < len(self.files) else 1.0, "alpha": alpha}}
        return {**described_options(self.options.mixture), **(text if self.text else {})}

    @property
    def _cut(self) -> dict[str, int]:
        """What decides how a step is cut into micro-batches."""
        return {"batch_tokens": self.batch_tokens, "processes": self.processes}


def numbers_of(recipe: JsonObject) -> dict[str, Json]:
    """A recipe as identities have it: without the name, which says nothing, and the seed, a field of its own."""
    return {name: value for name, value in recipe.items() if name not in ("name", "seed")}
