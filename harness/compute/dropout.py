"""Dropout whose masks belong to training instances: whatever they share a micro-batch with, they lose the same numbers.

A mask is a function of integers: the key of a text (made of seed, optimizer step and the instance's place in it), the
number of the call (one layer after the other), and the place within the text: token, head, feature. So it is the same
for any cut into micro-batches, padded or not, on any device and in any process.

Sixteen numbers are dropped at a time: their places are hashed to a row of a table in which every column holds exactly
the wanted share of zeros. Drawing a number of 32 bits for every element, as torch does, takes up to a quarter of the
time of training on a processor, most of all for attention.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

BITS = 16
BLOCK = 16  # numbers that are dropped by one row of the table
SMALLEST = -(2**63)
# Of splitmix64 (Steele et al. 2014), as int64.
GAMMA, FIRST, SECOND = (value - 2**64 for value in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
SHARED = ("pos_dropout",)  # DeBERTa's, of the table of relative positions that all texts look into


@dataclass(frozen=True, eq=False)
class PlacedTokens:
    """Tokens of some texts of a micro-batch, without the others or without padding.

    Attributes:
        texts: Numbers of the texts in the micro-batch; shape (tokens,), or (texts, 1).
        places: Of each token in its text; shape (tokens,), or (texts or 1, tokens).
    """

    texts: torch.Tensor
    places: torch.Tensor


@dataclass
class Instances:
    """The texts of a micro-batch.

    Attributes:
        keys: int64, shape (texts,).
        began: State of torch's generator before the first call.
        rows: Rows of tokens without padding that the model makes of them, by their number of tokens.
        states: What places are hashed to, which is the same in every layer.
    """

    keys: torch.Tensor
    began: torch.Tensor = field(default_factory=torch.get_rng_state)
    rows: Mapping[int, PlacedTokens] = field(default_factory=dict)
    states: dict[Any, torch.Tensor] = field(default_factory=dict)

    def of(self, shape: torch.Size) -> torch.Tensor:
        """A state for every vector along the last dimension of a tensor of ``shape``."""
        if shape not in self.states:
            self.states[shape] = self._states(shape[:-1])
        return self.states[shape]

    def attending(self, tokens: PlacedTokens, heads: int) -> torch.Tensor:
        """A state for every head of every token that looks; shape (texts, heads, tokens)."""
        if tokens not in self.states:
            heads_of = _inside(self.keys[tokens.texts[:, 0]], heads)
            self.states[tokens] = _mix(heads_of[..., None] + tokens.places[:, None] * GAMMA)
        return self.states[tokens]

    def _states(self, shape: torch.Size) -> torch.Tensor:
        if len(shape) == 2 and shape[0] == 1 and shape[1] in self.rows:
            tokens = self.rows[shape[1]]
            return _mix(self.keys[tokens.texts] + tokens.places * GAMMA)[None]
        if shape[0] != len(self.keys):
            raise ValueError(
                f"a tensor of {shape[0]} rows, and {len(self.keys)} texts: dropout cannot tell whose it is"
            )
        return functools.reduce(_inside, shape[1:], self.keys)


# A plain variable, because activations that are computed twice are so by other threads where there is a GPU.
_present: Instances | None = None


@contextmanager
def instances(keys: torch.Tensor | None) -> Iterator[None]:
    """Draw the masks of a micro-batch by these keys, forwards and backwards; None leaves them to the order of draws."""
    global _present
    _present = None if keys is None else Instances(keys)
    try:
        yield
    finally:
        _present = None


@contextmanager
def only(texts: torch.Tensor) -> Iterator[None]:
    """Draw the masks of some texts of the present micro-batch, as if all were computed at once.

    Args:
        texts: Their numbers in the micro-batch.
    """
    global _present
    whole = _present
    if whole is not None:
        _present = Instances(whole.keys[texts.to(whole.keys.device)], whole.began)
        torch.set_rng_state(whole.began)  # where the numbers of the calls come from
    try:
        yield
    finally:
        _present = whole


def in_rows(rows: Mapping[int, PlacedTokens]) -> None:
    """Say how the texts of the present micro-batch stand in rows without padding."""
    if _present is not None:
        _present.rows = rows


def next_call() -> int:
    """The number of a call of dropout: from torch's generator, which computing activations twice sets back."""
    return int(torch.empty((), dtype=torch.int64).random_(SMALLEST, None))


