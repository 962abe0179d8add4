"""What an objective is: units (what an optimizer step counts as an example), their loss, and what all types share.

Every loss is a sum with the weight that it is to be divided by, so that an optimizer step means the same however its
units are cut into micro-batches.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from xharness.checkpoints.checkpoint import Head
from xharness.compute.loading import Loaded
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.recipe import Recipe
from xharness.train.substitution import WordSubstitution

if TYPE_CHECKING:
    import torch

IGNORED = -100  # target of a position that has no loss


@dataclass(frozen=True, slots=True)
class Unit:
    """One example of an optimizer step.

    Attributes:
        id: Of the example that it was made from.
        rows: Token ids; one row, or one a choice.
        types: Token types of each row; None entries where the model takes none.
        target: Label; label of each token; first and last token of the answer; or number of the right choice.
        weight: What the unit counts in the mean over a step: 1, or its number of labelled tokens.
        example: Place of the example among the training examples.
        part: Number of the unit among those of its example (segments of a sentence, windows of a context).
    """

    id: str
    rows: tuple[list[int], ...]
    types: tuple[list[int] | None, ...]
    target: tuple[int, ...]
    weight: int
    example: int = 0
    part: int = 0

    @property
    def length(self) -> int:
        """Tokens that it takes in a batch: its longest row times its rows."""
        return max(map(len, self.rows)) * len(self.rows)


class Objective(ABC):
    """Training examples of one task as units, and the loss of a batch of them.

    Attributes:
        can_substitute: Whether words of its examples may be replaced by synonyms.
        augment: Makes another unit of a unit's example, given the unit and the number of the optimizer step.
    """

    head: ClassVar[Head]
    can_substitute: ClassVar[bool] = True
    augment: Callable[[Unit, int], Unit] | None = None

    @classmethod
    def build(cls, _name: str, task: Task, examples: Sequence[Any], loaded: Loaded, recipe: Recipe) -> Objective:
        """The objective of a task's training examples, for the tokenizer of ``loaded``.

        Args:
            _name: Of the member of the mixture.

        Raises:
            UserError: an example without a label.
        """
        labels = cls.labels_for(task, examples)
        return cls(task, labels, cls.make_units(task, labels, examples, loaded, recipe))

    @classmethod
    def labels_for(cls, _task: Task, _examples: Sequence[Any]) -> Sequence[str]:
        """Labels of the head's outputs; empty where they have none."""
        return ()

    @classmethod
    @abstractmethod
    def make_units(
        cls, task: Task, labels: Sequence[str], examples: Sequence[Any], loaded: Loaded, recipe: Recipe
    ) -> list[Unit]:
        """Units of training examples, which are of the task's type.

        Raises:
            UserError: an example without a label.
        """

    @classmethod
    def answer_settings(cls, _task: Task, _recipe: Recipe) -> object:
        """Settings of the type's answerer with which dev is answered during training."""
        return None

    @classmethod
    def substitute(cls, example: Any, _words: WordSubstitution) -> Any:
        """The example with words drawn anew; types that cannot tell what may change leave it as it is."""
        return example

    def __init__(self, task: Task, labels: Sequence[str], units: Sequence[Unit]) -> None:
        self.task, self.labels, self.units = task, tuple(labels), units

    def view(self, number: int, step: int) -> Unit:
        """Unit ``number`` as optimizer step ``step`` sees it; masking and augmentation differ from step to step."""
        return self.augment(self.units[number], step) if self.augment else self.units[number]

    def read(self, _units: Sequence[Unit], _width: int, /) -> torch.Tensor | None:
        """True at the tokens of a micro-batch whose vectors the loss reads, shape (rows, width); None for all."""
        return None

    @abstractmethod
    def compute(self, head: Any, inputs: Mapping[str, torch.Tensor], units: Sequence[Unit]) -> torch.Tensor:
        """Summed loss of a micro-batch."""


class HeadObjective(Objective):
    """An objective whose loss follows from the head's own output."""

    def compute(self, head: Any, inputs: Mapping[str, torch.Tensor], units: Sequence[Unit]) -> torch.Tensor:
        """See :meth:`Objective.compute`."""
        return self.loss(head(**inputs), units)

    @abstractmethod
    def loss(self, output: Any, units: Sequence[Unit]) -> torch.Tensor:
        """Summed loss of the model's output for these units."""


def targets_of_tokens(units: Sequence[Unit], width: int) -> torch.Tensor:
    """Targets of units that have one a token, of shape (units, ``width``), on the processor; IGNORED at padding."""
    import torch

    return torch.tensor([[*unit.target, *[IGNORED] * (width - len(unit.target))] for unit in units])


def first_tokens(units: Sequence[Unit], width: int) -> torch.Tensor:
    """True at the first token of each row: what heads for pairs and choices read."""
    import torch

    rows = sum(len(unit.rows) for unit in units)
    return (torch.arange(width) == 0).expand(rows, width)


def cross_entropy(logits: torch.Tensor, targets: Sequence[int] | torch.Tensor) -> torch.Tensor:
    """Summed in fp32; IGNORED targets count nothing."""
    import torch

    wanted = torch.as_tensor(targets, device=logits.device)
    return torch.nn.functional.cross_entropy(logits.float(), wanted, reduction="sum", ignore_index=IGNORED)


def next_part(units: Sequence[Unit], example: int) -> int:
    """The number of the next unit among those of its example."""
    return units[-1].part + 1 if units and units[-1].example == example else 0


def label_number(task: Task, label: str | int | None, numbers: Mapping[str, int], identity: str) -> int:
    """The number of a label."""
    if label is None or str(label) not in numbers:
        raise UserError(
            f"training example {identity} of {task.name} has the label {label!r}",
            f"{task.name} knows {', '.join(numbers)}",
            "fix the training data",
        )
    return numbers[str(label)]
