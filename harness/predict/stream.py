"""One stream of inputs through a model: planned batches, padding on the right, no gradients."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Required, TypedDict

import numpy as np

from xharness.compute import batches
from xharness.compute.batches import IntArray
from xharness.compute.device import send
from xharness.compute.loading import Loaded
from xharness.compute.replicas import Make, Model, Shared
from xharness.compute.throughput import Throughput
from xharness.predict.journal import Journal, Stream
from xharness.predict.overlap import Begin, Card, InOrder, Output, Runner, at_once, on_card
from xharness.tasks.common.errors import UserError

if TYPE_CHECKING:
    import torch

Progress = Callable[[float], None]
Halved = Callable[[int], None]
Use = Callable[[IntArray, Any], None]  # the output is whatever the model, or what was made of it, returns


@dataclass(frozen=True)
class Begun:
    """A batch that was begun, its size with padding, and what waits for its output."""

    batch: IntArray
    padded: int
    output: Output


class Streaming(TypedDict, total=False):
    """How inputs stream through a model; see :func:`stream`."""

    batch_tokens: Required[int]
    progress: Progress | None
    on_halved: Halved | None
    journal: Journal | None


def bare(loaded: Loaded) -> Model:
    """The model as it is."""
    model: Model = loaded.model
    return model


def by_first_token(loaded: Loaded) -> Model:
    """The model, whose head reads the first token of an input: the last block computes no other, if it need not."""
    from xharness.compute.last_block import first_token_only

    def model(**inputs: torch.Tensor) -> Any:
        with first_token_only(loaded.model.base_model):
            return loaded.model(**inputs)

    return model


def stream(
    loaded: Loaded,
    ids: Sequence[Sequence[int]],
    types: Sequence[Sequence[int] | None],
    use: Use,
    *,
    batch_tokens: int,
    make: Make = bare,
    progress: Progress | None = None,
    on_halved: Halved | None = None,
    journal: Journal | None = None,
) -> Throughput:
    """Run every input through the model, and its replicas if it has any, and hand each batch's output to ``use``.

    Args:
        ids: Token ids of each input, special tokens included. An input without any token becomes one padding token.
        types: Token types of each input; None entries where the model takes none.
        use: Called with the indices of a batch and the model's output for it; one call at a time. Of an output that is
            not one tensor it may read :data:`xharness.predict.outputs.OUTPUTS`: no other is brought from a card.
        batch_tokens: Bound on padded tokens in a batch.
        make: What is called with a batch, made of the loaded model; a top-level function or a partial of one.
        progress: Told the fraction of tokens done.
        on_halved: Told the new bound in tokens when memory runs out.
        journal: Keeps outputs as they come; batches whose outputs it has are not run, and not counted.
    """
    import torch

    ids = [row or [loaded.pad_id] for row in ids]
    lengths = np.array([len(row) for row in ids], dtype=np.int64)
    with journal.open(ids, types, batch_tokens) if journal else nullcontext() as kept:
        planned = batches.plan(lengths, batch_tokens)
        left = _not_known(planned, kept, use) if kept else planned
        computed = int(sum(lengths[batch].sum() for batch in left))
        total, done, padded = max(1, int(lengths.sum())), int(lengths.sum()) - computed, 0
        started = time.perf_counter()
        one_at_a_time = threading.Lock()

        def begin(model: Begin, batch: IntArray) -> Begun:
            inputs = pad(loaded, [ids[i] for i in batch], [types[i] for i in batch], "cpu")
            with torch.inference_mode():
                return Begun(batch, inputs["input_ids"].numel(), model(inputs))

        def finish(begun: Begun) -> None:
            nonlocal done, padded
            with torch.inference_mode():
                output = begun.output()
                with one_at_a_time:
                    use(begun.batch, output)
                    if kept:
                        kept.add(begun.batch, output)
                    done += int(lengths[begun.batch].sum())
                    padded += begun.padded
                    if progress:
                        progress(done / total)

        _run_all(loaded, make, left, lengths, (begin, finish), on_halved)
    return Throughput(sum(map(len, left)), computed, padded, time.perf_counter() - started)


def _not_known(planned: Sequence[IntArray], kept: Stream, use: Use) -> list[IntArray]:
    """What is left of a plan when the outputs that are kept have been used."""
    known = np.zeros(sum(map(len, planned)), dtype=bool)
    for batch, output in kept.known():
        use(batch, output)
        known[batch] = True
    left = (batch[~known[batch]] for batch in planned)
    return [batch for batch in left if len(batch)]


def _run_all(
    loaded: Loaded,
    make: Make,
    planned: Sequence[IntArray],
    lengths: IntArray,
    answering: tuple[Callable[[Begin, IntArray], Begun], Callable[[Begun], None]],
    on_halved: Halved | None,
) -> None:
    """Every batch through the model or one of its replicas, whichever is free."""
    begin, finish = answering
    with ThreadPoolExecutor(max(1, len(loaded.replicas))) as pool:  # all load at the same time
        others = pool.map(lambda replica: replica.prepare(make), loaded.replicas)
        runners = [_own(make(loaded), loaded.device.name), *map(at_once, others)]
    waiting = Shared(planned)

    def work(runner: Runner) -> None:
        begun = InOrder(finish, runner.ahead)
        with waiting:
            batches.run(waiting, lengths, lambda batch: begun.add(begin(runner.begin, batch)), on_halved=on_halved)
            begun.end()

    if len(runners) == 1:
        work(runners[0])
    else:
        with ThreadPoolExecutor(len(runners)) as pool, waiting:  # an interruption comes to this thread
            list(pool.map(work, runners))


def _own(model: Model, device: str) -> Runner:
    """The model of this process. Inputs come from the processor: those of replicas must not wait for its card."""
    if device.startswith("cuda"):
        return on_card(model, Card(device))
    return at_once(lambda **inputs: model(**{name: value.to(device) for name, value in inputs.items()}))


def require_finite(logits: torch.Tensor, loaded: Loaded) -> torch.Tensor:
    """The logits themselves. Raises UserError where the model overflowed: nothing can be chosen among such numbers."""
    if not bool(logits.isfinite().all()):
        precision = loaded.device.precision
        raise UserError(
            "the model's outputs are not finite numbers",
            f"it overflowed in {precision}, or its weights hold such numbers",
            "use --precision fp32" if precision != "fp32" else "check the weights of the checkpoint",
        )
    return logits


def pad(
    loaded: Loaded, rows: Sequence[Sequence[int]], types: Sequence[Sequence[int] | None], device: str | None = None
) -> dict[str, torch.Tensor]:
    """Tensors of a batch, padded on the right to its longest row.

    Args:
        device: Where they are; by default that of the model.

    Raises:
        UserError: a text spells a special token that the model has no vector for.
    """
    import torch

    width = max(len(row) for row in rows)
    highest = max(map(max, rows))
    if highest >= loaded.words:
        raise UserError(
            f"a text holds the special token {loaded.tokenizer.convert_ids_to_tokens(highest)}",
            f"its id is {highest}, and the model has vectors for {loaded.words} tokens",
            "take this token out of the tokenizer's files, or out of the text",
        )

    place = device or loaded.device.name

    def tensor(values: Sequence[Sequence[int]], filler: int) -> torch.Tensor:
        return send(torch.tensor([[*row, *[filler] * (width - len(row))] for row in values]), place)

    inputs = {
        "input_ids": tensor(rows, loaded.pad_id),
        "attention_mask": tensor([[1] * len(row) for row in rows], 0),
    }
    if types[0] is not None:
        inputs["token_type_ids"] = tensor([row or [] for row in types], 0)
    return inputs
