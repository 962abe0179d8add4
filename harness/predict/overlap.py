"""A card computes one batch while the processor uses the outputs of the one before and prepares the next.

A card does later, one after the other, what it is told to. So a batch's outputs are told to be copied to memory before
the next batch is told to be computed, and are waited for only then. Nothing of this has run on a card: tests have a
double of :class:`Card`, whose copies are there when they were waited for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from xharness.compute.device import send
from xharness.compute.replicas import Model
from xharness.predict.outputs import from_names, tensors_by_name
from xharness.tasks.common.memory import of_memory, out_of_memory

if TYPE_CHECKING:
    import torch

Work = TypeVar("Work")
Output = Callable[[], Any]  # waits for the output of a batch that was begun
Begin = Callable[["Mapping[str, torch.Tensor]"], Output]


class Card:
    """A CUDA device, which the processor does not wait for."""

    def __init__(self, device: str) -> None:
        self._device = device

    def send(self, tensor: torch.Tensor) -> torch.Tensor:
        """A tensor on the card, as soon as the card has come so far."""
        return send(tensor, self._device)

    def fetch(self, tensor: torch.Tensor) -> torch.Tensor:
        """A tensor in memory that has its values only when :meth:`mark` was waited for."""
        return tensor.to("cpu", non_blocking=True)

    def mark(self) -> Callable[[], None]:
        """What waits until the card has done all that it was told so far."""
        import torch

        event: torch.Event = torch.cuda.current_stream(self._device).record_event()
        return event.synchronize


@dataclass(frozen=True)
class Runner:
    """A model as batches are given to it.

    Attributes:
        begin: Begins a batch.
        ahead: How many further batches are begun before a batch's output is waited for.
    """

    begin: Begin
    ahead: int


def on_card(model: Model, card: Card) -> Runner:
    """A model on a card."""

    def begin(inputs: Mapping[str, torch.Tensor]) -> Output:
        output = model(**{name: card.send(value) for name, value in inputs.items()})
        copies = {name: card.fetch(value) for name, value in tensors_by_name(output).items()}
        wait = card.mark()

        def waited() -> Any:
            wait()
            return from_names(copies)

        return waited

    return Runner(begin, ahead=1)


def at_once(model: Model) -> Runner:
    """A model that has its output when it returns."""

    def begin(inputs: Mapping[str, torch.Tensor]) -> Output:
        output = model(**inputs)
        return lambda: output

    return Runner(begin, ahead=0)


class InOrder(Generic[Work]):
    """Finishes work in the order in which it began, each piece when ``ahead`` others have begun after it."""

    def __init__(self, finish: Callable[[Work], None], ahead: int) -> None:
        self._finish, self._ahead = finish, ahead
        self._begun: deque[Work] = deque()

    def add(self, work: Work) -> None:
        """Work that has begun.

        Raises:
            UserError: memory is short for work that began earlier, so that trying this one in parts would not help.
        """
        self._begun.append(work)
        if len(self._begun) <= self._ahead:
            return
        try:
            self._finish(self._begun.popleft())
        except (RuntimeError, MemoryError) as error:
            if self._begun and out_of_memory(error):
                raise of_memory(error) from error
            raise

    def end(self) -> None:
        """Finish what is left."""
        while self._begun:
            self._finish(self._begun.popleft())
