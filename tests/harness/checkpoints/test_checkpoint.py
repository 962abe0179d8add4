"""Checkpoints read from their files: what is in them, and exactly what is said about what is wrong with them."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tiny
from tests.models import ARCHITECTURES, HEADS
from xharness.checkpoints.architecture import check_architecture
from xharness.checkpoints.checkpoint import Head, find, inspect
from xharness.compute.inputs import inputs_of
from xharness.tasks.common.errors import UserError


@pytest.fixture
def folder(tiny: Tiny, tmp_path: Path) -> Path:
    """A sequence classifier that a test may harm."""
    return shutil.copytree(tiny("xlm-roberta", "sequence"), tmp_path / "ckpt")


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(UserError) as error:
        find(path, **options)
    return str(error.value)


def configure(folder: Path, **values: Any) -> Path:
    """Change values of a config; None removes one."""
    path = folder / "config.json"
    config = json.loads(path.read_text()) | values
    path.write_text(json.dumps({name: value for name, value in config.items() if value is not None}))
    return folder


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


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (
            b'{\n"a": 1,\n}',
            "line 3: broken JSON: Expecting property name enclosed in double quotes (column 1)",
        ),
        (b"", "line 1: broken JSON: Expecting value (column 1)"),
        (b"\xff\xfe", "line 1: the file is not UTF-8"),
        (b"[1]", "it holds no JSON object"),
    ],
)
def test_a_broken_config(folder: Path, content: bytes, why: str) -> None:
    (folder / "config.json").write_bytes(content)
    assert refusal(folder) == f"cannot read {folder / 'config.json'}\n  why: {why}\n  fix: restore the file"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"id2label": {"A": 0, "B": 1}}, "a value is not one: invalid literal for int() with base 10: 'A'"),
        ({"id2label": ["A", "B"]}, "id2label cannot be ['A', 'B']"),
        ({"num_hidden_layers": "many"}, "num_hidden_layers cannot be 'many'"),
        ({"max_position_embeddings": [1]}, "max_position_embeddings cannot be [1]"),
    ],
)
def test_values_that_are_none(folder: Path, values: dict[str, Any], why: str) -> None:
    message = refusal(configure(folder, **values))
    assert message.startswith(f"cannot read {folder / 'config.json'}\n  why: {why}")


@pytest.mark.parametrize(
    "values",
    [
        {"_attn_implementation": "someone/kernel"},
        {"attn_implementation": "someone/kernel@main:attention"},
        {"_attn_implementation_internal": "someone/kernel"},
        {"attn_implementation": "flash_attention_2"},  # of another package, or else of a hub
        {"attn_implementation": "paged|someone/kernel"},
        {"attn_implementation": {"": "sdpa", "text_config": {"": "someone/kernel"}}},
        {"text_config": {"_attn_implementation": "someone/kernel"}},
        {"backbones": [{"attn_implementation": "someone/kernel"}]},
        {"_experts_implementation": "sonicmoe"},
        {"attn_implementation": 3},
        {"quantization_config": {"quant_method": "mxfp4"}},
        {"use_kernels": True},
    ],
)
def test_arithmetic_that_is_not_torch_s_own(folder: Path, values: dict[str, Any]) -> None:
    message = refusal(configure(folder, **values)).split("\n")
    assert message[0] == f"{folder} needs code of its own"
    assert message[1].startswith("  why: its config.json asks for ")
    assert message[1].endswith(", which is not one of torch's own")
    assert len(message) == 3


@pytest.mark.parametrize("value", ["eager", "sdpa", "flex_attention", None, {"": "sdpa", "text_config": "eager"}])
def test_arithmetic_of_torch_is_none_of_that(folder: Path, value: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"attn_implementation": value}))
    assert inspect(folder).model_type == "xlm-roberta"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"auto_map": {"AutoModel": "modeling_x.X"}}, "its config.json asks for remote code (auto_map)"),
        ({"model_type": None}, "its config.json has no model_type"),
    ],
)
def test_code_of_its_own(folder: Path, values: dict[str, Any], why: str) -> None:
    assert refusal(configure(folder, **values)) == (
        f"{folder} needs code of its own\n"
        f"  why: {why}\n"
        "  fix: xharness runs only architectures that transformers has; convert the checkpoint to one of them"
    )


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("xlm-robreta", "did you mean 'xlm-roberta'?; or update transformers"),
        ("BERTT", "did you mean 'bert'?; or update transformers"),
    ],
)
def test_an_unknown_architecture(folder: Path, name: str, fix: str) -> None:
    with pytest.raises(UserError) as error:
        check_architecture(inspect(configure(folder, model_type=name)))
    assert str(error.value) == (
        f"unknown architecture '{name}' in {folder / 'config.json'}\n"
        "  why: the installed transformers has none of this name\n"
        f"  fix: {fix}"
    )


def test_no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    assert refusal(folder) == (
        f"no tokenizer in {folder}\n"
        "  why: none of tokenizer.json, sentencepiece.bpe.model, sentencepiece.model, spiece.model, spm.model, "
        "tokenizer.model, vocab.txt, vocab.json is there, and a model is of no use without its own tokenizer\n"
        "  fix: copy the tokenizer files of the model that it was trained from into the folder"
    )


def test_no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    assert refusal(folder) == (
        f"no weights in {folder}\n  why: there is no model.safetensors\n  fix: restore or download the weights"
    )


def test_pickles_are_refused_unless_allowed(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    assert refusal(folder) == (
        f"{folder} has only pickle weights (pytorch_model.bin)\n"
        "  why: loading a pickle runs whatever code its author put in it\n"
        "  fix: convert it to safetensors, or pass --allow-pickle if you trust it"
    )
    found = find(folder, allow_pickle=True)[""]
    assert found.pickled
    assert [path.name for path in found.weights] == ["pytorch_model.bin"]


def test_safetensors_go_before_pickles(folder: Path) -> None:
    (folder / "pytorch_model.bin").write_bytes(b"anything")
    assert not inspect(folder, allow_pickle=True).pickled


def damaged(path: Path) -> str:
    return (
        f"{path} is damaged\n"
        "  why: it is missing, truncated or not a safetensors file: its length is not what its header says\n"
        "  fix: copy or download it again"
    )


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "one byte short": lambda data: data[:-1],
    "one byte long": lambda data: data + b"x",
    "half": lambda data: data[: len(data) // 2],
    "inside the header": lambda data: data[:40],
    "inside the length": lambda data: data[:5],
    "empty": lambda _data: b"",
    "text": lambda _data: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n",
    "header of another shape": lambda _data: struct.pack("<Q", 3) + b"[1]",
    "entry of another shape": lambda _data: struct.pack("<Q", 9) + b'{"a": 12}',
    "offsets of another shape": lambda _data: struct.pack("<Q", 28) + b'{"a": {"data_offsets": "x"}}',
}


@pytest.mark.parametrize("harm", HARMS)
def test_damaged_weights(folder: Path, harm: str) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(HARMS[harm](path.read_bytes()))
    assert refusal(folder) == damaged(path)


@pytest.fixture
def sharded(folder: Path) -> Path:
    """The same weights in two files with an index."""
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(weights)
    parts = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    for name, keys in parts.items():
        save_file({key: weights[key] for key in keys}, folder / name, metadata={"format": "pt"})
    index = {"metadata": {}, "weight_map": {key: name for name, keys in parts.items() for key in keys}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return folder


def test_shards_are_found(sharded: Path) -> None:
    assert [path.name for path in inspect(sharded).weights] == [
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ]


def test_a_missing_and_a_truncated_shard(sharded: Path) -> None:
    second = sharded / "model-00002-of-00002.safetensors"
    second.write_bytes(second.read_bytes()[:-100])
    assert refusal(sharded) == damaged(second)
    second.unlink()
    assert refusal(sharded) == damaged(second)


@pytest.mark.parametrize("content", ["{}", '{"weight_map": {}}', '{"weight_map": ["a"]}'])
def test_an_index_without_weights(sharded: Path, content: str) -> None:
    index = sharded / "model.safetensors.index.json"
    index.write_text(content)
    assert refusal(sharded) == f"cannot read {index}\n  why: it names no weights (weight_map)\n  fix: restore the file"


def test_one_file_goes_before_shards_as_in_transformers(sharded: Path, tiny: Tiny) -> None:
    shutil.copy(tiny("xlm-roberta", "sequence") / "model.safetensors", sharded)
    assert [path.name for path in inspect(sharded).weights] == ["model.safetensors"]


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

HOSTILE = {
    "infinity": "1e999",
    "a number without end": "9" * 5000,
    "brackets": "[" * 100_000,
    "a text": '"x"',
    "a list": '["x"]',
    "an object": "{}",
    "a real number": "1.5",
    "far too many": "1000000000",
    "yes": "true",
}


def three_lines(path: Path) -> str:
    """What is said before any weight is loaded."""
    with pytest.raises(UserError) as error:
        check_architecture(find(path)[""])
    assert len(str(error.value).splitlines()) == 3
    return error.value.what


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json", "generation_config.json"])
@pytest.mark.parametrize("content", ["infinity", "a number without end", "brackets", "a text"])
def test_json_that_no_parser_should_be_given(folder: Path, file: str, content: str) -> None:
    (folder / file).write_text(HOSTILE[content])
    assert three_lines(folder) == f"cannot read {folder / file}"


@pytest.mark.parametrize("field", ["model_type", "architectures", "id2label", "vocab_size", "num_hidden_layers"])
@pytest.mark.parametrize("value", ["infinity", "a number without end", "a text", "a real number", "yes", "brackets"])
def test_values_of_another_type(folder: Path, field: str, value: str) -> None:
    path = configure(folder, **{field: "@"}) / "config.json"
    path.write_text(path.read_text().replace('"@"', HOSTILE[value]))
    assert three_lines(folder).startswith(
        f"unknown architecture 'x' in {path}" if (field, value) == ("model_type", "a text") else f"cannot read {path}"
    )


@pytest.mark.parametrize(
    ("field", "number", "says"),
    [
        ("num_hidden_layers", 10**9, "cannot read"),
        ("num_hidden_layers", 90_000, "cannot load"),
        ("vocab_size", 10**9, "cannot load"),
        ("max_position_embeddings", 10**9, "cannot load"),
        ("num_labels", 10**9, "cannot read"),
        ("hidden_size", 33, "cannot read"),  # no multiple of the heads
        ("hidden_size", 10**12, "cannot read"),
        ("hidden_act", ["gelu"], "cannot read"),
    ],
)
def test_numbers_that_would_be_asked_of_memory(folder: Path, field: str, number: object, says: str) -> None:
    assert three_lines(configure(folder, **{field: number})).startswith(says)


@pytest.mark.parametrize("names", [[3], ["../model.safetensors"], ["/etc/passwd"], [{"a": 1}], [None]])
def test_an_index_names_files_of_its_own_folder_only(sharded: Path, names: list[object]) -> None:
    index = sharded / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {str(number): name for number, name in enumerate(names)}}))
    assert "its weight_map names no files in its folder" in refusal(sharded)


@pytest.mark.parametrize(
    "header",
    [
        {"a": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}},
        {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 400]}},
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}},
        {"a": {"dtype": "F32", "shape": "x", "data_offsets": [0, 4]}},
        {"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}},
        {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "b": 3},
        {"__metadata__": {"format": 3}, "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}},
        [],
    ],
)
def test_headers_that_lie(folder: Path, header: object) -> None:
    path, text = folder / "model.safetensors", json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))
    assert refusal(folder) == damaged(path)
    path.write_bytes(struct.pack("<Q", 2**63) + text + bytes(4))
    assert refusal(folder) == damaged(path)
