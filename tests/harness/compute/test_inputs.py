"""What encoders can take is told from their modules: the longest input goes through, and not one token more."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import Tiny
from tests.harness.compute.encoders import FROM_PADDING, LABELS, config_of, save, with_token
from tests.models import tiny_tokenizer
from xharness.checkpoints.checkpoint import Checkpoint, Head, find
from xharness.compute.device import Device
from xharness.compute.inputs import inputs_of
from xharness.compute.loading import encoder_class, load, load_tokenizer, without_model
from xharness.predict.text_classification import classify
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import built_in
from xharness.tasks.types.text_classification import SentencePair
from xharness.train.model import build
from xharness.train.objectives.text_classification import PairObjective
from xharness.train.recipes import resolve

CPU = Device("cpu", "fp32")
FROM_ZERO = ("bert", "albert", "electra", "distilbert", "big_bird", "nystromformer", "mra", "gpt2")
LONG = [SentencePair("1", "bada lomi kupe " * 30, "dava bada " * 30), SentencePair("2", "lomi", "bada")]


def labels(checkpoint: Checkpoint, pairs: list[SentencePair]) -> list[str]:
    return classify(load(checkpoint, Head.SEQUENCE, CPU), pairs, LABELS, max_length=128, batch_tokens=256)[0]


@pytest.mark.parametrize("family", [*FROM_PADDING, *FROM_ZERO])
def test_the_longest_input_goes_through_and_no_longer_one(tmp_path: Path, family: str) -> None:
    import torch

    config = config_of(family)
    config.save_pretrained(tmp_path)
    found = inputs_of(SimpleNamespace(path=tmp_path, model_type=config.model_type))  # type: ignore[arg-type]
    assert found.positions == (50 if family in FROM_ZERO else 48)
    assert found.counted_from == (None if family in FROM_ZERO else 1)
    assert found.words == 120
    encoder: Any = found.encoder(config).eval()

    def run(length: int) -> None:
        ids = torch.full((1, length), 7)
        with torch.inference_mode():
            encoder(input_ids=ids, attention_mask=torch.ones_like(ids))

    run(found.positions)
    with pytest.raises((IndexError, RuntimeError)):
        run(found.positions + 1)


def test_types(tiny: Tiny) -> None:
    def types(architecture: str) -> int | None:
        return inputs_of(find(tiny(architecture, "encoder"))[""]).types

    assert {name: types(name) for name in ("bert", "xlm-roberta", "deberta-v2", "modernbert", "mt5")} == {
        "bert": 2, "xlm-roberta": 1, "deberta-v2": 0, "modernbert": 0, "mt5": 0,
    }  # fmt: skip


def test_segments_without_a_table(tmp_path: Path) -> None:
    """XLNet compares numbers of segments, so that it takes the 2 of its closing token, too."""
    from transformers import XLNetConfig

    XLNetConfig(vocab_size=120, d_model=32, n_layer=2, n_head=2, d_inner=64).save_pretrained(tmp_path)
    found = inputs_of(SimpleNamespace(path=tmp_path, model_type="xlnet"))  # type: ignore[arg-type]
    assert (found.types, found.positions, found.counted_from) == (None, None, None)


def test_a_config_that_cannot_be_built(tiny: Tiny, tmp_path: Path) -> None:
    config_of("bert", hidden_size=33).save_pretrained(tmp_path)
    with pytest.raises(UserError, match=f"cannot build {tmp_path} as AutoModel"):
        inputs_of(SimpleNamespace(path=tmp_path, model_type="bert"))  # type: ignore[arg-type]


@pytest.mark.parametrize("padding", [0, 1, 5])
@pytest.mark.parametrize("family", ["roberta", "longformer"])
def test_long_pairs_are_cut_as_the_authors_tokenizer_cuts_them(tmp_path: Path, family: str, padding: int) -> None:
    """Also where the tokenizer pads with another token than the model counts positions from, and types are too many."""
    import torch

    checkpoint = save(tmp_path, config_of(family, pad_token_id=padding, type_vocab_size=1))
    loaded = load(checkpoint, Head.SEQUENCE, CPU)
    assert loaded.max_tokens == 50 - padding - 1
    assert loaded.model.config.pad_token_id == padding
    cut = {"truncation": True, "max_length": loaded.max_tokens, "return_tensors": "pt", "return_token_type_ids": False}
    wanted = []
    with torch.inference_mode():
        for pair in LONG:
            logits = loaded.model(**load_tokenizer(checkpoint)(pair.first, pair.second, **cut)).logits
            wanted.append(LABELS[int(logits.argmax())])
    assert labels(checkpoint, LONG) == wanted


def test_types_that_the_model_does_not_tell_apart_are_left_out(tmp_path: Path) -> None:
    checkpoint = save(tmp_path, config_of("roberta", type_vocab_size=1))
    assert "token_type_ids" in load_tokenizer(checkpoint)(["a"], ["b"])
    loaded = without_model(checkpoint, load_tokenizer(checkpoint), encoder_class(checkpoint), CPU)
    assert "token_type_ids" not in loaded.tokenizer(["a"], ["b"])


def test_training_counts_positions_as_the_parent_does(tmp_path: Path) -> None:
    """Whatever the tokenizer pads with: 0 here."""
    checkpoint = save(tmp_path, config_of("roberta", pad_token_id=1))
    loaded = without_model(checkpoint, load_tokenizer(checkpoint), encoder_class(checkpoint), CPU)
    assert (loaded.tokenizer.pad_token_id, loaded.pad_id) == (0, 1)
    task = built_in()["xnli"]
    recipe = resolve(task, blocks=2, recipe="reference", overrides=None, sets=())
    built = build(checkpoint, {"xnli": PairObjective(task, LABELS, [])}, recipe, loaded.pad_id)
    assert built.model.encoder.embeddings.position_embeddings.padding_idx == 1
    assert getattr(built.model.heads["xnli"].config, "pad_token_id", None) == 1


# --- ids beyond the word embeddings ----------------------------------------------------------------------------------


def test_a_token_that_the_model_has_no_vector_for(tmp_path: Path) -> None:
    checkpoint = with_token(tmp_path, "Zuerichsee")
    words = inputs_of(checkpoint).words
    with pytest.raises(UserError) as error:
        load(checkpoint, Head.SEQUENCE, CPU)
    assert str(error.value) == (
        f"the tokenizer in {tmp_path} has tokens that the model does not know (Zuerichsee)\n"
        f"  why: its ids go up to {words}, and the model has vectors for {words}\n"
        "  fix: copy the tokenizer of the model that it was trained from, or train it with embeddings for these tokens"
    )


def test_a_special_token_that_the_model_has_no_vector_for_is_refused_where_a_text_spells_it(tmp_path: Path) -> None:
    checkpoint = with_token(tmp_path, "<|pad|>", special=True)
    assert len(labels(checkpoint, LONG)) == 2
    with pytest.raises(UserError, match=r"a text holds the special token <\|pad\|>"):
        labels(checkpoint, [SentencePair("1", "bada <|pad|>", "lomi")])


def test_more_vectors_than_tokens_are_fine(tmp_path: Path) -> None:
    save(tmp_path, config_of("bert"), "bert")
    tiny_tokenizer(tmp_path, "modernbert")  # it has fewer
    checkpoint = find(tmp_path)[""]
    assert len(load_tokenizer(checkpoint)) < (inputs_of(checkpoint).words or 0)
    assert len(labels(checkpoint, LONG)) == 2
