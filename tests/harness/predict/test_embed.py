"""Embeddings equal pooling ``output_hidden_states`` by hand, for every architecture, block and pooling."""

from __future__ import annotations

import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import Tiny
from tests.models import ARCHITECTURES
from xharness.checkpoints import checkpoint
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, load
from xharness.predict.layers import POOLINGS
from xharness.tasks.common.errors import UserError

CPU = Device("cpu", "fp32")
TEXTS = ["Bada lomi, kupe!", "山", "Бада ломи дува", "bada", "lomi " * 30, "", "bada", "บดาลม"]
LAYERS = 3


def loaded(folder: Path) -> Loaded:
    return load(checkpoint.inspect(folder), checkpoint.Head.ENCODER, CPU)


def embed(encoder: Loaded, texts: list[str], layers: Any = (1, 2, 3), **options: Any) -> Any:
    from xharness.predict.embed import embed as real

    chosen: dict[str, Any] = {"pooling": "mean", "max_length": 64, "batch_tokens": 64, **options}
    return real(encoder, texts, **chosen, layers=layers)


def by_hand(encoder: Loaded, text: str, pooling: str, max_length: int = 64) -> np.ndarray:
    """Vectors of one text at every block, one text a pass, by the definition. Shape (blocks, width)."""
    import torch

    inputs = encoder.tokenizer([text], return_tensors="pt", return_special_tokens_mask=True)
    special = inputs.pop("special_tokens_mask")[0].bool()
    assert inputs["input_ids"].shape[1] <= max_length
    if not inputs["input_ids"].shape[1]:
        inputs = {"input_ids": torch.tensor([[encoder.pad_id]]), "attention_mask": torch.ones(1, 1, dtype=torch.int64)}
        special = torch.tensor([False])
    with torch.inference_mode():
        states = encoder.model(**inputs, output_hidden_states=True).hidden_states[1:]
    tokens = ~special if pooling == "mean-no-special" and not special.all() else torch.ones_like(special)
    weights = torch.arange(1, len(special) + 1)[:, None]
    ways: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        "cls": lambda state: state[0],
        "last-token": lambda state: state[-1],
        "max": lambda state: state.max(0).values,
        "weighted-mean": lambda state: (state * weights).sum(0) / weights.sum(),
    }

    def mean(state: torch.Tensor) -> torch.Tensor:
        return state[tokens].mean(0)

    pool = ways.get(pooling, mean)
    return torch.stack([pool(state[0]) for state in states]).numpy()


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_block_equals_hidden_states_by_hand(tiny: Tiny, architecture: str, pooling: str) -> None:
    encoder = loaded(tiny(architecture, "encoder", layers=LAYERS))
    found = embed(encoder, TEXTS, pooling=pooling, batch_tokens=48)
    wanted = np.stack([by_hand(encoder, text, pooling) for text in TEXTS], axis=1)
    assert found.vectors.shape == (LAYERS, len(TEXTS), 32)
    assert found.vectors.dtype == np.float32
    np.testing.assert_allclose(found.vectors, wanted, atol=1e-5)
    for layer in (1, 2, 3):
        alone = embed(encoder, TEXTS, [layer], pooling=pooling)
        np.testing.assert_allclose(alone.vectors[0], wanted[layer - 1], atol=1e-5)
    if pooling != "cls" or architecture != "qwen2":  # a causal model's first token knows nothing of the others
        assert not np.allclose(found.vectors[:, 0], found.vectors[:, 2], atol=1e-3)


@pytest.mark.parametrize(
    ("architecture", "options"),
    [
        ("deberta-v2", {"conv_kernel_size": 3, "relative_attention": True, "pos_att_type": ["c2p"]}),
        ("albert", {"embedding_size": 16}),  # one block used three times
        ("xlm", {"emb_dim": 32, "n_layers": 3, "n_heads": 2}),  # blocks in several lists
        ("llama", {"num_key_value_heads": 1}),
        ("distilbert", {"dim": 32, "n_layers": 3, "n_heads": 2, "hidden_dim": 64}),
    ],
)
def test_architectures_with_something_of_their_own(tiny: Tiny, architecture: str, options: dict[str, Any]) -> None:
    import torch
    from transformers import AutoConfig, AutoModel

    bert = loaded(tiny("bert", "encoder"))
    sizes = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 64}
    config = AutoConfig.for_model(
        architecture, **(sizes | options), vocab_size=len(bert.tokenizer), pad_token_id=0, initializer_range=0.2
    )
    torch.manual_seed(0)
    bert.tokenizer.model_input_names = ["input_ids", "attention_mask"]
    encoder = Loaded(AutoModel.from_config(config).eval(), bert.tokenizer, CPU, 512, 0)
    wanted = np.stack([by_hand(encoder, text, "mean") for text in TEXTS], axis=1)
    np.testing.assert_allclose(embed(encoder, TEXTS).vectors, wanted, atol=1e-5)
    np.testing.assert_allclose(embed(encoder, TEXTS, [2]).vectors[0], wanted[1], atol=1e-5)


