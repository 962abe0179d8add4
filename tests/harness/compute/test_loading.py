"""Loading: every weight is accounted for, in the precision asked for, with the checkpoint's own tokenizer."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer, LongformerConfig, LongformerForQuestionAnswering

from tests.conftest import Tiny
from tests.models import ARCHITECTURES, HEADS, SYLLABLES
from xharness.checkpoints.checkpoint import Head, find
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, load
from xharness.predict.text_classification import classify
from xharness.tasks.common.errors import UserError
from xharness.tasks.types.text_classification import SentencePair

CPU = Device("cpu", "fp32")
PAIRS = [
    SentencePair("1", "bada lomi", "kupe"),
    SentencePair("2", "lomi, dava!", "bada bada"),
    SentencePair("3", "", "a"),
]


@pytest.fixture
def folder(tiny: Tiny, tmp_path: Path) -> Path:
    """A sequence classifier that a test may change."""
    return shutil.copytree(tiny("xlm-roberta", "sequence"), tmp_path / "ckpt")


def loaded(folder: Path, head: Head | None = None, device: Device = CPU, **options: Any) -> Loaded:
    found = find(folder, **options)[""]
    return load(found, head or found.head, device)


def refusal(folder: Path, head: Head | None = None, **options: Any) -> str:
    with pytest.raises(UserError) as error:
        loaded(folder, head, **options)
    return str(error.value)


def test_a_model_that_counts_separators_refuses_a_tokenizer_with_fewer(tiny: Tiny, tmp_path: Path) -> None:
    folder = tmp_path / "longformer"
    tokenizer = AutoTokenizer.from_pretrained(tiny("bert", "qa"))
    config = LongformerConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=66, attention_window=[8], pad_token_id=0, sep_token_id=tokenizer.sep_token_id,
    )  # fmt: skip
    LongformerForQuestionAnswering(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    told = refusal(folder, Head.SPAN).split("\n")
    assert told[0].endswith("cannot take a question and its context") and "separator" in told[1] and len(told) == 3


def configure(folder: Path, name: str = "config.json", **values: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    return folder


def logits(model: Loaded) -> Any:
    """Raw outputs for PAIRS, one by one."""
    import torch

    inputs = [model.tokenizer([pair.first], [pair.second], return_tensors="pt") for pair in PAIRS]
    with torch.inference_mode():
        return torch.cat([model.model(**one).logits for one in inputs])


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_with_every_head(tiny: Tiny, architecture: str, head: str) -> None:
    import torch

    model = loaded(tiny(architecture, head))
    assert not model.model.training
    assert {parameter.dtype for parameter in model.model.parameters()} == {torch.float32}
    assert model.max_tokens == 512
    assert model.pad_id == model.tokenizer.pad_token_id == model.model.config.pad_token_id
    assert model.tokenizer.is_fast


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_encoder_of_a_classifier_is_the_same_encoder(tiny: Tiny, architecture: str) -> None:
    import torch

    folder = tiny(architecture, "sequence")
    bare, whole = loaded(folder, Head.ENCODER), loaded(folder)
    inner = dict(getattr(whole.model, whole.model.base_model_prefix).named_parameters())
    for name, weight in bare.model.named_parameters():
        if "pooler" not in name:
            assert torch.equal(weight, inner[name]), name


def test_half_precision_checkpoints_load_as_asked(folder: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    halves = {name: weight.half() for name, weight in load_file(path).items()}
    save_file(halves, path, metadata={"format": "pt"})
    configure(folder, dtype="float16")
    model = loaded(folder)
    assert {parameter.dtype for parameter in model.model.parameters()} == {torch.float32}
    assert torch.equal(model.model.classifier.dense.weight, halves["classifier.dense.weight"].float())
    assert {p.dtype for p in loaded(folder, device=Device("cpu", "bf16")).model.parameters()} == {torch.bfloat16}


def test_pickles_load_if_allowed_and_answer_the_same(folder: Path) -> None:
    import torch
    from safetensors.torch import load_file

    wanted = logits(loaded(folder))
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert refusal(folder).startswith(f"{folder} has only pickle weights (pytorch_model.bin)\n")
    torch.testing.assert_close(logits(loaded(folder, allow_pickle=True)), wanted)


def test_a_truncated_pickle(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"PK\x03\x04 and no more")
    message = refusal(folder, allow_pickle=True).split("\n")
    assert message[0] == f"cannot load {folder} as AutoModelForSequenceClassification"
    assert message[2] == "  fix: check that config.json and weights belong together and are whole"
    assert len(message) == 3


def test_shards_load_like_one_file(folder: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    wanted = logits(loaded(folder))
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(weights)
    parts = {"a.safetensors": names[::2], "b.safetensors": names[1::2]}
    for part, keys in parts.items():
        save_file({key: weights[key] for key in keys}, folder / part, metadata={"format": "pt"})
    index = {"metadata": {"total_size": 1}, "weight_map": {key: part for part, keys in parts.items() for key in keys}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    torch.testing.assert_close(logits(loaded(folder)), wanted)


# --- weights that do not fit -----------------------------------------------------------------------------------------


def test_a_head_without_weights(tiny: Tiny, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny("xlm-roberta", "encoder"), tmp_path / "x")
    configure(folder, architectures=["XLMRobertaForSequenceClassification"])
    assert refusal(folder) == (
        f"{folder} lacks weights (classifier.dense.bias, classifier.dense.weight, classifier.out_proj.bias, ...)\n"
        "  why: 4 weights of XLMRobertaForSequenceClassification missing from the file: they would be random\n"
        "  fix: check that config.json and weights belong together"
    )


def test_an_encoder_without_some_of_its_weights(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights["roberta.encoder.layer.1.output.dense.bias"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert refusal(folder, Head.ENCODER) == (
        f"{folder} lacks weights (encoder.layer.1.output.dense.bias)\n"
        "  why: 1 weight of XLMRobertaModel missing from the file: they would be random\n"
        "  fix: check that config.json and weights belong together"
    )


def test_a_config_with_other_sizes(folder: Path) -> None:
    configure(folder, id2label={"0": "x", "1": "y"}, label2id={"x": 0, "y": 1})
    assert refusal(folder) == (
        f"{folder} has weights of other sizes (classifier.out_proj.bias is [3], not [2], "
        "classifier.out_proj.weight is [3, 32], not [2, 32])\n"
        "  why: 2 weights of another shape than XLMRobertaForSequenceClassification has by its config.json\n"
        "  fix: check that config.json and weights belong together"
    )


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_config_with_fewer_blocks_than_the_weights(tiny: Tiny, tmp_path: Path, architecture: str) -> None:
    folder = shutil.copytree(tiny(architecture, "token"), tmp_path / "x")
    configure(folder, num_hidden_layers=1, layer_types=None)
    if "Validation error" in refusal(folder):
        pytest.skip("this release of transformers refuses such a config itself")
    assert refusal(folder).startswith(f"{folder} has weights without a place (")
    configure(folder, num_hidden_layers=3)
    assert refusal(folder).startswith(f"{folder} lacks weights (")


def test_an_architecture_without_this_head(tiny: Tiny, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny("qwen2", "token"), tmp_path / "x")
    message = refusal(configure(folder, architectures=["Qwen2ForMultipleChoice"]))
    assert message.startswith(f"cannot load {folder} as AutoModelForMultipleChoice\n  why: Unrecognized configuration")
    assert len(message.split("\n")) == 3


# --- tokenizers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ['{"version":', "{}", ""])
def test_a_broken_tokenizer(folder: Path, content: str) -> None:
    (folder / "tokenizer.json").write_text(content)
    message = refusal(folder).split("\n")
    assert message[0] == f"cannot read the tokenizer in {folder}"
    assert message[1].startswith("  why: ")
    assert len(message[1]) > len("  why: ")
    assert message[2] == "  fix: copy the tokenizer files of the original model again"


def test_a_tokenizer_without_a_fast_version(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    class Slow:
        is_fast = False

    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", lambda *_args, **_options: Slow())
    assert refusal(folder) == (
        f"the tokenizer in {folder} has no fast version\n"
        "  why: xharness maps answers back to the text by the fast tokenizer's offsets\n"
        "  fix: save it once with a tokenizer.json"
    )


def test_token_types_that_the_model_does_not_take_are_left_out(tiny: Tiny, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny("modernbert", "sequence"), tmp_path / "x")
    wanted = logits(loaded(folder)).argmax(-1).tolist()
    configure(folder, "tokenizer_config.json", model_input_names=["input_ids", "token_type_ids", "attention_mask"])
    model = loaded(folder)
    assert "token_type_ids" not in model.tokenizer(["a"], ["b"])
    found, _ = classify(model, PAIRS, ("A", "B", "C"), max_length=64, batch_tokens=64)
    assert found == ["ABC"[index] for index in wanted]


def test_special_tokens_that_the_model_has_no_vector_for_are_not_used(tiny: Tiny, tmp_path: Path) -> None:
    """A token may have been added for padding without enlarging the model; transformers itself adds a Qwen2's."""
    folder = shutil.copytree(tiny("qwen2", "sequence"), tmp_path / "x")
    size = json.loads((folder / "config.json").read_text())["vocab_size"]
    wanted = logits(loaded(folder)).argmax(-1).tolist()
    configure(folder, "tokenizer_config.json", pad_token="<|new|>", unk_token="<|other|>")
    model = loaded(folder)
    assert model.tokenizer.pad_token_id >= size
    assert model.pad_id == model.tokenizer.eos_token_id < size
    assert model.tokenizer.unk_token_id is None
    found, _ = classify(model, PAIRS, ("A", "B", "C"), max_length=64, batch_tokens=1000)
    assert found == ["ABC"[index] for index in wanted]


