"""The same model on several devices: one process a device, each answering whole batches.

Batches are planned once for all devices, so the answers are those of one device; whoever is free takes the next batch,
longest first, which spreads the work by tokens.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing.connection import Connection
from types import SimpleNamespace, TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from xharness.tasks.common.errors import UserError, first_line
from xharness.tasks.common.memory import out_of_memory

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from xharness.compute.device import Device

Element = TypeVar("Element")
IGNORED = (signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)
"""Signals that come to all processes of a terminal or a job: the one that asks decides, and ends the others."""
Model = Callable[..., Any]
Load = Callable[[], Any]  # loads a model; picklable
Make = Callable[[Any], Model]  # from a loaded model to what is called with a batch; a picklable top-level function


class Replica:
    """A process with a model of its own on its device. It ends with this object, and with the program."""

    def __init__(self, load: Load, device: Device, threads: int) -> None:
        context = multiprocessing.get_context("spawn")  # CUDA does not survive a fork
        self.device = device
        self._pipe, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, load, device, threads), daemon=True)
        process.start()
        theirs.close()
        self._end = weakref.finalize(self, _stop, self._pipe, process)

    def prepare(self, make: Make) -> Model:
        """What ``make`` makes of the process' model, called here and computed there."""
        self._ask(make)
        return self._ask

    def _ask(self, *message: Any, **inputs: Any) -> Any:
        """Send a batch (or what to make of the model) and wait for the answer.

        Raises:
            UserError: what the process could say for users, or that it died.
            RuntimeError: its memory is short, in words that :func:`xharness.tasks.common.memory.out_of_memory` knows.
        """
        try:
            self._pipe.send(message[0] if message else _plain(inputs))
            done, answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise UserError(
                f"the process of device {self.device.name} is gone",
                "it was killed, perhaps because memory was short",
                "run the same command again: what is done stays done; or name fewer devices",
            ) from error
        if not done:
            raise answer
        return _tensors(answer)


def _stop(pipe: Connection, process: BaseProcess) -> None:
    pipe.close()
    process.join(1)
    process.terminate()


def _serve(pipe: Connection, load: Load, device: Device, threads: int) -> None:
    """The process: load, then make or answer until the pipe closes."""
    import torch

    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    torch.set_num_threads(threads)
    loaded: Any = None
    model: Model | None = None
    while True:
        try:
            message = pipe.recv()
        except EOFError:
            os._exit(0)
        try:
            loaded = loaded or load()
            if callable(message):
                model, answer = message(loaded), {}
            else:
                assert model is not None
                with torch.inference_mode():
                    answer = _plain(model(**{n: v.to(device.name) for n, v in _tensors(message, False).items()}))
            pipe.send((True, answer))
        except UserError as error:
            pipe.send((False, error))
        except Exception as error:  # the message is all that can be sent of every type
            kind = RuntimeError if out_of_memory(error) else UserError
            pipe.send((False, RuntimeError(str(error)) if kind is RuntimeError else _failure(device, error)))


def _failure(device: Device, error: Exception) -> UserError:
    said = first_line(error)
    return UserError(
        f"the process of device {device.name} failed", f"{type(error).__name__}: {said}", "try one device alone"
    )


def _plain(values: Any) -> Any:
    """Tensors as arrays in memory; bf16, which numpy lacks, as fp32. What a model takes and returns is its own."""
    import torch

    if isinstance(values, torch.Tensor):
        return (values.float() if values.dtype is torch.bfloat16 else values).cpu().numpy()
    return {name: _plain(value) for name, value in values.items() if isinstance(value, torch.Tensor)}


def _tensors(values: Any, attributes: bool = True) -> Any:
    """The inverse of :func:`_plain`; a mapping becomes an object with attributes, as models return."""
    import torch

    if not isinstance(values, Mapping):
        return torch.from_numpy(values)
    found = {name: torch.from_numpy(value) for name, value in values.items()}
    return SimpleNamespace(**found) if attributes else found


class Shared(Generic[Element]):
    """Items that several threads take from, each item once. Where a block within it fails, nothing is left for any."""

    def __init__(self, items: Sequence[Element]) -> None:
        self._lock, self._source = threading.Lock(), iter(items)

    def __iter__(self) -> Iterator[Element]:
        """What is left for this thread."""
        while True:
            with self._lock:
                item = list(itertools.islice(self._source, 1))
            if not item:
                return
            yield item[0]

    def __enter__(self) -> None:
        """A block that may fail, or be interrupted."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind:
            with self._lock:
                self._source = iter(())