def test_no_block_runs_above_the_highest_and_the_model_stays_whole(tiny: Tiny) -> None:
    encoder = loaded(tiny("xlm-roberta", "encoder", layers=LAYERS))
    whole = embed(encoder, TEXTS).vectors
    ran: list[int] = []
    blocks = encoder.model.encoder.layer
    hooks = [block.register_forward_hook(lambda *_, n=n: ran.append(n)) for n, block in enumerate(blocks, 1)]
    low = embed(encoder, TEXTS, [1, 2])
    assert set(ran) == {1, 2}
    for hook in hooks:
        hook.remove()
    np.testing.assert_allclose(low.vectors, whole[:2], atol=1e-6)
    np.testing.assert_array_equal(embed(encoder, TEXTS).vectors, whole)
    assert not any(module._forward_pre_hooks for module in encoder.model.modules())


def test_equal_texts_are_encoded_once_and_get_equal_vectors(tiny: Tiny) -> None:
    encoder = loaded(tiny("bert", "encoder"))
    found = embed(encoder, ["bada", "lomi kupe", "bada", "bada"], [2, 1])
    assert found.throughput.examples == 2
    assert found.layers == (2, 1)
    assert (found.vectors[:, [0, 2, 3]] == found.vectors[:, [0]]).all()
    assert not np.allclose(found.vectors[:, 0], found.vectors[:, 1])
    assert set(found.by_layer()) == {1, 2}
    np.testing.assert_allclose(
        found.by_layer()[2], embed(encoder, ["bada", "lomi kupe", "bada", "bada"], [2]).vectors[0]
    )


@pytest.mark.parametrize("architecture", ["xlm-roberta", "modernbert", "qwen2"])
def test_answers_do_not_depend_on_the_batch_size(tiny: Tiny, architecture: str) -> None:
    encoder = loaded(tiny(architecture, "encoder"))
    one, many = (embed(encoder, TEXTS, [1, 2], batch_tokens=size) for size in (1, 10_000))
    np.testing.assert_allclose(one.vectors, many.vectors, atol=1e-5)
    assert one.throughput.tokens == many.throughput.tokens == one.throughput.padded_tokens
    assert many.throughput.padded_tokens > many.throughput.tokens
    assert 0 < many.throughput.padding_share < 1


def test_padding_and_truncation_stored_in_the_tokenizer_do_not_leak_in(tiny: Tiny) -> None:
    encoder = loaded(tiny("bert", "encoder"))
    plain = embed(encoder, TEXTS, [2])
    encoder.tokenizer.backend_tokenizer.enable_padding(length=128)
    encoder.tokenizer.backend_tokenizer.enable_truncation(4)
    stored = embed(encoder, TEXTS, [2])
    np.testing.assert_array_equal(stored.vectors, plain.vectors)
    assert stored.throughput.tokens == plain.throughput.tokens


def test_long_texts_are_cut_to_the_smaller_limit(tiny: Tiny) -> None:
    encoder = loaded(tiny("xlm-roberta", "encoder"))
    text = "lomi " * 2000
    assert embed(encoder, [text], [1], max_length=20).throughput.tokens == 20
    assert embed(encoder, [text], [1], max_length=10_000).throughput.tokens == encoder.max_tokens == 512