@pytest.mark.parametrize(
    ("tokenizer", "positions", "limit"),
    [(64, 514, 64), (512, 100, 98), (10**30, 514, 512), (None, 514, 512)],
)
def test_the_smaller_limit_counts(folder: Path, tokenizer: int | None, positions: int, limit: int) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    name = "roberta.embeddings.position_embeddings.weight"
    weights[name] = weights[name][:positions].clone()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    configure(folder, max_position_embeddings=positions)
    configure(folder, "tokenizer_config.json", model_max_length=tokenizer)
    assert loaded(folder).max_tokens == limit


def sentence_pieces(special: dict[str, Any]) -> bytes:
    """A tiny SentencePiece model of made-up words."""
    import sentencepiece

    words = [a + b + c for a in SYLLABLES for b in SYLLABLES[::7] for c in ("", "n", "s")]
    sentences = [" ".join(words[start : start + 8]) for start in range(0, len(words), 3)]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_writer=model, vocab_size=120, minloglevel=2, **special
    )
    return model.getvalue()


FAIRSEQ = {"unk_id": 0, "bos_id": 1, "eos_id": 2, "pad_id": -1}
GOOGLE = {"pad_id": 0, "unk_id": 1, "bos_id": -1, "eos_id": -1, "user_defined_symbols": "[CLS],[SEP],[MASK]"}


