"""Several processes that train one phase together: one a device, on one machine or on several.

:mod:`xharness.train.launching` has how they are started and meet. Every process prepares the same phase and cuts each
optimizer step into the same micro-batches; it computes those that are dealt to it, and one sum over the processes makes
the gradient of the whole step, because losses are divided by the weight of the whole step before. All processes then
make the same update. The main process alone writes, evaluates and speaks.

Processes agree through gloo, on the processor; on GPUs gradients are summed by NCCL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from xharness.compute.batches import plan
from xharness.runs.identity import differences
from xharness.tasks.common.errors import UserError, first_line
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.common.memory import out_of_memory
from xharness.train.micro_batch_plan import count_unpadded

if TYPE_CHECKING:
    import torch

Result = TypeVar("Result")

BUCKET = 2**26  # gradients that are summed in one go


@dataclass(frozen=True)
class ProcessGroup:
    """The processes of a training as one of them sees them; by default it is alone.

    Attributes:
        number: Of this process, from 0, which is the main one.
        size: How many there are.
    """

    number: int = 0
    size: int = 1

    @property
    def main(self) -> bool:
        """True in the process that writes, evaluates and speaks."""
        return self.number == 0

    # -- agreeing -----------------------------------------------------------------------------------------------------

    def together(self, action: Callable[[], Result]) -> Result:
        """What ``action`` returns here, once it has succeeded in every process.

        Raises:
            UserError: it failed in any of them.
        """
        if self.size == 1:
            return action()
        result, error = _attempted(action)
        told = self._exchanged(_tellable(error, self.number))
        if error:  # the main process tells what people can fix
            raise error if self.main or not isinstance(error, UserError) else quiet(error)
        if failure := next((each for each in told if each), None):
            raise failure if self.main else quiet(failure)
        assert result is not None
        return result[0]

    def by_main(self, action: Callable[[], Result]) -> Result:
        """What ``action`` returns in the main process; the others wait for it.

        Raises:
            UserError: it failed there.
        """
        if self.size == 1:
            return action()
        result, error = _attempted(action) if self.main else (None, None)
        told, failure = self._exchanged((result, _tellable(error, 0)))[0]
        if error:
            raise error
        if failure:
            raise quiet(failure)
        return told[0]  # type: ignore[no-any-return]

    @contextmanager
    def held_by_main(self, context: AbstractContextManager[object]) -> Iterator[None]:
        """A context, such as a lock, that the main process enters for all."""
        self.by_main(lambda: context.__enter__() and None)
        try:
            yield
        finally:
            if self.main:
                context.__exit__(None, None, None)

    def check_same(self, facts: JsonObject) -> None:
        """Refuse to train on what is not the same everywhere.

        Raises:
            UserError: naming the fields that differ.
        """
        if self.size == 1:
            return
        of_main = self._exchanged(dict(facts) if self.main else None)[0]

        def compare() -> None:
            if differing := differences(of_main, facts):
                raise UserError(
                    f"process {self.number} of {self.size} prepared another training than the main process",
                    "; ".join(differing),
                    "give every machine the same files and the same versions",
                )

        self.together(compare)

    def gathered(self, numbers: torch.Tensor) -> torch.Tensor:
        """The numbers of every process. Shape (n,) to (processes, n)."""
        import torch

        if self.size == 1:
            return numbers[None]
        found = [torch.empty_like(numbers) for _ in range(self.size)]
        with _connected():
            torch.distributed.all_gather(found, numbers)
        return torch.stack(found)

    def _exchanged(self, value: Any) -> list[Any]:
        """The value of every process, in order."""
        import torch

        found: list[Any] = [None] * self.size
        with _connected():
            torch.distributed.all_gather_object(found, value)
        return found

    # -- sharing the work ---------------------------------------------------------------------------------------------

    def budget(self, groups: Sequence[Sequence[int]], most: int, padding: bool = True) -> int:
        """Bound in tokens on a micro-batch with which every process gets about the same of a step.

        Alone it is ``most``. Else it is as small as it can be without more rounds of micro-batches than ``most`` needs:
        a step that would fit on one device is cut into one piece a process, the largest of them as small as can be.

        Args:
            groups: Lengths of the step's examples, by what can be in one micro-batch.
            most: What fits in memory.
            padding: Whether padding is computed.
        """
        if self.size == 1:
            return most

        def pieces(budget: int) -> int:
            return sum(len(plan(lengths, budget)) if padding else count_unpadded(lengths, budget) for lengths in groups)

        allowed = -(-pieces(most) // self.size) * self.size
        low, high = 1, most
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if pieces(middle) <= allowed else (middle + 1, high)
        return high

    def dealt(self, costs: Sequence[int]) -> list[int]:
        """The pieces of work that this process does: the largest first, each to the process that has least so far.

        With fewer pieces than processes some get none. The same costs are dealt alike everywhere.
        """
        loads, mine = [0] * self.size, []
        for piece in sorted(range(len(costs)), key=lambda piece: -costs[piece]):
            process = loads.index(min(loads))
            loads[process] += costs[piece]
            if process == self.number:
                mine.append(piece)
        return sorted(mine)

    def in_rounds(self, kinds: Sequence[str]) -> list[tuple[int, bool]]:
        """The pieces of work that this process does where all must do the same kind at the same time.

        Returns:
            Numbers of pieces, and whether the piece counts: one that stands in for a missing piece does not.
        """
        rounds = []
        for kind in dict.fromkeys(kinds):
            pieces = [piece for piece, of in enumerate(kinds) if of == kind]
            for start in range(0, len(pieces), self.size):
                mine = start + self.number
                rounds.append((pieces[min(mine, len(pieces) - 1)], mine < len(pieces)))
        return rounds

    def sum_gradients(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        """Add up the gradients of all processes; one that a process has not computed counts as 0.

        Args:
            parameters: Those that have a gradient in any process, the same in all.
        """
        import torch

        if self.size == 1:
            return
        with _connected():
            for bucket in _buckets(parameters):
                parts = [torch.zeros_like(p) if p.grad is None else p.grad for p in bucket]
                flat = torch.cat([part.reshape(-1) for part in parts])
                torch.distributed.all_reduce(flat)
                for parameter, part in zip(bucket, torch.split(flat, [p.numel() for p in bucket]), strict=True):
                    parameter.grad = part.view_as(parameter)


def quiet(error: UserError) -> UserError:
    """An error that another process tells: the command line of this one ends without a word."""
    error.told = True  # type: ignore[attr-defined]
    return error


def _attempted(action: Callable[[], Result]) -> tuple[tuple[Result] | None, Exception | None]:
    """The result in a tuple, or the error."""
    try:
        return (action(),), None
    except Exception as error:  # whatever it is, the others must not wait for ever
        return None, error


def _tellable(error: Exception | None, number: int) -> UserError | None:
    """An error as other processes can raise it."""
    if error is None or isinstance(error, UserError):
        return error
    said = first_line(error)
    return UserError(f"process {number} failed", f"{type(error).__name__}: {said}", "see what it printed")


@contextmanager
def _connected() -> Iterator[None]:
    """Say it in plain words if a process is gone.

    Raises:
        UserError: one is.
    """
    try:
        yield
    except RuntimeError as error:
        if out_of_memory(error):
            raise
        raise UserError(
            "a process of this training is gone",
            "it was killed, perhaps because memory was short, or the machines cannot reach each other",
            "run the same command again: it continues from the last saved state",
        ) from error


def _buckets(parameters: Sequence[torch.nn.Parameter]) -> Iterator[list[torch.nn.Parameter]]:
    """Parameters of one type of numbers, about BUCKET numbers at a time."""
    bucket: list[torch.nn.Parameter] = []
    for parameter in parameters:
        full = sum(p.numel() for p in bucket) + parameter.numel() > BUCKET
        if bucket and (full or parameter.dtype != bucket[0].dtype):
            yield bucket
            bucket = []
        bucket.append(parameter)
    if bucket:
        yield bucket
