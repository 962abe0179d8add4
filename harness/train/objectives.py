"""What one kind of task is trained on: units (what an optimizer step counts as an example) and their loss.

Every loss is a sum with the weight that it is to be divided by, so that an optimizer step means the same however its
units are cut into micro-batches.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.checkpoint import Head
from harness.loading import Loaded
from harness.predict.answer import make_windows
from harness.predict.frame import single_frame
from harness.predict.pairs import encode_pairs
from harness.predict.spans import SpanOptions
from harness.predict.tag import segment
from tasks.base import ChoiceQuestion, Kind, SentencePair, SpanQuestion, TaggedSentence, Task
from tasks.errors import UserError

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
        augment: Makes another unit of a unit's example, given the unit and the number of the optimizer step.
    """

    head: Head
    augment: Callable[[Unit, int], Unit] | None = None

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


class PairObjective(HeadObjective):
    """Cross-entropy over the labels of a pair."""

    head = Head.SEQUENCE

    def read(self, units: Sequence[Unit], width: int) -> torch.Tensor | None:
        """See :meth:`Objective.read`."""
        return _first_tokens(units, width)

    def loss(self, output: Any, units: Sequence[Unit]) -> torch.Tensor:
        """See :meth:`HeadObjective.loss`."""
        return _cross_entropy(output.logits, [unit.target[0] for unit in units])


class TagObjective(HeadObjective):
    """Cross-entropy over the tags of first pieces."""

    head = Head.TOKEN

    def read(self, units: Sequence[Unit], width: int) -> torch.Tensor | None:
        """See :meth:`Objective.read`."""
        return targets_of_tokens(units, width) != IGNORED

    def loss(self, output: Any, units: Sequence[Unit]) -> torch.Tensor:
        """See :meth:`HeadObjective.loss`."""
        targets = targets_of_tokens(units, output.logits.shape[1])
        return _cross_entropy(output.logits.flatten(0, 1), targets.flatten())


class SpanObjective(HeadObjective):
    """Mean of the cross-entropies over first and last token of the answer; position 0 where the window has none."""

    head = Head.SPAN

    def loss(self, output: Any, units: Sequence[Unit]) -> torch.Tensor:
        """See :meth:`HeadObjective.loss`. Padding can be no answer."""
        import torch

        width = output.start_logits.shape[1]
        lengths = torch.tensor([len(unit.rows[0]) for unit in units], device=output.start_logits.device)
        padding = torch.arange(width, device=lengths.device)[None, :] >= lengths[:, None]
        starts, ends = (
            logits.masked_fill(padding, torch.finfo(logits.dtype).min)
            for logits in (output.start_logits, output.end_logits)
        )
        first = _cross_entropy(starts, [unit.target[0] for unit in units])
        return (first + _cross_entropy(ends, [unit.target[1] for unit in units])) / 2


class ChoiceObjective(HeadObjective):
    """Cross-entropy over the choices of a question, each scored by itself."""

    head = Head.CHOICE

    def read(self, units: Sequence[Unit], width: int) -> torch.Tensor | None:
        """See :meth:`Objective.read`."""
        return _first_tokens(units, width)

    def loss(self, output: Any, units: Sequence[Unit]) -> torch.Tensor:
        """See :meth:`HeadObjective.loss`. Questions may have different numbers of choices."""
        import torch

        scores = output.logits.reshape(-1).split([len(unit.rows) for unit in units])
        table = torch.nn.utils.rnn.pad_sequence(list(scores), batch_first=True, padding_value=float("-inf"))
        return _cross_entropy(table, [unit.target[0] for unit in units])


def targets_of_tokens(units: Sequence[Unit], width: int) -> torch.Tensor:
    """Targets of units that have one a token, of shape (units, ``width``), on the processor; IGNORED at padding."""
    import torch

    return torch.tensor([[*unit.target, *[IGNORED] * (width - len(unit.target))] for unit in units])


def _first_tokens(units: Sequence[Unit], width: int) -> torch.Tensor:
    """True at the first token of each row: what heads for pairs and choices read."""
    import torch

    rows = sum(len(unit.rows) for unit in units)
    return (torch.arange(width) == 0).expand(rows, width)


def _cross_entropy(logits: torch.Tensor, targets: Sequence[int] | torch.Tensor) -> torch.Tensor:
    """Summed in fp32; IGNORED targets count nothing."""
    import torch

    wanted = torch.as_tensor(targets, device=logits.device)
    return torch.nn.functional.cross_entropy(logits.float(), wanted, reduction="sum", ignore_index=IGNORED)


def make_objective(
    task: Task, examples: Sequence[Any], loaded: Loaded, *, max_length: int, spans: SpanOptions
) -> Objective:
    """Units of training examples for the tokenizer of ``loaded``.

    Raises:
        UserError: an example without a label.
    """
    if task.kind not in OBJECTIVES:
        raise UserError(f"{task.name} cannot be trained", f"{task.kind} needs no head", "see: xharness tasks list")
    labels = (task.labels or _labels_of(examples)) if task.kind in (Kind.PAIR, Kind.TAGGING) else ()
    units = make_units(task, labels, examples, loaded, max_length=max_length, spans=spans)
    return OBJECTIVES[task.kind](task, labels, units)


OBJECTIVES: dict[Kind, type[HeadObjective]] = {
    Kind.PAIR: PairObjective,
    Kind.TAGGING: TagObjective,
    Kind.SPAN: SpanObjective,
    Kind.CHOICE: ChoiceObjective,
}


