"""An adapter of peft as ``--model``: its base is found, both are merged once, and what came out says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tiny
from tests.harness.conftest import Demo
from tests.harness.evaluation.made import options
from xharness.checkpoints.adapter import MARK
from xharness.checkpoints.checkpoint import Head, find
from xharness.tasks.common.errors import UserError

peft = pytest.importorskip("peft", reason="peft is not installed: pip install -e .[peft]")
NAMES = "contradiction,entailment,neutral"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache" / "hub"))
    return tmp_path / "cache"


def save_adapter(base: Path, folder: Path, labels: int = 3, **settings: Any) -> Any:
    """A random adapter with a head for labels, as peft writes it; the model in memory."""
    import torch
    from transformers import AutoModelForSequenceClassification

    torch.manual_seed(1)
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=labels)
    config = peft.LoraConfig(task_type="SEQ_CLS", r=2, target_modules=["query", "value"], **settings)
    adapted = peft.get_peft_model(model, config)
    for name, parameter in adapted.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(parameter, std=0.5)
    adapted.peft_config["default"].base_model_name_or_path = str(base)
    adapted.save_pretrained(folder)
    return adapted


@pytest.fixture
def base(tiny: Tiny) -> Path:
    return tiny("xlm-roberta", "encoder")


def test_it_is_merged_with_its_base_once(base: Path, tmp_path: Path, cache: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification

    theirs = save_adapter(base, tmp_path / "mine").eval()
    checkpoint = find(tmp_path / "mine")[""]
    assert (checkpoint.head, checkpoint.name, len(checkpoint.labels)) == (Head.SEQUENCE, "mine", 3)
    assert checkpoint.path.is_relative_to(cache)
    told: Any = checkpoint.merged_from
    assert told["adapter"]["path"] == str(tmp_path / "mine")
    assert told["base"] == {"path": str(base), "fingerprint": find(base)[""].fingerprint}
    ids = torch.arange(5, 25)[None]
    with torch.no_grad():
        ours = AutoModelForSequenceClassification.from_pretrained(checkpoint.path).eval()(ids).logits
        torch.testing.assert_close(ours, theirs(ids).logits, atol=1e-5, rtol=1e-4)
    (tmp_path / "mine" / "optimizer.pt").write_bytes(b"of a trainer")
    before = (checkpoint.path / MARK).stat().st_mtime_ns
    assert find(tmp_path / "mine")[""].fingerprint == checkpoint.fingerprint
    assert (checkpoint.path / MARK).stat().st_mtime_ns == before
    shutil.rmtree(cache)
    assert find(tmp_path / "mine")[""].fingerprint == checkpoint.fingerprint


def test_names_of_labels_beside_it_are_those_of_the_model(base: Path, tmp_path: Path) -> None:
    save_adapter(base, tmp_path / "mine")
    unnamed = find(tmp_path / "mine")[""]
    (tmp_path / "mine" / "labels.json").write_text(json.dumps({"labels": NAMES.split(",")}))
    named = find(tmp_path / "mine")[""]
    assert (len(unnamed.labels), named.labels) == (3, tuple(NAMES.split(",")))


@pytest.mark.parametrize("labels", [["a", "b"], ["a", "b", "b"], ["a", "b", 3], "abc", None])
def test_names_of_other_labels_are_refused(base: Path, tmp_path: Path, labels: object) -> None:
    save_adapter(base, tmp_path / "mine")
    (tmp_path / "mine" / "labels.json").write_text(json.dumps({"labels": labels}))
    with pytest.raises(UserError, match="the head has 3 outputs"):
        find(tmp_path / "mine")


def test_an_evaluation_says_what_it_was_merged_of(demo: Demo, tmp_path: Path) -> None:
    from xharness.evaluation.evaluate import evaluate

    save_adapter(demo.models / "encoder", tmp_path / "mine")
    result = evaluate(
        options(demo, tmp_path / "run", model=tmp_path / "mine", tasks="xnli", langs="de", label_names=NAMES)
    )
    merged = result.manifest["model"]["model"]["merged"]
    assert merged["adapter"]["r"] == 2
    assert merged["base"]["path"] == str(demo.models / "encoder")
    assert any(f"the adapter {tmp_path / 'mine'} was merged into" in note for note in result.manifest["notes"])
    assert 0 <= result.scores["xnli"]["avg_metric"] <= 100


def _changed(folder: Path, **values: Any) -> None:
    file = folder / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | values), encoding="utf-8")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"peft_type": "PREFIX_TUNING"}, "its peft_type is 'PREFIX_TUNING'"),
        ({"base_model_name_or_path": None}, "it does not name its model"),
        ({"base_model_name_or_path": "/nowhere"}, "which is not here"),
        ({"base_model_name_or_path": "nobody/nothing"}, "which is not here"),
        ({"megatron_config": {"a": 1}}, "it asks for another package"),
    ],
)
def test_what_cannot_be_merged_is_refused(base: Path, tmp_path: Path, values: dict[str, Any], said: str) -> None:
    save_adapter(base, tmp_path / "mine")
    _changed(tmp_path / "mine", **values)
    with pytest.raises(UserError) as error:
        find(tmp_path / "mine")
    assert said in str(error.value)


def test_a_head_that_is_nowhere_is_refused(base: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    save_adapter(base, tmp_path / "mine")
    file = tmp_path / "mine" / "adapter_model.safetensors"
    save_file({name: value for name, value in load_file(file).items() if ".lora_" in name}, file)
    with pytest.raises(UserError, match="lacks weights"):
        find(tmp_path / "mine")


def test_weights_that_are_not_whole_are_refused(base: Path, tmp_path: Path) -> None:
    save_adapter(base, tmp_path / "mine")
    file = tmp_path / "mine" / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(UserError, match="there is no whole adapter_model"):
        find(tmp_path / "mine")


def test_without_peft_it_says_what_to_install(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_adapter(base, tmp_path / "mine")
    monkeypatch.setattr("xharness.checkpoints.adapter.find_spec", lambda _name: None)
    with pytest.raises(UserError) as error:
        find(tmp_path / "mine")
    assert "pip install 'xharness[peft]'" in error.value.fix
