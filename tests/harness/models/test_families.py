"""The table of known models agrees with transformers, and every architecture in it loads, embeds and answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.models import HEADS, NoSuchHeadError, save_tiny
from xharness.checkpoints.architecture import check_architecture, check_head
from xharness.checkpoints.checkpoint import Head, find
from xharness.compute.device import resolve
from xharness.compute.loading import encoder_class, load
from xharness.models.families import FAMILIES, Family, known
from xharness.predict.embed import embed
from xharness.predict.layers import reference_block
from xharness.tasks.common.errors import UserError

DEVICE = resolve("cpu", "fp32")
TEXTS = ["Bada lomi", "Бада ломи, купе!", "山田", ""]
ARCHITECTURES = [*sorted({family.model_type for family in FAMILIES}), "minilm"]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.id)
def test_the_size_is_that_of_the_shape(family: Family) -> None:
    import torch
    import transformers

    config = transformers.AutoConfig.for_model(family.model_type, **family.shape)
    auto = transformers.AutoModelForTextEncoding if family.model_type == "mt5" else transformers.AutoModel
    with torch.device("meta"):
        model = auto.from_config(config)
    assert sum(parameter.numel() for parameter in model.parameters()) == family.parameters
    assert config.num_hidden_layers == family.blocks
    assert family.reference.startswith(f"{reference_block(family.blocks)}/{family.blocks}")


def test_families_are_found_by_name() -> None:
    assert known("google/mt5-base") is known("mT5-base")
    assert known("mt5") is None
    blocks = {family.id: family.reference for family in FAMILIES}
    assert blocks["xlm-roberta-large"] == "14/24"
    assert blocks["jhu-clsp/mmBERT-base"] == "13/22 scaled"


Made = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A tiny model of an architecture under a head; mMiniLM is BERT with XLM-R's kind of tokenizer."""

    def make(architecture: str, head: str) -> Path:
        folder = tmp_path_factory.mktemp(f"{architecture}-{head}")
        tokenizer = "xlm-roberta" if architecture == "minilm" else None
        return save_tiny(folder, "bert" if tokenizer else architecture, head, tokenizer_of=tokenizer)

    return make


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_it_loads_and_embeds_at_every_block(made: Made, architecture: str) -> None:
    (checkpoint,) = find(made(architecture, "encoder")).values()
    check_architecture(checkpoint)
    loaded = load(checkpoint, Head.ENCODER, DEVICE)
    assert type(loaded.model) is encoder_class(checkpoint)
    found = embed(loaded, TEXTS, layers=[1, 2], pooling="mean", max_length=64, batch_tokens=512)
    assert found.vectors.shape == (2, len(TEXTS), 32)
    assert np.isfinite(found.vectors).all()
    assert not np.allclose(found.vectors[0], found.vectors[1])
    assert not np.allclose(found.vectors[1, 0], found.vectors[1, 1])
    alone = embed(loaded, TEXTS[:1], layers=[2], pooling="mean", max_length=64, batch_tokens=512)
    np.testing.assert_allclose(alone.vectors[0, 0], found.vectors[1, 0], atol=1e-5)


@pytest.mark.parametrize("head", [head for head in HEADS if head != "encoder"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_head_loads_or_is_refused(made: Made, architecture: str, head: str) -> None:
    try:
        (checkpoint,) = find(made(architecture, head)).values()
    except NoSuchHeadError:
        (checkpoint,) = find(made(architecture, "encoder")).values()
        with pytest.raises(UserError, match="cannot answer as"):
            check_head(checkpoint, Head(HEADS[head]))
        return
    if architecture == "mt5" and head != "token":
        with pytest.raises(UserError) as error:
            check_architecture(checkpoint)
        assert error.value.why == "transformers' head for it reads the decoder"
        return
    check_architecture(checkpoint)
    assert load(checkpoint, Head(HEADS[head]), DEVICE).model is not None


def test_a_whole_mt5_gives_its_encoder(tmp_path: Path) -> None:
    """The published files hold the decoder, too."""
    import torch
    import transformers

    folder = save_tiny(tmp_path, "mt5", "encoder")
    (encoder,) = find(folder).values()
    config = transformers.AutoConfig.from_pretrained(folder)
    config.is_encoder_decoder = True
    whole = transformers.MT5ForConditionalGeneration(config)
    alone = load(encoder, Head.ENCODER, DEVICE).model
    whole.encoder.load_state_dict(alone.encoder.state_dict())
    whole.save_pretrained(folder)
    (checkpoint,) = find(folder).values()
    assert checkpoint.config["is_encoder_decoder"]
    check_architecture(checkpoint)
    again = load(checkpoint, Head.ENCODER, DEVICE).model
    assert torch.equal(
        again.encoder.block[0].layer[0].SelfAttention.q.weight, alone.encoder.block[0].layer[0].SelfAttention.q.weight
    )


def test_other_encoder_decoders_are_refused_before_their_weights_are_read(made: Made, tmp_path: Path) -> None:
    import json

    folder = made("bert", "encoder")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "mbart", "is_encoder_decoder": True}
    (folder / "config.json").write_text(json.dumps(config))
    (checkpoint,) = find(folder).values()
    with pytest.raises(UserError) as error:
        check_architecture(checkpoint)
    assert error.value.what == f"{folder} is an encoder-decoder (mbart)"
    assert error.value.why == "transformers loads the encoder alone only for mt5, t5, umt5"
