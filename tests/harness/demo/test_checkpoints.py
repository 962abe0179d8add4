"""The demo's untrained suite: standard checkpoints that share an encoder, the same bytes every time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xharness.demo.checkpoints import SUITE, write_models
from xharness.demo.world import write_world
from xharness.tasks.registry import Registry

HEADS = {
    "encoder": "AutoModel",
    "xnli": "AutoModelForSequenceClassification",
    "pawsx": "AutoModelForSequenceClassification",
    "udpos": "AutoModelForTokenClassification",
    "panx": "AutoModelForTokenClassification",
    "squad": "AutoModelForQuestionAnswering",
    "tydiqa": "AutoModelForQuestionAnswering",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "world"
    write_world(folder, size="tiny")
    return folder


@pytest.fixture(scope="module")
def suite(data: Path) -> Path:
    return write_models(data.parent / "models", data)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def load(suite: Path, name: str) -> Any:
    import torch
    import transformers

    model, report = getattr(transformers, HEADS[name]).from_pretrained(
        suite / name, dtype=torch.float32, output_loading_info=True
    )
    assert not any(report[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    return model


def test_every_folder_loads_with_its_head_and_labels(suite: Path) -> None:
    assert set(HEADS) == {path.name for path in suite.iterdir() if path.is_dir()}
    assert set(SUITE) - set(HEADS) == {"xcopa"}  # of XTREME-R
    for name in HEADS:
        config = load(suite, name).config
        if name in ("xnli", "pawsx", "udpos", "panx"):
            labels = Registry().task(name).labels
            assert tuple(config.id2label.values()) == labels
            assert config.label2id == {label: i for i, label in enumerate(labels)}
        assert config.max_position_embeddings == 514


def test_all_share_one_encoder(suite: Path) -> None:
    import torch

    encoder = load(suite, "encoder").state_dict()
    for name in HEADS:
        for key, weight in load(suite, name).base_model.state_dict().items():
            assert torch.equal(weight, encoder[key]), (name, key)


def test_the_longest_input_fits(suite: Path) -> None:
    import torch
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(suite / "encoder")
    batch = tokenizer("7 " * 600, truncation=True, return_tensors="pt")
    assert batch["input_ids"].shape == (1, 512)
    with torch.inference_mode():
        assert torch.isfinite(load(suite, "encoder")(**batch)[0]).all()


def test_pieces_respect_the_ends_of_answers(suite: Path, data: Path) -> None:
    """In scripts with spaces an answer is a run of whole pieces, and nothing in the world is unknown."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(suite / "squad")
    for language in ("en", "de", "ru", "ar", "hi", "el", "tr", "vi"):
        gold = json.loads((data / f"labels/xquad/test-{language}.json").read_text(encoding="utf-8"))
        for article in gold["data"]:
            (paragraph,) = article["paragraphs"]
            encoded = tokenizer(paragraph["context"], return_offsets_mapping=True, add_special_tokens=False)
            assert tokenizer.unk_token_id not in encoded["input_ids"]
            ends = {end for _, end in encoded["offset_mapping"]}
            for answer in (question["answers"][0] for question in paragraph["qas"]):
                start, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
                assert end in ends
                assert start == 0 or ends & {start, start - 1}


def test_pairs_are_joined_as_xlm_r_joins_them(suite: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(suite / "xnli")
    tokens = tokenizer.convert_ids_to_tokens(tokenizer("1", "2")["input_ids"])
    assert [token for token in tokens if token != "▁"] == ["<s>", "1", "</s>", "</s>", "2", "</s>"]
    assert set(tokenizer("1")) == {"input_ids", "attention_mask"}


def test_equal_seeds_give_equal_bytes(suite: Path, data: Path, tmp_path: Path) -> None:
    assert contents(write_models(tmp_path / "again", data)) == contents(suite)


def test_a_second_call_changes_nothing_and_another_seed_does(data: Path, tmp_path: Path) -> None:
    folder = write_models(tmp_path / "models", data)
    weights = folder / "xnli" / "model.safetensors"
    before = weights.stat().st_mtime_ns
    write_models(folder, data)
    assert weights.stat().st_mtime_ns == before
    old = weights.read_bytes()
    write_models(folder, data, seed=1)
    assert weights.read_bytes() != old
