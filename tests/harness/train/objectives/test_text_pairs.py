"""Dual encoders: the loss of groups, the same in plain PyTorch; parts of a group; the checkpoint that comes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.conftest import Tiny
from tests.harness.conftest import Demo
from tests.harness.train.engines import Setting, losses, weights
from tests.harness.train.phases import QUICK, options
from xharness.checkpoints.checkpoint import Head, inspect
from xharness.tasks.common.errors import UserError
from xharness.train.finetune import finetune
from xharness.train.loop.trainer import Trainer

ARCHITECTURES = ("bert", "xlm-roberta")
DROPOUT: dict[str, Any] = {"dropout": 0.1, "attention_dropout": 0.1}


def gradient(trainer: Trainer, step: int = 0) -> dict[str, torch.Tensor]:
    """Of one step, by the name of the weight."""
    with trainer.learner.faster():
        trainer.gradient.of_step(step, lambda _note: None)
    named = trainer.learner.raw.named_parameters()
    found = {name: parameter.grad.clone() for name, parameter in named if parameter.grad is not None}
    trainer.learner.optimizer.zero_grad()
    return found


def plain_loss(setting: Setting, trainer: Trainer, step: int) -> torch.Tensor:
    """The loss of a step in plain PyTorch, a text at a time: groups of four pairs in the order of their drawing."""
    head: Any = trainer.learner.raw.heads["squad_pairs"]
    instances = setting.objectives["squad_pairs"].instances
    drawn = [instances[index] for _, index in trainer.micro_batches.mixture.step(step)]

    def vector(row: list[int]) -> torch.Tensor:
        output = head.encoder(input_ids=torch.tensor([row]))
        pooled: torch.Tensor = {
            "pooler": output.pooler_output[0],
            "cls": output.last_hidden_state[0, 0],
            "mean": output.last_hidden_state[0].mean(0),
        }[head.pooling]
        return torch.nn.functional.normalize(pooled, dim=0)

    total = torch.zeros(())
    for start in range(0, len(drawn), 4):
        queries, documents = zip(*(map(vector, pair.rows) for pair in drawn[start : start + 4]), strict=True)
        scores = head.scale * torch.stack(queries) @ torch.stack(documents).T
        total = total - scores.log_softmax(1).diagonal().sum()
    return total / len(drawn)


@pytest.mark.parametrize("pooling", ["pooler", "cls", "mean"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_loss_and_gradient_are_those_of_plain_pytorch(
    tiny: Tiny, tmp_path: Path, architecture: str, pooling: str
) -> None:
    chosen: dict[str, Any] = {"batch_size": 10, "pooling": pooling}  # the last group has two pairs
    setting = Setting(tiny, ("pairs",), tmp_path, architecture, **chosen)
    trainer = setting.trainer(batch_tokens=150)
    found = gradient(trainer)
    loss = plain_loss(setting, trainer, 0)
    torch.autograd.backward(loss)
    for name, parameter in trainer.learner.raw.named_parameters():
        if parameter.grad is not None:
            plain = parameter.grad.to_dense() if parameter.grad.is_sparse else parameter.grad
            torch.testing.assert_close(found[name], plain, atol=1e-5, rtol=1e-4)
    assert "heads.squad_pairs.scale" in found
    trainer.learner.optimizer.zero_grad()
    assert losses(trainer, 12)[0] == pytest.approx(float(loss.detach()), abs=1e-5)


def test_similarities_are_not_rounded_to_bf16(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times a hundred they would lose what tells good negatives from bad ones."""
    trainer = Setting(tiny, ("pairs",), tmp_path, batch_size=10).trainer(batch_tokens=150)
    seen: list[torch.dtype] = []

    def cross_entropy(scores: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        seen.append(scores.dtype)
        return torch.nn.functional.cross_entropy(scores.float(), wanted, reduction="sum")

    monkeypatch.setattr("xharness.train.objectives.text_pairs.cross_entropy", cross_entropy)
    with torch.autocast("cpu", torch.bfloat16):
        gradient(trainer)
    assert set(seen) == {torch.float32}


@pytest.mark.parametrize("pooling", ["pooler", "mean"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_group_in_parts_has_the_same_gradient(tiny: Tiny, tmp_path: Path, architecture: str, pooling: str) -> None:
    chosen = {"batch_size": 16, "negatives": 16, "pooling": pooling, **DROPOUT}
    whole, parts = (
        gradient(Setting(tiny, ("pairs",), tmp_path, architecture, **chosen).trainer(batch_tokens=tokens))
        for tokens in (100_000, 60)
    )
    assert whole.keys() == parts.keys()
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value, atol=1e-5, rtol=1e-4)


def test_the_cut_into_micro_batches_changes_rounding_only(tiny: Tiny, tmp_path: Path) -> None:
    ends = []
    for tokens in (40, 300, 100_000):
        trainer = Setting(tiny, ("pairs", "sequence"), tmp_path / str(tokens), **DROPOUT).trainer(batch_tokens=tokens)
        found = losses(trainer, 12)
        assert found[-1] < found[0]
        ends.append(weights(trainer.learner.raw))
    for other in ends[1:]:
        for name, value in ends[0].items():
            if not name.endswith("key.bias"):  # its gradient is rounding, which AdamW scales up
                torch.testing.assert_close(other[name], value, atol=1e-4, rtol=1e-3)


def test_the_checkpoint_makes_the_same_vectors_elsewhere(demo: Demo, tmp_path: Path) -> None:
    library = pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    from transformers import AutoModel, AutoTokenizer

    folder = finetune(options(demo, tmp_path / "dual", "squad_pairs", sets=(*QUICK, "select=last", "negatives=2")))
    record = json.loads((folder / "xharness.json").read_text(encoding="utf-8"))
    assert (record["recipe"]["negatives"], record["recipe"]["similarity_scale"]) == (2, 100.0)
    assert {"modules.json", "2_Dense/model.safetensors"} <= record["files"].keys()
    assert inspect(folder).head is Head.ENCODER
    texts = ["one text", "another one, which is longer"]
    model, tokenizer = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        pooled = [model(**tokenizer(text, return_tensors="pt")).pooler_output[0] for text in texts]
    plain = torch.nn.functional.normalize(torch.stack(pooled), dim=-1).numpy()
    theirs = library.SentenceTransformer(str(folder), device="cpu").encode(texts)
    np.testing.assert_allclose(theirs, plain, atol=1e-6)


def test_an_encoder_without_a_pooler_is_told(tiny: Tiny, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no pooler") as error:
        Setting(tiny, ("pairs",), tmp_path, "modernbert").trainer()
    assert error.value.fix == "train with --set pooling=cls or --set pooling=mean"


def test_adversarial_training_is_refused(demo: Demo, tmp_path: Path) -> None:
    sets = (*QUICK, "adversarial_epsilon=0.1")
    with pytest.raises(UserError, match="squad_pairs cannot be trained adversarially"):
        finetune(options(demo, tmp_path / "dual", "squad_pairs", sets=sets))


def test_other_phases_do_not_record_what_dual_encoders_follow(demo: Demo, tmp_path: Path) -> None:
    folder = finetune(options(demo, tmp_path / "ckpt", "xnli"))
    assert "negatives" not in json.loads((folder / "xharness.json").read_text(encoding="utf-8"))["recipe"]
