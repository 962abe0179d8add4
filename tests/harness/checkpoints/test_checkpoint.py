"""Checkpoints read from their files: what is in them, and exactly what is said about what is wrong with them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tiny
from tests.harness.checkpoints.made import configure, damaged, refusal
from tests.models import ARCHITECTURES, HEADS
from xharness.checkpoints.architecture import check_architecture
from xharness.checkpoints.checkpoint import Head, find, inspect
from xharness.compute.inputs import inputs_of

# --- what is in them -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_is_read_of_every_architecture_and_head(tiny: Tiny, architecture: str, head: str) -> None:
    found = find(tiny(architecture, head))[""]
    assert found.head.value == HEADS[head]
    assert found.model_type == architecture
    assert found.blocks == 2
    assert inputs_of(found).positions == (512 if architecture == "xlm-roberta" else 514)
    assert [path.name for path in found.weights] == ["model.safetensors"]
    assert not found.pickled
    assert found.provenance is None
    if head in ("sequence", "token"):
        assert found.labels == ("A", "B", "C")
    check_architecture(found)


def test_labels_are_in_order_of_their_numbers(folder: Path) -> None:
    names = {str(index): f"tag{index}" for index in (10, 2, 0, 1, 3, 4, 5, 6, 7, 8, 9)}
    assert inspect(configure(folder, id2label=names)).labels == tuple(f"tag{index}" for index in range(11))
    assert inspect(configure(folder, id2label=None)).labels == ("LABEL_0", "LABEL_1")
    assert inspect(configure(folder, num_labels=3)).labels == ("LABEL_0", "LABEL_1", "LABEL_2")


@pytest.mark.parametrize(
    ("architectures", "head"),
    [
        (None, Head.ENCODER),
        ([], Head.ENCODER),
        (["XLMRobertaForMaskedLM"], Head.ENCODER),
        (["DistilBertForQuestionAnswering"], Head.SPAN),
        (["XLMForQuestionAnsweringSimple"], Head.SPAN),
        (["BertForMultipleChoice"], Head.CHOICE),
    ],
)
def test_the_head_is_read_from_the_architecture(folder: Path, architectures: list[str] | None, head: Head) -> None:
    assert inspect(configure(folder, architectures=architectures)).head is head


@pytest.mark.parametrize(
    ("values", "positions"),
    [
        ({"max_position_embeddings": 514}, 512),
        ({"max_position_embeddings": 514, "pad_token_id": None}, 512),  # 1 unless told
        ({"max_position_embeddings": 514, "model_type": "bert"}, 514),
        ({"max_position_embeddings": -1, "model_type": "mt5"}, None),
        ({"max_position_embeddings": None, "model_type": "mt5"}, None),
        ({"max_position_embeddings": None}, 510),  # the family's own 512
        ({"max_position_embeddings": None, "n_positions": 1024, "model_type": "gpt2"}, 1024),
    ],
)
def test_longest_input(folder: Path, values: dict[str, Any], positions: int | None) -> None:
    assert inputs_of(inspect(configure(folder, **values))).positions == positions


@pytest.mark.parametrize(
    ("values", "blocks"),
    [
        ({"num_hidden_layers": 24}, 24),
        ({"num_hidden_layers": None, "n_layers": 16}, 16),
        ({"num_hidden_layers": None}, 0),
    ],
)
def test_number_of_blocks(folder: Path, values: dict[str, Any], blocks: int) -> None:
    assert inspect(configure(folder, **values)).blocks == blocks


def test_provenance_is_read(folder: Path) -> None:
    (folder / "xharness.json").write_text('{"parents": ["x"]}')
    assert inspect(folder).provenance == {"parents": ["x"]}


# --- what is wrong with them -----------------------------------------------------------------------------------------


def test_nothing_there(tmp_path: Path) -> None:
    path = tmp_path / "org" / "name"
    assert refusal(path) == (
        f"no checkpoint at {path}\n"
        "  why: --model takes a folder or the id of a fetched model, and this is neither\n"
        "  fix: check the path, or fetch a model by its id: xharness models fetch xlm-roberta-base"
    )


def test_a_file_in_place_of_a_folder(folder: Path) -> None:
    path = folder / "config.json"
    assert refusal(path) == (
        f"no checkpoint at {path}\n"
        "  why: --model takes a folder or the id of a fetched model, and this is a file\n"
        f"  fix: name the folder, for example: --model {path.parent}"
    )


def test_no_config(folder: Path) -> None:
    (folder / "config.json").unlink()
    assert refusal(folder) == (
        f"no checkpoint at {folder}\n"
        "  why: it holds no config.json and no sub-folder with one "
        "(found: model.safetensors, tokenizer.json, tokenizer_config.json)\n"
        "  fix: give a Hugging Face folder, or a suite: a folder of them named after tasks "
        "(xnli/, udpos/, encoder/, ...)"
    )


def test_an_empty_folder(tmp_path: Path) -> None:
    assert "(found: nothing)" in refusal(tmp_path)


def test_no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    assert refusal(folder) == (
        f"no tokenizer in {folder}\n"
        "  why: none of tokenizer.json, sentencepiece.bpe.model, sentencepiece.model, spiece.model, spm.model, "
        "tokenizer.model, vocab.txt, vocab.json is there, and a model is of no use without its own tokenizer\n"
        "  fix: copy the tokenizer files of the model that it was trained from into the folder"
    )


# --- hashes ----------------------------------------------------------------------------------------------------------


def test_the_fingerprint_does_not_depend_on_the_name_of_the_folder(folder: Path) -> None:
    before = inspect(folder).fingerprint
    (folder / "README.md").write_text("a card")
    assert inspect(folder.rename(folder.parent / "other")).fingerprint == before


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"])
def test_the_fingerprint_changes_with_every_file_that_matters(folder: Path, name: str) -> None:
    before = inspect(folder)
    assert before.fingerprint  # read now, not after the change
    path = folder / name
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]) if name == "model.safetensors" else data + b"\n")
    after = inspect(folder)
    assert after.fingerprint != before.fingerprint
    assert (after.weights_hash != before.weights_hash) == (name in ("config.json", "model.safetensors"))
    assert (after.tokenizer_hash != before.tokenizer_hash) == name.startswith("tokenizer")


@pytest.mark.parametrize("name", ["special_tokens_map.json", "added_tokens.json", "merges.txt", "spm.model"])
def test_a_further_tokenizer_file_counts(folder: Path, name: str) -> None:
    before = inspect(folder).fingerprint
    (folder / name).write_text("{}")
    assert inspect(folder).fingerprint != before


# --- suites ----------------------------------------------------------------------------------------------------------


def test_a_suite_is_found_by_its_folders(tiny: Tiny, tmp_path: Path) -> None:
    for name, head in (("xnli", "sequence"), ("udpos", "token"), ("encoder", "encoder")):
        shutil.copytree(tiny("bert", head), tmp_path / name)
    (tmp_path / "made.json").write_text("{}")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "readme.txt").write_text("")
    found = find(tmp_path)
    assert list(found) == ["encoder", "udpos", "xnli"]
    assert [member.head for member in found.values()] == [Head.ENCODER, Head.TOKEN, Head.SEQUENCE]
    assert all(member.path == tmp_path / name for name, member in found.items())


def test_a_damaged_member_of_a_suite_is_named(tiny: Tiny, tmp_path: Path) -> None:
    shutil.copytree(tiny("bert", "sequence"), tmp_path / "xnli")
    shutil.copytree(tiny("bert", "token"), tmp_path / "udpos")
    (tmp_path / "udpos" / "model.safetensors").write_bytes(b"")
    assert refusal(tmp_path) == damaged(tmp_path / "udpos" / "model.safetensors")


def test_everything_is_read_without_torch(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from xharness.checkpoints.checkpoint import find\n"
        "find(Path(sys.argv[1]))[''].fingerprint; sys.exit(bool({'torch', 'transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(folder)], check=False).returncode == 0


# --- what an attacker writes -----------------------------------------------------------------------------------------
