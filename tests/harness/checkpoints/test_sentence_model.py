"""What the authors of an embedding model say is read, or refused in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tiny
from tests.sentence_models import layer, save_dense, save_sentence_model, write_json
from xharness.checkpoints.sentence_model import LEGACY_POOLINGS, SentenceModel, is_sentence_model, read_sentence_model
from xharness.tasks.common.errors import UserError

WIDTH = 32


@pytest.fixture
def folder(tiny: Tiny, tmp_path: Path) -> Path:
    """An embedding model with everything that is offered."""
    return save_sentence_model(
        tiny("bert", "encoder"),
        tmp_path / "model",
        pooling={"pooling_mode": "lasttoken", "include_prompt": False},
        dense=[layer(WIDTH, 8), layer(8, 16, "torch.nn.modules.linear.Identity", bias=False)],
        longest=64,
        lower_case=True,
        prompts={
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": "query",
            "truncate_dim": 4,
        },
    )


def test_everything_is_read(folder: Path) -> None:
    model = read_sentence_model(folder)
    assert model is not None
    assert (model.pooling, model.pools_prompt, model.refused) == ("last-token", False, "")
    assert [(each.inputs, each.outputs, each.activation, each.normalised) for each in model.dense] == [
        (WIDTH, 8, "Tanh", False),
        (8, 16, "Identity", False),
    ]
    assert (model.longest, model.lower_case, model.width) == (64, True, 4)
    assert (model.prompts, model.default_prompt) == ({"query": "query: ", "passage": "passage: "}, "query")
    assert model.key_fields(prompted=True).keys() == {"dense", "width", "longest", "lower_case", "prompt_skipped"}
    assert "prompt_skipped" not in model.key_fields(prompted=False)


def test_a_folder_without_modules_says_nothing(tiny: Tiny) -> None:
    assert read_sentence_model(tiny("bert", "encoder")) is None
    assert SentenceModel().key_fields(prompted=True) == SentenceModel().signature_parts(prompted=True) == {}


def test_the_packages_own_encoder_is_one(minilm: Path) -> None:
    model = read_sentence_model(minilm)
    assert model == SentenceModel("mean", longest=256)


@pytest.mark.parametrize(("key", "mode"), LEGACY_POOLINGS.items())
def test_older_names_of_poolings(tiny: Tiny, tmp_path: Path, key: str, mode: str) -> None:
    modes = {name: name == key for name in LEGACY_POOLINGS}
    old = read_sentence_model(save_sentence_model(tiny("bert", "encoder"), tmp_path / "old", pooling=modes))
    new = read_sentence_model(save_sentence_model(tiny("bert", "encoder"), tmp_path / "new", pooling=mode))
    assert old == new
    assert old is not None
    assert bool(old.refused) == (mode == "mean_sqrt_len_tokens")


def test_a_vector_normalised_before_a_layer(tiny: Tiny, tmp_path: Path) -> None:
    folder = save_sentence_model(tiny("bert", "encoder"), tmp_path / "model", more=["Normalize", "Dropout", "Dense"])
    save_dense(folder / "4_Dense", layer(WIDTH, 8))
    model = read_sentence_model(folder)
    assert model is not None
    assert [each.normalised for each in model.dense] == [True]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"more": ["CNN"]}, "2_CNN is a CNN"),
    ({"more": ["LayerNorm"]}, "2_LayerNorm is a LayerNorm"),
    ({"pooling": {"pooling_mode": ["cls", "mean"]}}, "it pools by cls and mean"),
    ({"pooling": "splade"}, "it pools by splade"),
    ({"dense": [layer(WIDTH, 8, "my.Own")]}, "2_Dense is a Dense with the activation my.Own"),
    ({"dense": [layer(WIDTH, 8, "torch.nn.Bilinear")]}, "2_Dense is a Dense with the activation torch.nn.Bilinear"),
    ({"dense": [layer(WIDTH, 8, use_residual=True)]}, "2_Dense is a Dense with a residual connection"),
    ({"dense": [layer(WIDTH, 8, module_input_name="token_embeddings")]}, "sentence_embedding, token_embeddings"),
]


@pytest.mark.parametrize(("files", "why"), REFUSED, ids=[why for _, why in REFUSED])
def test_modules_that_are_not_offered_are_named(tiny: Tiny, tmp_path: Path, files: dict[str, Any], why: str) -> None:
    model = read_sentence_model(save_sentence_model(tiny("bert", "encoder"), tmp_path / "model", **files))
    assert model is not None
    assert why in model.refused


@pytest.mark.parametrize(
    ("modules", "why"),
    [
        ([], "its modules are none"),
        ([{"type": "sentence_transformers.models.BoW", "path": ""}], "its modules are BoW"),
        ([{"type": "own.Transformer", "path": ""}], "its modules are own.Transformer"),
        (
            [{"type": "sentence_transformers.models.Transformer", "path": "0_Transformer"},
             {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}],
            "not an encoder of the folder",
        ),
    ],
)  # fmt: skip
def test_other_modules_than_an_encoder_and_a_pooling(folder: Path, modules: list[Any], why: str) -> None:
    write_json(folder / "modules.json", modules)
    model = read_sentence_model(folder)
    assert model is not None
    assert why in model.refused


def test_pickled_layers_are_not_read(folder: Path) -> None:
    (folder / "2_Dense" / "model.safetensors").rename(folder / "2_Dense" / "pytorch_model.bin")
    model = read_sentence_model(folder)
    assert model is not None
    assert "pickles are not read" in model.refused


BROKEN = {
    "modules.json": ["{", "[1]", '{"0": {}}', '[{"path": ""}]', '[{"type": "x", "path": 3}]', "[" * 1000,
                     '[{"type": "x", "path": "../../etc"}]', '[{"type": "x", "path": ".."}]',
                     '[{"type": "x", "path": "a\\\\b"}]', '[{"type": "x", "path": "/etc"}]'],
    "1_Pooling/config.json": ["[]", '{"pooling_mode": 3}', '{"pooling_mode_mean_tokens": "yes"}', "\xff",
                              '{"include_prompt": 1}'],
    "2_Dense/config.json": ["{}", '{"in_features": "8", "out_features": 8}',
                            '{"in_features": 1000000000000, "out_features": 8}'],
    "3_Dense/config.json": ['{"in_features": 9, "out_features": 16, "bias": false}'],
    "2_Dense/model.safetensors": ["", "\x00" * 20, "x" * 100],
    "sentence_bert_config.json": ['{"max_seq_length": 0}', '{"max_seq_length": -5}', '{"max_seq_length": 1e3}',
                                  '{"do_lower_case": "no"}', "null"],
    "config_sentence_transformers.json": ["[]", '{"prompts": {"a": 1}}', '{"prompts": []}', '{"truncate_dim": 0}',
                                          '{"truncate_dim": 99999999999}', '{"default_prompt_name": "x\\u0007"}'],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in BROKEN.items() for text in texts])
def test_broken_files_are_one_clear_error(folder: Path, name: str, text: str) -> None:
    (folder / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError) as error:
        read_sentence_model(folder)
    assert str(folder) in error.value.what
    assert "\n" not in error.value.what + error.value.why + error.value.fix
    assert (error.value.what + error.value.why).isprintable()


def test_a_module_without_its_config(folder: Path) -> None:
    (folder / "1_Pooling" / "config.json").unlink()
    with pytest.raises(UserError, match=r"1_Pooling/config\.json") as error:
        read_sentence_model(folder)
    assert "modules.json names it" in error.value.why


def test_weights_of_other_sizes_than_their_config(folder: Path) -> None:
    config = json.loads((folder / "2_Dense" / "config.json").read_text())
    write_json(folder / "2_Dense" / "config.json", config | {"out_features": 9})
    with pytest.raises(UserError, match=r"2_Dense/model\.safetensors"):
        read_sentence_model(folder)


def test_files_are_read_without_torch(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from xharness.checkpoints.sentence_model import read_sentence_model\n"
        "assert read_sentence_model(Path(sys.argv[1])).dense; sys.exit('torch' in sys.modules)"
    )
    assert is_sentence_model(folder)
    assert subprocess.run([sys.executable, "-c", code, str(folder)], check=False).returncode == 0
