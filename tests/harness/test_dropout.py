"""Dropout drops what it says, keeps the expectation, and is gone from the model afterwards."""

from __future__ import annotations

import pytest
import torch

from harness.dropout import drop, faster_dropout


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_share_scale_and_gradient(probability: float) -> None:
    torch.manual_seed(0)
    inputs = torch.ones(301, 333, requires_grad=True)
    dropped = drop(inputs, probability)
    gone = dropped == 0
    error = 4 * (probability * (1 - probability) / inputs.numel()) ** 0.5
    assert float(gone.float().mean()) == pytest.approx(probability, abs=error)
    assert torch.allclose(dropped[~gone], torch.tensor(1 / (1 - probability)), rtol=1e-4)
    dropped.sum().backward()
    assert inputs.grad is not None
    assert torch.equal(inputs.grad, dropped.detach())


def test_neighbours_are_independent() -> None:
    torch.manual_seed(0)
    gone = (drop(torch.ones(1 << 20), 0.5) == 0).double() - 0.5
    for distance in range(1, 9):  # four elements share a word
        assert abs(float((gone[distance:] * gone[:-distance]).mean())) < 0.25 * 5 / (1 << 10)


def test_the_seed_decides() -> None:
    draws = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        draws.append(drop(torch.ones(1001), 0.3))
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_nothing_and_everything(probability: float) -> None:
    assert torch.equal(drop(torch.ones(9), probability), torch.full((9,), 1 - probability))


def test_layers_are_as_before_afterwards() -> None:
    model = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Linear(4, 4))
    inputs = torch.ones(50, 4)
    with faster_dropout(model):
        torch.manual_seed(0)
        dropped = model[0](inputs)
        assert 0 < int((dropped == 0).sum()) < 200
        assert torch.equal(model.eval()[0](inputs), inputs)
    assert "forward" not in vars(model[0])
    torch.manual_seed(0)
    assert not torch.equal(model.train()[0](inputs), dropped)