@pytest.mark.parametrize(
    ("architecture", "name", "special"),
    [
        ("xlm-roberta", "sentencepiece.bpe.model", FAIRSEQ),
        ("rembert", "sentencepiece.model", GOOGLE),
        ("deberta-v2", "spm.model", GOOGLE | {"user_defined_symbols": "[CLS],[SEP]"}),
    ],
)
def test_folders_from_the_hub_with_nothing_but_sentencepiece(
    tiny: Tiny, tmp_path: Path, architecture: str, name: str, special: dict[str, Any]
) -> None:
    import sentencepiece

    pytest.importorskip("google.protobuf", reason="transformers reads SentencePiece models with protobuf")
    folder = shutil.copytree(tiny(architecture, "sequence"), tmp_path / "x")
    for old in ("tokenizer.json", "tokenizer_config.json"):
        (folder / old).unlink()
    content = sentence_pieces(special)
    (folder / name).write_bytes(content)
    model = loaded(folder)
    pieces = sentencepiece.SentencePieceProcessor(model_proto=content)
    ids = model.tokenizer("bada lomi kupen tosa", add_special_tokens=False)["input_ids"]
    assert model.tokenizer.convert_ids_to_tokens(ids) == pieces.encode_as_pieces("bada lomi kupen tosa")
    labels, _ = classify(model, PAIRS, ("A", "B", "C"), max_length=64, batch_tokens=64)
    assert len(labels) == 3


@pytest.mark.parametrize("wrong", ["", "512", [1], {}])
def test_a_longest_input_that_is_no_number(folder: Path, wrong: object) -> None:
    told = refusal(configure(folder, "tokenizer_config.json", model_max_length=wrong)).split("\n")
    assert "model_max_length" in told[1] and len(told) == 3