def test_memory_that_runs_out_halves_the_batch_and_says_so(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    encoder = loaded(tiny("bert", "encoder"))
    plain = embed(encoder, TEXTS, [1, 2], batch_tokens=10_000)
    real, bounds = type(encoder.model).forward, list[int]()

    def small(self: Any, input_ids: torch.Tensor, **inputs: Any) -> Any:
        if len(input_ids) > 2:
            raise RuntimeError("CUDA out of memory. Tried to allocate more")
        return real(self, input_ids=input_ids, **inputs)

    monkeypatch.setattr(type(encoder.model), "forward", small)
    halved = embed(encoder, TEXTS, [1, 2], batch_tokens=10_000, on_halved=bounds.append)
    assert bounds
    np.testing.assert_allclose(halved.vectors, plain.vectors, atol=1e-5)


def test_no_texts_and_progress(tiny: Tiny) -> None:
    encoder = loaded(tiny("bert", "encoder"))
    assert embed(encoder, [], [1]).vectors.shape == (1, 0, 32)
    told: list[float] = []
    embed(encoder, TEXTS, [1], progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_vectors_on_disk_are_the_same_or_rounded_and_leave_no_file(tiny: Tiny, tmp_path: Path) -> None:
    encoder = loaded(tiny("bert", "encoder"))
    texts = [*TEXTS, TEXTS[0]]
    held, whole, half = (
        embed(encoder, texts, [1, 2], on_disk=folder, half=rounded)
        for folder, rounded in ((None, False), (tmp_path, False), (tmp_path, True))
    )
    assert isinstance(half.by_layer()[2], np.memmap)
    np.testing.assert_array_equal(half.vectors, held.vectors.astype(np.float16))
    assert isinstance(whole.vectors, np.memmap) and whole.vectors.dtype == np.float32
    assert whole.vectors.tobytes() == held.vectors.tobytes()
    assert type(whole.by_layer()[2]) is np.ndarray, "searched like what is in memory"
    assert not list(tmp_path.iterdir())


def test_a_sweep_on_disk_holds_no_more_for_more_blocks(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xharness.predict.embed.PART", 100)  # else what is held while tokenising is the most
    encoder, texts = loaded(tiny("bert", "encoder", layers=LAYERS)), [f"bada {number}" for number in range(2000)]

    def most_held(layers: list[int], folder: Path | None) -> int:
        """Bytes in arrays and other objects of Python at the worst moment."""
        tracemalloc.start()
        embed(encoder, texts, layers, on_disk=folder, batch_tokens=512)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    most_held([1], None)  # what is made once
    one, block = most_held([3], tmp_path), len(texts) * 32 * 4
    assert most_held([1, 2, 3], tmp_path) - one < block / 4
    assert most_held([1, 2, 3], None) - one > 2 * block


def test_vectors_that_the_disk_has_no_room_for_are_refused(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage._replace(free=100))
    with pytest.raises(UserError, match="no room for the vectors of 8 texts"):
        embed(loaded(tiny("bert", "encoder")), TEXTS, [1], on_disk=tmp_path)


def test_texts_are_taken_in_parts(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = loaded(tiny("bert", "encoder"))
    texts = [*TEXTS, TEXTS[0], TEXTS[1]]
    whole = embed(encoder, texts, [1, 2]).vectors
    monkeypatch.setattr("xharness.predict.embed.PART", 3)
    np.testing.assert_array_equal(embed(encoder, texts, [1, 2]).vectors, whole)


def test_vectors_that_are_not_finite_are_refused(tiny: Tiny, tmp_path: Path) -> None:
    import torch

    encoder = loaded(tiny("bert", "encoder"))
    with torch.no_grad():
        encoder.model.encoder.layer[0].output.dense.bias.fill_(float("nan"))
    with pytest.raises(UserError, match="8 of 8 sentence vectors"):
        embed(encoder, TEXTS, [1])
    with torch.no_grad():
        encoder.model.encoder.layer[0].output.dense.bias.zero_()
        encoder.model.encoder.layer[0].output.LayerNorm.bias.fill_(1e5)
    with pytest.raises(UserError, match="half precision ends at 65504"):
        embed(encoder, TEXTS, [1], on_disk=tmp_path, half=True)


@pytest.mark.parametrize("layers", [[], [0], [4], [-1]])
def test_layers_that_the_model_does_not_have_are_a_bug_of_the_caller(tiny: Tiny, layers: list[int]) -> None:
    with pytest.raises(ValueError, match="blocks"):
        embed(loaded(tiny("bert", "encoder", layers=LAYERS)), TEXTS, layers)
