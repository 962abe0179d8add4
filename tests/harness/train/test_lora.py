"""Low-rank adaptation: what learns, what comes out, and that it continues after a kill."""

from __future__ import annotations

import json
import multiprocessing
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.harness.conftest import Demo
from tests.harness.train.killing import train
from tests.harness.train.phases import options
from tests.processes import ended
from xharness.checkpoints.checkpoint import find
from xharness.checkpoints.provenance import changed, read
from xharness.tasks.common.errors import UserError
from xharness.train.estimate import estimate
from xharness.train.finetune import finetune
from xharness.train.lora_options import LoraOptions
from xharness.train.prepare import prepare

peft = pytest.importorskip("peft", reason="peft is not installed: pip install -e .[peft]")
LORA: dict[str, Any] = {"lora": "r=4"}


@pytest.fixture(scope="module")
def trained(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """XNLI by matrices of rank 4."""
    return finetune(options(demo, tmp_path_factory.mktemp("lora") / "xnli", "xnli", **LORA))


def tensors(folder: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(next(folder.glob("*.safetensors")))


def test_only_products_of_low_rank_are_added_to_the_blocks(demo: Demo, trained: Path) -> None:
    before, after = tensors(demo.models / "encoder"), tensors(trained)
    prefix = next(name for name in after if name.endswith("word_embeddings.weight")).partition("embeddings")[0]
    differences = {name: after[prefix + name] - weight for name, weight in before.items() if prefix + name in after}
    moved = {name for name, difference in differences.items() if difference.any()}
    blocks = [name for name in moved if ".layer." in name and name.endswith(".weight")]
    assert moved
    assert set(blocks) == {name for name in moved if "pooler" not in name}
    assert all(torch.linalg.matrix_rank(differences[name]) <= 4 for name in blocks)
    assert len(blocks) == 6 * find(trained)[""].blocks


def test_the_checkpoint_is_whole_and_says_how_it_was_trained(trained: Path) -> None:
    checkpoint, record = find(trained)[""], read(trained)
    assert record is not None
    assert record["identity"]["lora"] == {"r": 4, "alpha": 8}
    assert changed(checkpoint) == []
    files = {f"adapter/{name}" for name in ("adapter_model.safetensors", "adapter_config.json", "labels.json")}
    assert files <= set(record["files"])
    assert tuple(json.loads((trained / "adapter" / "labels.json").read_text())["labels"]) == checkpoint.labels
    readable = trained.stat().st_mode & 0o044
    assert all(file.stat().st_mode & 0o044 == readable for file in (trained / "adapter").iterdir())
    assert checkpoint.labels == ("contradiction", "entailment", "neutral")


def test_peft_makes_the_same_model_of_the_parent_and_the_adapter(demo: Demo, trained: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    config = json.loads((trained / "adapter/adapter_config.json").read_text("utf-8"))
    assert (config["r"], config["task_type"]) == (4, "SEQ_CLS")
    parent = AutoModelForSequenceClassification.from_pretrained(config["base_model_name_or_path"], num_labels=3)
    theirs = peft.PeftModel.from_pretrained(parent, trained / "adapter").eval()
    ours = AutoModelForSequenceClassification.from_pretrained(trained).eval()
    ids = torch.arange(5, 25)[None]
    with torch.no_grad():
        torch.testing.assert_close(theirs(ids).logits, ours(ids).logits, atol=1e-5, rtol=1e-4)


def test_killed_and_continued_it_ends_in_the_same_bytes(demo: Demo, trained: Path, tmp_path: Path) -> None:
    chosen = options(demo, tmp_path / "killed", "xnli", save_every=2, **LORA)
    process = multiprocessing.get_context("spawn").Process(target=train, args=(chosen, tmp_path / "places", 25))
    assert ended(process) == -signal.SIGKILL
    finetune(chosen)
    for name in ("model.safetensors", "adapter/adapter_model.safetensors", "adapter/adapter_config.json"):
        assert (tmp_path / "killed" / name).read_bytes() == (trained / name).read_bytes(), name


def test_another_rank_is_another_phase(demo: Demo, trained: Path) -> None:
    for lora in (None, "r=8"):
        with pytest.raises(UserError, match="another training"):
            finetune(options(demo, trained, "xnli", lora=lora))


def test_the_next_phase_starts_from_the_merged_model(demo: Demo, trained: Path, tmp_path: Path) -> None:
    folder = finetune(options(demo, tmp_path / "udpos", "udpos", model=trained, **LORA))
    record = read(folder)
    assert record is not None
    (parent,) = record["parents"]
    assert (parent["fingerprint"], "changed" in parent) == (find(trained)[""].fingerprint, False)
    assert parent["provenance"]["identity"]["lora"] == {"r": 4, "alpha": 8}


def test_members_of_a_mixture_have_an_adapter_each(demo: Demo, tmp_path: Path) -> None:
    folder = finetune(options(demo, tmp_path / "both", "xnli", "udpos", **LORA))
    names = {member: set(tensors(folder / member / "adapter")) for member in ("xnli", "udpos")}
    assert any("classifier" in name for name in names["udpos"])
    shared = {name for name in names["xnli"] if ".lora_" in name}
    assert shared == {name for name in names["udpos"] if ".lora_" in name}
    assert shared


def test_a_plan_counts_what_learns(demo: Demo, tmp_path: Path) -> None:
    plain, low = (estimate(prepare(options(demo, tmp_path / "x", "xnli", **more)))["gigabytes"] for more in ({}, LORA))
    assert isinstance(plain, dict)
    assert isinstance(low, dict)
    assert low["gradients"] < plain["gradients"]
    assert low["weights"] >= plain["weights"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("16", "it has no 16"),
        ("r=0", "above 0"),
        ("alpha=3", "does not say the rank"),
        ("r=4,rank=3", "it has no rank"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, said: str) -> None:
    with pytest.raises(UserError) as error:
        LoraOptions.parse(text)
    assert said in str(error.value)


def test_what_does_not_go_together_is_refused(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="--lora with --fsdp"):
        options(demo, tmp_path / "x", "xnli", fsdp=True, **LORA).check()
    monkeypatch.setattr("xharness.train.options.find_spec", lambda _name: None)
    with pytest.raises(UserError, match="--lora needs the package peft"):
        options(demo, tmp_path / "x", "xnli", **LORA).check()
