"""What learns: rows of word embeddings as gradients, and which weights decay."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch

from xharness.train.model import WordGradient, parameter_groups

WORDS, WIDTH = 11, 3


class Words(torch.nn.Module):
    """Nothing but an embedding."""

    def __init__(self, **more: Any) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.words = torch.nn.Embedding(WORDS, WIDTH, **more)

    def get_input_embeddings(self) -> torch.nn.Module:
        return self.words

    def learn(self, ids: list[int]) -> None:
        weight = torch.linspace(1, 2, len(ids) * WIDTH).view(len(ids), WIDTH)
        torch.autograd.backward((self.words(torch.tensor(ids)) * weight).sum())


def test_rows_add_up_to_the_whole_gradient_step_by_step() -> None:
    ours, plain = Words(padding_idx=1), Words(padding_idx=1)
    gradient = WordGradient(SimpleNamespace(encoder=ours), wanted=True)  # type: ignore[arg-type]
    matrices = set()
    for step in ([[3, 3, 5], [5, 1, 0]], [[2, 5]], [[7], [7, 8]]):
        for ids in step:
            ours.learn(ids)
            plain.learn(ids)
        gradient.fill()
        assert ours.words.weight.grad is not None and not ours.words.weight.grad.is_sparse
        torch.testing.assert_close(ours.words.weight.grad, plain.words.weight.grad)
        matrices.add(ours.words.weight.grad.data_ptr())
        ours.words.weight.grad = plain.words.weight.grad = None
    assert len(matrices) == 1


def test_a_step_without_words_and_a_whole_gradient_stay_as_they_are() -> None:
    model = Words()
    gradient = WordGradient(SimpleNamespace(encoder=model), wanted=True)  # type: ignore[arg-type]
    gradient.fill()
    assert model.words.weight.grad is None
    torch.autograd.backward(model.words.weight.sum())  # as tied logits over the vocabulary give it
    model.learn([4])
    gradient.fill()
    assert model.words.weight.grad is not None
    assert model.words.weight.grad[4].tolist() == [2.0, 2.5, 3.0]
    assert model.words.weight.grad[5].tolist() == [1.0, 1.0, 1.0]


def test_not_wanted_is_left_alone() -> None:
    model = Words()
    gradient = WordGradient(SimpleNamespace(encoder=model), wanted=False)  # type: ignore[arg-type]
    model.learn([4])
    gradient.fill()
    assert model.words.weight.grad is not None and not model.words.weight.grad.is_sparse


def test_biases_norms_and_frozen_weights_do_not_decay() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.LayerNorm(3), torch.nn.Linear(3, 1))
    model[2].weight.requires_grad_(False)
    decayed, still = parameter_groups(model, 0.1)
    assert (decayed["weight_decay"], still["weight_decay"]) == (0.1, 0.0)
    assert [p.shape for p in decayed["params"]] == [(3, 2)]
    assert len(still["params"]) == 4