def drop(inputs: torch.Tensor, probability: float, *, shared: bool = False) -> torch.Tensor:
    """``inputs`` with elements set to 0 at random and the others scaled up, so that the expectation stays.

    Args:
        inputs: Texts first; or tokens in one row, shape (1, tokens, width).
        probability: Of an element to go; rounded to a multiple of 2^-16, and the scale goes by the rounded one.
        shared: Whether the input is one for all texts.
    """
    if torch.compiler.is_compiling():
        return torch.dropout(inputs, probability, train=True)
    of = _numbered(inputs.shape[0], inputs.device) if _present is None or shared else _present
    return _dropped(inputs, probability, next_call(), of.of(inputs.shape))


def drop_attention(weights: torch.Tensor, probability: float, call: int, tokens: PlacedTokens) -> torch.Tensor:
    """:func:`drop` for attention of some texts of the micro-batch.

    Args:
        weights: Shape (texts, heads, tokens that look, tokens).
        call: From :func:`next_call`.
        tokens: Those that look.
    """
    of = _present or _numbered(int(tokens.texts.max()) + 1, weights.device)
    return _dropped(weights, probability, call, of.attending(tokens, weights.shape[1]))


def _numbered(texts: int, device: torch.device) -> Instances:
    """Texts that nothing is known of."""
    return Instances(_mix(torch.arange(texts, device=device)))


def _dropped(inputs: torch.Tensor, probability: float, call: int, states: torch.Tensor) -> torch.Tensor:
    """Numbers dropped by the states of the vectors along the last dimension."""
    steps = round(probability * 2**BITS)
    if not 0 < steps < 2**BITS:
        return inputs * float(steps == 0)
    width = inputs.shape[-1]
    blocks = torch.arange(-(-width // BLOCK), device=inputs.device).mul_(GAMMA).add_(call)
    rows = _mix(states[..., None] + blocks).bitwise_right_shift_(64 - BITS).add_(2 ** (BITS - 1))
    table, scale = _table(steps, inputs.dtype, inputs.device)
    kept = table.index_select(0, rows.flatten()).view(*states.shape, len(blocks) * BLOCK)
    dropped = inputs * kept[..., :width]
    return dropped if scale == 1 else dropped.mul_(scale)


@functools.cache
def _table(steps: int, dtype: torch.dtype, device: torch.device) -> tuple[torch.Tensor, float]:
    """What numbers are multiplied by, shape (2^16, 16), and by what then; each column has ``steps`` zeros.

    Formats narrower than fp32 would round the scale, so their table keeps to 0 and 1.
    """
    states = _mix(torch.arange(BLOCK * 2**BITS).view(BLOCK, -1) * GAMMA)
    scale, exact = 2**BITS / (2**BITS - steps), torch.finfo(dtype).bits >= 32
    table = torch.full((BLOCK, 2**BITS), scale if exact else 1.0, dtype=dtype)
    table.scatter_(1, states.argsort(dim=1, stable=True)[:, :steps], 0)
    return table.T.contiguous().to(device), 1.0 if exact else scale


def _inside(states: torch.Tensor, size: int) -> torch.Tensor:
    """States of the places in what each state stands for; one more dimension, of ``size``."""
    return _mix(states[..., None] + torch.arange(size, device=states.device) * GAMMA)


def _mix(states: torch.Tensor) -> torch.Tensor:
    """The finalizer of splitmix64 without its last shift, which moves no bit that is used; shifts keep the sign."""
    states = (states ^ (states >> 30)).mul_(FIRST)
    return states.bitwise_xor_(states >> 27).mul_(SECOND)


def _forward(module: torch.nn.Dropout, inputs: torch.Tensor, *, shared: bool = False) -> torch.Tensor:
    return drop(inputs, float(module.p), shared=shared) if module.training else inputs


@contextmanager
def own_dropout(model: torch.nn.Module) -> Iterator[None]:
    """Let the dropout layers of a model draw their masks by :func:`drop` meanwhile."""
    layers: list[tuple[str, Any]] = [(n, m) for n, m in model.named_modules() if type(m) is torch.nn.Dropout]
    for name, layer in layers:
        layer.forward = functools.partial(_forward, layer, shared=name.endswith(SHARED))
    try:
        yield
    finally:
        for _, layer in layers:
            del layer.forward
