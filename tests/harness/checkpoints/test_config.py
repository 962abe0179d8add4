"""config.json: what is read of it, and what it cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness.checkpoints.made import configure, refusal
from xharness.checkpoints.architecture import check_architecture
from xharness.checkpoints.checkpoint import find, inspect
from xharness.tasks.common.errors import UserError


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
