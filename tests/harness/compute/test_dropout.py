"""Dropout drops what it says, keeps the expectation, and belongs to texts whatever stands beside them."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from xharness.compute import kernels
from xharness.compute.dropout import BITS, BLOCK, FIRST, GAMMA, SECOND, _table, drop, instances, own_dropout
from xharness.train.configured import BY_INTERFACE, BY_LAYER, by_micro_batch


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_share_scale_and_gradient(probability: float) -> None:
    torch.manual_seed(0)
    inputs = torch.ones(301, 333, requires_grad=True)
    dropped = drop(inputs, probability)
    gone = dropped == 0
    error = 4 * (probability * (1 - probability) / inputs.numel()) ** 0.5
    assert float(gone.float().mean()) == pytest.approx(probability, abs=error)
    assert torch.allclose(dropped[~gone], torch.tensor(1 / (1 - probability)), rtol=1e-4)
    torch.autograd.backward(dropped.sum())
    assert inputs.grad is not None
    assert torch.equal(inputs.grad, dropped.detach())


def test_the_table_has_the_exact_share_in_every_column() -> None:
    table = _table(6554, torch.float32, torch.device("cpu"))[0]
    assert table.shape == (2**BITS, BLOCK)
    assert (table == 0).sum(0).tolist() == [6554] * BLOCK


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_narrow_format_rounds_once(dtype: torch.dtype) -> None:
    """Values and gradients are those of fp32, rounded."""
    found = []
    for wide in (False, True):
        torch.manual_seed(0)
        inputs = torch.randn(40, 77).to(dtype)
        given = inputs.float().requires_grad_() if wide else inputs.requires_grad_()
        dropped = drop(given, 0.1)
        torch.autograd.backward(dropped, torch.randn(40, 77).to(dtype).to(given.dtype))
        assert given.grad is not None
        assert dropped.dtype is given.grad.dtype is given.dtype
        found.append([each.detach().to(dtype) for each in (dropped, given.grad)])
    assert all(map(torch.equal, *found))


@pytest.mark.parametrize("shape", [(1 << 14, 64), (64, 1 << 14), (1 << 20, 1)], ids=str)
def test_neighbours_are_independent(shape: tuple[int, int]) -> None:
    """Within a vector, from vector to vector, and from call to call."""
    torch.manual_seed(0)
    first, second = ((drop(torch.ones(shape), 0.5) == 0).double() - 0.5 for _ in range(2))
    flat, turned = first.flatten(), first.T.flatten()
    pairs = [(each[distance:], each[:-distance]) for each in (flat, turned) for distance in (*range(1, 9), 16, 64)]
    for one, other in [*pairs, (flat, second.flatten())]:
        assert abs(float((one * other).mean())) < 0.25 * 5 / (1 << 10)


def test_the_seed_decides() -> None:
    draws = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        draws.append(drop(torch.ones(7, 143), 0.3))
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_nothing_and_everything(probability: float) -> None:
    assert torch.equal(drop(torch.ones(3, 9), probability), torch.full((3, 9), 1 - probability))


def test_masks_are_a_function_of_integers() -> None:
    """The same in plain Python, so the same on every device."""

    def signed(number: int) -> int:
        return (number + 2**63) % 2**64 - 2**63

    def mix(state: int) -> int:
        state = signed((state ^ (state >> 30)) * FIRST)
        return signed((state ^ (state >> 27)) * SECOND)

    keys, width, calls = [3, -(2**62), 12345], 37, []
    table = _table(19661, torch.float32, torch.device("cpu"))[0]
    torch.manual_seed(7)
    with instances(torch.tensor(keys)):
        found = drop(torch.ones(3, 5, width), 0.3)
    torch.manual_seed(7)
    calls.append(int(torch.empty((), dtype=torch.int64).random_(-(2**63), None)))
    for text, key in enumerate(keys):
        for place in range(5):
            state = mix(signed(key + place * GAMMA))
            for feature in range(width):
                row = (mix(signed(state + signed((feature // BLOCK) * GAMMA + calls[0]))) >> 48) + 2**15
                assert found[text, place, feature] == table[row, feature % BLOCK]


def test_layers_are_as_before_afterwards() -> None:
    model = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Linear(4, 4))
    inputs = torch.ones(50, 4)
    with own_dropout(model):
        torch.manual_seed(0)
        dropped = model[0](inputs)
        assert 0 < int((dropped == 0).sum()) < 200
        assert torch.equal(model.eval()[0](inputs), inputs)
    assert "forward" not in vars(model[0])
    torch.manual_seed(0)
    assert not torch.equal(model.train()[0](inputs), dropped)


SIZES = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48, "vocab_size": 90,
    "max_position_embeddings": 64, "pad_token_id": 1,
}  # fmt: skip
OWN: dict[str, dict[str, Any]] = {
    "deberta-v2": {"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "position_buckets": 16},
    "distilbert": {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48},
    "modernbert": {"attention_dropout": 0.1, "mlp_dropout": 0.1, "embedding_dropout": 0.1, "cls_token_id": 2},
    "rembert": {"input_embedding_size": 16, "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1},
    "albert": {"embedding_size": 16, "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1},
    "t5": (t5 := {"d_model": 32, "num_layers": 2, "num_heads": 4, "d_kv": 8, "d_ff": 48}),
    "mt5": t5,
}
LENGTHS = (3, 40, 17, 1, 38)


@pytest.mark.parametrize("family", [*BY_INTERFACE, *BY_LAYER])
def test_a_text_loses_the_same_alone_and_among_others(family: str) -> None:
    import transformers

    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(family, **(SIZES | OWN.get(family, {})))
    auto = transformers.AutoModelForTextEncoding if family in ("t5", "mt5") else transformers.AutoModel
    encoder = auto.from_config(config).train()
    assert by_micro_batch(encoder.config, "cpu", False) is None
    ids = torch.randint(5, 90, (len(LENGTHS), 40))
    keys = torch.randint(-(2**63), 2**63 - 1, (len(LENGTHS),))

    def vectors(texts: list[int], step: int = 0) -> list[torch.Tensor]:
        lengths = torch.tensor([LENGTHS[text] for text in texts])
        mask = (torch.arange(int(lengths.max())) < lengths[:, None]).long()
        torch.manual_seed(step)
        with torch.no_grad(), kernels.faster_training(encoder), instances(keys[texts]):
            found = encoder(input_ids=ids[texts, : mask.shape[1]], attention_mask=mask).last_hidden_state
        return [one[:length] for one, length in zip(found, lengths.tolist(), strict=True)]

    together = vectors([0, 1, 2, 3, 4])
    for text, length in enumerate(LENGTHS):
        (alone,) = vectors([text])
        torch.testing.assert_close(alone, together[text], atol=2e-5, rtol=1e-4)
        assert length == 1 or not torch.allclose(vectors([text], 1)[0], alone, atol=1e-3)
    torch.testing.assert_close(vectors([4, 2])[1], together[2], atol=2e-5, rtol=1e-4)


def test_where_masks_cannot_belong_to_instances() -> None:
    import transformers

    def why(family: str, device: str = "cpu", compiled: bool = False, **more: Any) -> str | None:
        return by_micro_batch(transformers.AutoConfig.for_model(family, **more), device, compiled)

    assert why("bert", "cuda:1") == "attention on a GPU is fused with its dropout"
    assert why("bert", "cuda", attention_probs_dropout_prob=0.0) is None
    assert why("deberta-v2", "cuda") is None
    assert why("mt5", "cuda") == "attention on a GPU is fused with its dropout"
    assert why("bert", compiled=True) == "--compile makes code of its own for dropout"
    assert why("xlnet") == "xlnet drops where xharness does not reach"
    assert why("qwen2") is None
    assert why("xlnet", compiled=True, dropout=0.0, summary_last_dropout=0.0) is None
