"""Adversarial training in the space of word embeddings, as Huang et al. 2021 (arXiv 2104.08645) train for transfer.

Words of other languages lie near their translations, not on them; a model that answers the same in a ball around each
word embedding also answers the same for them. The loss of a step becomes

    min over weights of  max over ||delta_i|| <= epsilon  of  loss(embedding(x_i) + delta_i)

with a delta of its own for every token i, special tokens included and padding excluded, in the L2 norm. The maximum
is approached by projected gradient ascent (Madry et al. 2018): delta starts uniformly in the ball; each of the
``steps`` moves it by ``step size`` along its gradient, normalised token by token, and back into the ball. The weights
then learn from the last delta only. Each ascent costs a forward and a backward pass. With 0 steps the random start
stays: the random perturbation of the same paper (randomised smoothing).

The start depends on seed, optimizer step and example, and each ascent on the example's own gradient: micro-batches
change nothing but rounding, and an interrupted training continues with the same perturbations.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch

from xharness.tasks.common.errors import UserError
from xharness.tasks.recipe import Recipe
from xharness.train.objectives.base import TrainingInstance

if TYPE_CHECKING:
    from transformers import PreTrainedModel

ASCENT = 2.0**10  # times the loss, so that fp16 loses no small gradient; only its direction counts, and its bits stay


class Adversary:
    """Perturbs the input embeddings of one encoder while a loss is computed, and at no other time."""

    def __init__(self, encoder: PreTrainedModel, recipe: Recipe) -> None:
        self.epsilon, self.steps, self.seed = recipe.adversarial_epsilon, recipe.adversarial_steps, recipe.seed
        self.step_size = recipe.adversarial_step_size or recipe.adversarial_epsilon
        self._delta: torch.Tensor | None = None
        self._width = _input_embeddings(encoder, self._perturb)

    def adversarial_loss(
        self, loss: Callable[[], torch.Tensor], instances: Sequence[TrainingInstance], step: int
    ) -> torch.Tensor:
        """The loss of a micro-batch at the perturbation that the ascent finds.

        Args:
            loss: Computes the summed loss of ``instances``, padded on the right, in order.
            step: Number of the optimizer step.
        """
        rows = [row for instance in instances for row in instance.rows]
        real = torch.zeros(len(rows), max(map(len, rows)), 1)
        for number, row in enumerate(rows):
            real[number, : len(row)] = 1
        delta = self._start(instances, real, step)
        try:
            for _ in range(self.steps):
                self._delta = delta.requires_grad_()
                (gradient,) = torch.autograd.grad(loss() * ASCENT, self._delta)
                delta = self._ascended(delta.detach(), gradient.float(), real.to(gradient.device))
            self._delta = delta
            return loss()
        finally:
            self._delta = None

    def _perturb(
        self, _module: torch.nn.Module, _inputs: tuple[torch.Tensor, ...], output: torch.Tensor
    ) -> torch.Tensor:
        """Forward hook of the embedding layer."""
        if self._delta is None:
            return output
        if self._delta.device != output.device:
            self._delta = self._delta.to(output.device)
        return output + self._delta.to(output.dtype)

    def _start(self, instances: Sequence[TrainingInstance], real: torch.Tensor, step: int) -> torch.Tensor:
        """Uniform in the ball of every token: a random direction, the radius by the root of the dimension."""
        delta, number = torch.zeros(*real.shape[:2], self._width), 0
        for instance in instances:
            key = hashlib.sha256(
                f"{self.seed}\0{step}\0{instance.id}\0{instance.example}\0{instance.part}".encode(
                    "utf-8", "surrogatepass"
                )
            ).digest()
            generator = torch.Generator().manual_seed(int.from_bytes(key[:7]))
            for row in instance.rows:
                direction = torch.nn.functional.normalize(
                    torch.randn(len(row), self._width, generator=generator), dim=-1
                )
                radius = torch.rand(len(row), 1, generator=generator) ** (1 / self._width)
                delta[number, : len(row)] = self.epsilon * radius * direction
                number += 1
        return delta

    def _ascended(self, delta: torch.Tensor, gradient: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """One step along the gradient of each token, back into its ball."""
        moved = delta.to(gradient.device) + self.step_size * torch.nn.functional.normalize(gradient, dim=-1, eps=1e-30)
        norm = moved.norm(dim=-1, keepdim=True)
        back: torch.Tensor = moved * real * (self.epsilon / norm.clamp(min=self.epsilon))
        return back


def _input_embeddings(encoder: PreTrainedModel, hook: Callable[..., torch.Tensor]) -> int:
    """Put the hook on the layer that turns token ids into vectors; returns their width."""
    try:
        layer = encoder.get_input_embeddings()
    except NotImplementedError:
        layer = None
    if not isinstance(layer, torch.nn.Embedding):
        raise UserError(
            f"{type(encoder).__name__} has no table of word embeddings",
            "adversarial training perturbs its rows",
            "leave adversarial_epsilon at 0, or choose another architecture",
        )
    layer.register_forward_hook(hook)
    return int(layer.embedding_dim)
