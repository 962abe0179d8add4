"""What an objective is: instances (what an optimizer step counts as an example), their loss, and what all types share.

Every loss is a sum with the weight that it is to be divided by, so that an optimizer step means the same however its
instances are cut into micro-batches.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from xharness.checkpoints.checkpoint import Head
from xharness.compute.device import send
from xharness.compute.loading import Loaded
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.recipe import Recipe
from xharness.tasks.substitution import WordSubstitution

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
    from transformers.utils import ModelOutput

IGNORED = -100  # target of a position that has no loss


@dataclass(frozen=True, slots=True)
class TrainingInstance:
    """One example of an optimizer step.

    Attributes:
        id: Of the example that it was made from.
        rows: Token ids; one row, or one a choice.
        types: Token types of each row; None entries where the model takes none.
        target: Label; label of each token; first and last token of the answer; or number of the right choice.
        weight: What the instance counts in the mean over a step: 1, or its number of labelled tokens.
        example: Place of the example among the training examples.
        part: Number of the instance among those of its example (segments of a sentence, windows of a context).
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


Drawn: TypeAlias = list[tuple[int, TrainingInstance]]
"""Instances with their places among those of an optimizer step."""


class Objective(ABC):
    """Training examples of one task as instances, and the loss of a batch of them.

    Attributes:
        contrasts: Whether instances of a step are negatives of each other, as the recipe's ``negatives`` says.
        chooses: Whether rows are choices, which the head takes with a dimension of their own.
        at_a_time: Tokens that may be computed at a time; an instance that has more is cut by its objective, if it can.
        can_substitute: Whether words of its examples may be replaced by synonyms.
        augment: Makes another instance of an instance's example, given it and the number of the optimizer step.
    """

    head: ClassVar[Head]
    can_substitute: ClassVar[bool] = True
    contrasts: ClassVar[bool] = False
    chooses: ClassVar[bool] = False
    at_a_time: int = 2**63 - 1
    augment: Callable[[TrainingInstance, int], TrainingInstance] | None = None

    @classmethod
    def build(cls, _name: str, task: Task, examples: Sequence[Any], loaded: Loaded, recipe: Recipe) -> Objective:
        """The objective of a task's training examples, for the tokenizer of ``loaded``.

        Args:
            _name: Of the member of the mixture.

        Raises:
            UserError: an example without a label.
        """
        labels = cls.labels_for(task, examples)
        return cls(task, labels, cls.make_instances(task, labels, examples, loaded, recipe))

    @classmethod
    def labels_for(cls, task: Task, examples: Sequence[Any]) -> Sequence[str]:
        """Labels of the head's outputs: the task's, or those that its examples carry, sorted; empty without any."""
        return task.labels or tuple(sorted(task.type.labels_of(examples)))

    @classmethod
    @abstractmethod
    def make_instances(
        cls, task: Task, labels: Sequence[str], examples: Sequence[Any], loaded: Loaded, recipe: Recipe
    ) -> list[TrainingInstance]:
        """Instances of training examples, which are of the task's type.

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

    def __init__(self, task: Task, labels: Sequence[str], instances: Sequence[TrainingInstance]) -> None:
        self.task, self.labels, self.instances = task, tuple(labels), instances

    def instance_at_step(self, number: int, step: int) -> TrainingInstance:
        """Instance ``number`` as optimizer step ``step`` sees it; masking and augmentation differ by step."""
        return self.augment(self.instances[number], step) if self.augment else self.instances[number]

    def own_head(self, _encoder: PreTrainedModel) -> torch.nn.Module | None:
        """A head that no Auto class has; None where :attr:`head` names one."""
        return None

    def together(self, drawn: Drawn) -> Drawn:
        """What of a step makes one instance: each for itself, or groups of them whose loss is one."""
        return drawn

    def positions_read(self, _instances: Sequence[TrainingInstance], _width: int, /) -> torch.Tensor | None:
        """True at the tokens of a micro-batch whose vectors the loss reads, shape (rows, width); None for all."""
        return None

    @abstractmethod
    def compute(
        self, head: PreTrainedModel, inputs: Mapping[str, torch.Tensor], instances: Sequence[TrainingInstance]
    ) -> torch.Tensor:
        """Summed loss of a micro-batch."""


class HeadObjective(Objective):
    """An objective whose loss follows from the head's own output."""

    def compute(
        self, head: PreTrainedModel, inputs: Mapping[str, torch.Tensor], instances: Sequence[TrainingInstance]
    ) -> torch.Tensor:
        """See :meth:`Objective.compute`."""
        return self.loss(head(**inputs), instances)

    @abstractmethod
    def loss(self, output: ModelOutput, instances: Sequence[TrainingInstance]) -> torch.Tensor:
        """Summed loss of the model's output for these instances."""


class FirstTokenObjective(HeadObjective):
    """An objective whose head reads the first token of each row: pairs and choices."""

    def positions_read(self, instances: Sequence[TrainingInstance], width: int) -> torch.Tensor | None:
        """See :meth:`Objective.positions_read`."""
        import torch

        rows = sum(len(instance.rows) for instance in instances)
        return (torch.arange(width) == 0).expand(rows, width)


class LabelObjective(FirstTokenObjective):
    """An objective of one answer out of few: the labels of a text, or the choices of a question.

    Attributes:
        watch: Gets the logits of every micro-batch that is computed, shape (instances, answers).
    """

    watch: Callable[[torch.Tensor], None] | None = None

    @property
    def most_answers(self) -> int:
        """Answers of the instance that has most."""
        return max(len(instance.rows) for instance in self.instances) if self.chooses else len(self.labels)

    @abstractmethod
    def logits(self, output: ModelOutput, instances: Sequence[TrainingInstance]) -> torch.Tensor:
        """Logits of the answers, shape (instances, answers); -inf for a choice that a question does not have."""

    def loss(self, output: ModelOutput, instances: Sequence[TrainingInstance]) -> torch.Tensor:
        """See :meth:`HeadObjective.loss`."""
        logits = self.logits(output, instances)
        if self.watch:
            self.watch(logits.detach())
        return cross_entropy(logits, [instance.target[0] for instance in instances])


def targets_of_tokens(instances: Sequence[TrainingInstance], width: int) -> torch.Tensor:
    """Targets that are one a token, of shape (instances, ``width``), on the processor; IGNORED at padding."""
    import torch

    return torch.tensor([[*instance.target, *[IGNORED] * (width - len(instance.target))] for instance in instances])


def cross_entropy(logits: torch.Tensor, targets: Sequence[int] | torch.Tensor) -> torch.Tensor:
    """Summed in fp32; IGNORED targets count nothing."""
    import torch

    wanted = send(torch.as_tensor(targets), logits.device)
    return torch.nn.functional.cross_entropy(logits.float(), wanted, reduction="sum", ignore_index=IGNORED)


def next_part(instances: Sequence[TrainingInstance], example: int) -> int:
    """The number of the next instance among those of its example."""
    return instances[-1].part + 1 if instances and instances[-1].example == example else 0


def label_number(task: Task, label: str | int | None, numbers: Mapping[str, int], identity: str) -> int:
    """The number of a label."""
    if label is None or str(label) not in numbers:
        raise UserError(
            f"training example {identity} of {task.name} has the label {label!r}",
            f"{task.name} knows {', '.join(numbers)}",
            "fix the training data",
        )
    return numbers[str(label)]