def make_units(
    task: Task, labels: Sequence[str], examples: Sequence[Any], loaded: Loaded, *, max_length: int, spans: SpanOptions
) -> list[Unit]:
    """Units of training examples of a task that has a head.

    Raises:
        UserError: an example without a label.
    """
    limit = min(max_length, loaded.max_tokens)
    match task.kind:
        case Kind.PAIR:
            return _pairs(task, examples, labels, loaded, limit)
        case Kind.TAGGING:
            return _tagged(task, examples, labels, loaded, limit)
        case Kind.SPAN:
            return _spans(task, examples, loaded, spans)
        case _:
            return _choices(task, examples, loaded, limit)


def _labels_of(examples: Sequence[Any]) -> tuple[str, ...]:
    """Labels that a task learns from its training data, sorted."""
    found = {example.label for example in examples if isinstance(example, SentencePair)}
    found |= {tag for example in examples if isinstance(example, TaggedSentence) for tag in example.tags or ()}
    return tuple(sorted(str(label) for label in found))


def _number(task: Task, label: str | int | None, numbers: Mapping[str, int], identity: str) -> int:
    """The number of a label."""
    if label is None or str(label) not in numbers:
        raise UserError(
            f"training example {identity} of {task.name} has the label {label!r}",
            f"{task.name} knows {', '.join(numbers)}",
            "mend the training data",
        )
    return numbers[str(label)]


def _pairs(
    task: Task, examples: Sequence[SentencePair], labels: Sequence[str], loaded: Loaded, limit: int
) -> list[Unit]:
    numbers = {label: number for number, label in enumerate(labels)}
    targets = [_number(task, example.label, numbers, example.id) for example in examples]
    rows, types = encode_pairs(loaded, [e.first for e in examples], [e.second for e in examples], limit)
    return [
        Unit(example.id, (row,), (row_types,), (target,), 1, number)
        for number, (example, row, row_types, target) in enumerate(zip(examples, rows, types, targets, strict=True))
    ]


def _tagged(
    task: Task, examples: Sequence[TaggedSentence], labels: Sequence[str], loaded: Loaded, limit: int
) -> list[Unit]:
    """One unit a segment; a tag that the label set lacks has no loss."""
    frame = single_frame(loaded.tokenizer)
    numbers = {label: number for number, label in enumerate(labels)}
    units: list[Unit] = []
    for piece in segment(loaded, examples, frame, limit):
        example = examples[piece.sentence]
        if example.tags is None:
            raise UserError(
                f"training sentence {example.id} of {task.name} has no tags",
                "tagging learns from tags",
                "mend the data",
            )
        target = [IGNORED] * len(piece.ids)
        for offset, position in enumerate(piece.firsts):
            target[position] = numbers.get(example.tags[piece.first_word + offset], IGNORED)
        labelled = sum(tag != IGNORED for tag in target)
        if labelled:
            types = frame.token_types(len(piece.ids) - frame.size)
            part = _part(units, piece.sentence)
            units.append(Unit(example.id, (piece.ids,), (types,), tuple(target), labelled, piece.sentence, part))
    return units


def _spans(task: Task, examples: Sequence[SpanQuestion], loaded: Loaded, options: SpanOptions) -> list[Unit]:
    """One unit a window. The answer is the first one; windows that do not hold it whole point at position 0."""
    offsets, windows = make_windows(loaded, examples, options)
    units: list[Unit] = []
    for window in windows:
        example = examples[window.question]
        first, last = answer_pieces(example, offsets[example.context])
        inside = window.first <= first and last < window.first + len(window.allowed) and first <= last
        shift = window.offset - window.first
        target = (first + shift, last + shift) if inside else (0, 0)
        part = _part(units, window.question)
        units.append(Unit(example.id, (window.ids,), (window.types,), target, 1, window.question, part))
    if not units:
        raise UserError(f"{task.name} has no training questions", "its file holds none", "check the training data")
    return units


def _part(units: Sequence[Unit], example: int) -> int:
    """The number of the next unit among those of its example."""
    return units[-1].part + 1 if units and units[-1].example == example else 0


def answer_pieces(question: SpanQuestion, offsets: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """First and last context piece of the first answer, by character offsets; (1, 0) if there is no answer.

    Pieces may begin with the space before a word, so a piece holds the characters that are not white space.
    """
    if not question.answers or not question.answers[0][0]:
        return 1, 0
    text, start = question.answers[0]
    end = start + len(text)
    held = [i for i, (begin, stop) in enumerate(offsets) if begin < end and stop > start]
    real = [i for i in held if question.context[max(start, offsets[i][0]) : min(end, offsets[i][1])].strip()]
    return (real[0], real[-1]) if real else (1, 0)


def _choices(task: Task, examples: Sequence[ChoiceQuestion], loaded: Loaded, limit: int) -> list[Unit]:
    first = [e.first for e in examples for _ in e.choices]
    rows, types = encode_pairs(loaded, first, [choice for e in examples for choice in e.choices], limit)
    units, start = [], 0
    for place, example in enumerate(examples):
        own = slice(start, start + len(example.choices))
        numbers = {str(number): number for number in range(len(example.choices))}
        target = _number(task, example.label, numbers, example.id)
        units.append(Unit(example.id, tuple(rows[own]), tuple(types[own]), (target,), 1, place))
        start = own.stop
    return units
