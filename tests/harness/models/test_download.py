"""Fetching from a hub on this machine: which files come, what is checked, what is said when it goes wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Tiny
from tests.harness.models.conftest import files_of
from tests.hub import Hub
from tests.sentence_models import layer, save_sentence_model
from xharness.checkpoints.hub import HubModel
from xharness.checkpoints.sentence_model import read_sentence_model
from xharness.models.download import choose, fetch
from xharness.tasks.common.errors import UserError

NAME = "made/up-model"


@pytest.fixture
def files(tiny: Tiny) -> dict[str, bytes]:
    return files_of(tiny("xlm-roberta", "encoder"))


def refusal(name: str = NAME, **options: object) -> str:
    with pytest.raises(UserError) as error:
        fetch(name, quiet=True, **options)  # type: ignore[arg-type]
    return str(error.value)


def test_what_an_embedding_model_says_of_itself_comes_too(hub: Hub, cache: Path, tiny: Tiny, tmp_path: Path) -> None:
    folder = save_sentence_model(
        tiny("bert", "encoder"), tmp_path / "model", dense=[layer(32, 8)], prompts={"prompts": {"query": "query: "}}
    )
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    others = {"2_Dense/pytorch_model.bin": b"p", "1_Pooling/own.py": b"raise", "onnx/config.json": b"{}"}
    hub.add(NAME, files | others)
    done = fetch(NAME, quiet=True)
    assert set(done.files) == set(files)
    model, original = read_sentence_model(done.checkpoint.path), read_sentence_model(folder)
    assert model is not None
    assert original is not None
    assert (model.pooling, model.prompts, [each.outputs for each in model.dense]) == ("mean", original.prompts, [8])
    assert "1_Pooling/config.json" not in choose("x", {"config.json", "vocab.txt", "model.safetensors", *others})


def test_only_what_the_encoder_needs_comes(hub: Hub, cache: Path, files: dict[str, bytes]) -> None:
    more = {"pytorch_model.bin": b"x" * 20_000, "modeling.py": b"raise", "README.md": b"#", "onnx/model.onnx": b"o"}
    repository = hub.add(NAME, files | more)
    done = fetch(NAME, quiet=True)
    assert done.hub == HubModel(NAME, repository.commit)
    assert set(done.files) == {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    assert {path.name for path in done.checkpoint.path.iterdir()} == set(done.files)
    assert done.size == sum(len(files[name]) for name in done.files)
    assert done.checkpoint.hub == done.hub
    assert files_of(done.checkpoint.path) == {name: files[name] for name in done.files}
    assert done.checkpoint.path.is_relative_to(cache.resolve())


def test_a_second_fetch_downloads_nothing(hub: Hub, files: dict[str, bytes]) -> None:
    hub.add(NAME, files)
    fetch(NAME, quiet=True)
    hub.asked.clear()
    fetch(NAME, quiet=True)
    assert not [line for line in hub.asked if line.startswith("GET") and "/resolve/" in line]


def test_a_broken_connection_goes_on_where_it_broke(hub: Hub, files: dict[str, bytes]) -> None:
    hub.add(NAME, files)
    hub.cut["model.safetensors"] = 5_000
    done = fetch(NAME, quiet=True)
    assert (done.checkpoint.path / "model.safetensors").read_bytes() == files["model.safetensors"]


def test_a_lying_hub_is_found_out(hub: Hub, files: dict[str, bytes]) -> None:
    hub.add(NAME, files)
    weights = bytearray(files["model.safetensors"])
    weights[-1] ^= 1
    hub.lies["model.safetensors"] = bytes(weights)
    assert refusal().startswith("model.safetensors is not the file that the hub promised\n  why: its sha256 is ")
    hub.lies.clear()
    assert (fetch(NAME, quiet=True).checkpoint.path / "model.safetensors").read_bytes() == files["model.safetensors"]


def test_revisions(hub: Hub, files: dict[str, bytes]) -> None:
    commit = hub.add(NAME, files, revisions="main v1").commit
    for name, revision in ((NAME, "v1"), (f"{NAME}@v1", None), (NAME, commit)):
        assert fetch(name, revision=revision, quiet=True).hub.revision == commit
    assert refusal(f"{NAME}@v1", revision="v2").startswith(
        f"'{NAME}@v1' is not the id of a model\n  why: two revisions"
    )
    assert refusal(revision="v9").startswith(f"{NAME} has no revision v9\n")


def test_a_pickle_must_be_asked_for(hub: Hub, files: dict[str, bytes]) -> None:
    hub.add(NAME, {name: c for name, c in files.items() if "safetensors" not in name} | {"pytorch_model.bin": b"x"})
    assert refusal().startswith(f"{NAME} has only pickle weights (pytorch_model.bin)\n  why: loading a pickle runs")
    assert not [line for line in hub.asked if "/resolve/" in line]
    done = fetch(NAME, allow_pickle=True, quiet=True)
    assert done.checkpoint.pickled


def test_code_of_its_own_is_refused_before_the_weights_come(hub: Hub, files: dict[str, bytes]) -> None:
    config = json.loads(files["config.json"]) | {"auto_map": {"AutoModel": "modeling.Model"}}
    hub.add(NAME, files | {"config.json": json.dumps(config).encode()})
    assert refusal().startswith(f"{NAME} needs code of its own\n")
    assert not [line for line in hub.asked if "safetensors" in line]


def test_what_the_hub_does_not_give(hub: Hub, files: dict[str, bytes]) -> None:
    assert refusal("xlm-roberta-bose").splitlines() == [
        "no model xlm-roberta-bose",
        f"  why: {hub.url} has none of this id, or shows it only to its owner",
        "  fix: did you mean 'xlm-roberta-base'?; for a private one log in: hf auth login",
    ]
    hub.add(NAME, files)
    hub.gated.add(NAME)
    assert refusal().startswith(f"{NAME} is gated\n")


def test_no_hub_at_all(hub: Hub, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    said = refusal()
    assert said.startswith(f"cannot fetch {NAME} from http://127.0.0.1:9\n")
    assert "the same command again continues" in said


def test_offline_means_offline(cache: Path) -> None:
    assert refusal().splitlines()[2] == f"  fix: HF_HUB_OFFLINE=0 xharness models fetch {NAME}"


def test_no_room(hub: Hub, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add(NAME, files)
    monkeypatch.setattr("xharness.models.download.shutil.disk_usage", lambda _: type("", (), {"free": 10})())
    assert refusal().startswith("not enough room in ")
    assert not [line for line in hub.asked if "/resolve/" in line]


def test_files_are_chosen_by_name() -> None:
    base = {"config.json", "tokenizer.json"}
    shards = {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"}
    assert set(choose("x", base | shards | {"pytorch_model.bin"})) == base | shards
    assert set(choose("x", base | shards | {"model.safetensors"})) == base | {"model.safetensors"}
    for lacking, said in ((base - {"config.json"}, "is not a model for transformers"), (base, "has no weights")):
        with pytest.raises(UserError, match=said):
            choose("x", lacking)
    with pytest.raises(UserError, match="has no tokenizer"):
        choose("x", {"config.json", "model.safetensors"})
