"""Embedding models give the vectors that sentence-transformers gives for the same folder, and say how."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import Tiny
from tests.harness.conftest import Call, Demo
from tests.sentence_models import layer, save_sentence_model, write_json
from xharness.checkpoints.checkpoint import Head, inspect
from xharness.compute.device import Device
from xharness.compute.loading import load
from xharness.evaluation.answer.base import AnswerRequest
from xharness.evaluation.answer.embedding import EmbeddingSettings, Encoder
from xharness.evaluation.evaluate import evaluate
from xharness.evaluation.options import EvaluateOptions
from xharness.runs.folder import RunFolder
from xharness.submissions.signature import Signature
from xharness.tasks import tatoeba
from xharness.tasks.common.errors import UserError

WIDTH = 32
TEXTS = ["Bada lomi, kupe!", "Бада ломи дува", "BADA", "lomi " * 40, "", "bada", "  bada  ", "บดาลม"]
PROMPTS = {"prompts": {"query": "kupe: ", "passage": "dada: "}, "default_prompt_name": "query"}


def options(folder: Path, **more: Any) -> EvaluateOptions:
    return EvaluateOptions(model=folder, data=Path("data"), out=Path("out"), device="cpu", resamples=0, **more)


def settings(folder: Path, **more: Any) -> EmbeddingSettings:
    return EmbeddingSettings.of(options(folder, **more), tatoeba.TASK, inspect(folder))


def ours(folder: Path, texts: Sequence[str], **more: Any) -> np.ndarray:
    """Vectors as an evaluation makes them, normalised."""
    chosen, model = settings(folder, **more), load(inspect(folder), Head.ENCODER, Device("cpu", "fp32"))
    request = AnswerRequest(
        task=tatoeba.TASK, labels=(), loaded=model, cells=[], tuning={}, settings=chosen, max_length=512,
        batch_tokens=256, progress=lambda _share: None, note=lambda _text: None,
    )  # fmt: skip
    vectors = Encoder(request, chosen, len(texts))(texts)[chosen.main]
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def theirs(folder: Path, texts: Sequence[str], **more: Any) -> np.ndarray:
    reason = "sentence-transformers is not installed: pip install -e .[bench]"
    package = pytest.importorskip("sentence_transformers", reason=reason)
    model = package.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    return np.asarray(model.encode(list(texts), normalize_embeddings=True, **more))


FOLDERS: dict[str, dict[str, Any]] = {
    "mean": {},
    "not normalised": {"more": ()},
    "cls and default prompt": {"pooling": {"pooling_mode_cls_token": True}, "prompts": PROMPTS},
    "max": {"pooling": "max"},
    "weighted mean": {"pooling": "weightedmean", "prompts": PROMPTS},
    "last token": {"pooling": "lasttoken"},
    "cut": {"longest": 16},
    "lower case": {"lower_case": True},
    "dense": {"dense": [layer(WIDTH, 8)], "pooling": "cls"},
    "two layers": {"dense": [layer(WIDTH, 24, bias=False), layer(24, 16, "torch.nn.modules.linear.Identity")]},
    "gelu": {"dense": [layer(WIDTH, WIDTH, "torch.nn.modules.activation.GELU")]},
    "prompt not pooled": {"pooling": {"pooling_mode": "mean", "include_prompt": False}, "prompts": PROMPTS},
    "prompt not pooled by first": {"pooling": {"pooling_mode": "cls", "include_prompt": False}, "prompts": PROMPTS},
    "prompt not pooled by weight": {
        "pooling": {"pooling_mode": "weightedmean", "include_prompt": False}, "prompts": PROMPTS,
    },
    "leading columns": {"prompts": {"truncate_dim": 5}},
}  # fmt: skip


@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert", "qwen2"])
@pytest.mark.parametrize("name", FOLDERS)
def test_vectors_equal_those_of_sentence_transformers(tiny: Tiny, tmp_path: Path, name: str, architecture: str) -> None:
    if architecture == "qwen2" and "not pooled" in name:
        pytest.skip("a prompt without special tokens behind it ends in another piece with a text than alone")
    folder = save_sentence_model(tiny(architecture, "encoder", layers=3), tmp_path / "model", **FOLDERS[name])
    texts = TEXTS if architecture != "qwen2" else [text for text in TEXTS if text]  # it has no token for nothing
    distances = 1 - (ours(folder, texts) * theirs(folder, texts)).sum(1)
    assert distances.max() <= 1e-6


def test_prompts_by_name_by_text_and_none(tiny: Tiny, tmp_path: Path) -> None:
    folder = save_sentence_model(tiny("bert", "encoder"), tmp_path / "model", prompts=PROMPTS)
    for word, meant in {
        "passage": {"prompt_name": "passage"},
        "lomi ": {"prompt": "lomi "},
        "none": {"prompt": ""},
    }.items():
        distances = 1 - (ours(folder, TEXTS, prompt=word) * theirs(folder, TEXTS, **meant)).sum(1)
        assert distances.max() <= 1e-6, word


def test_a_real_encoder(minilm: Path) -> None:
    texts = ["A man is eating food.", "Ein Mann isst etwas.", "word " * 400, "", "食べる"]
    assert (1 - (ours(minilm, texts) * theirs(minilm, texts)).sum(1)).max() <= 1e-6


def test_what_auto_stands_for(tiny: Tiny, tmp_path: Path) -> None:
    plain = tiny("bert", "encoder", layers=3)
    folder = save_sentence_model(plain, tmp_path / "model", pooling="cls", prompts=PROMPTS, longest=64)
    assert settings(plain).cache_key_fields() == {"layer": "reference", "pooling": "mean"}
    assert settings(plain).remark() == ""
    found = settings(folder)
    assert found.cache_key_fields() == {"layer": "last", "pooling": "cls", "prompt": "kupe: ", "longest": 64}
    assert found.signature_parts() == {"layer": "3/3", "pooling": "cls", "prompt": '"kupe: "', "length": "64"}
    assert found.remark() == (
        'vectors as the model\'s modules.json says: layer 3/3, pooling cls, length 64, prompt "kupe: "'
    )
    by_hand = settings(folder, pooling="mean", layer="reference", prompt="none")
    assert by_hand == settings(plain, pooling="mean", layer="reference")
    assert by_hand.cache_key_fields() == settings(plain).cache_key_fields()
    assert settings(folder, max_length=128).length is None
    assert settings(folder, prompt="none").remark().endswith("no prompt (it offers 'query', 'passage': --prompt NAME)")


def test_a_sweep_of_an_embedding_model_counts_its_last_block(tiny: Tiny, tmp_path: Path) -> None:
    plain = tiny("bert", "encoder", layers=3)
    folder = save_sentence_model(plain, tmp_path / "model")
    assert (settings(folder, layer="sweep").main, settings(plain, layer="sweep").main) == (3, 2)
    assert settings(folder, layer="sweep").cache_key_fields() != settings(plain, layer="sweep").cache_key_fields()


@pytest.mark.parametrize(
    ("prompt", "what", "fix"),
    [
        ("qeury", "no prompt 'qeury'", "did you mean 'query'?; a text of your own has a space or a colon in it"),
        ("query:", "", ""),
        ("query ", "", ""),
    ],
)
def test_a_word_that_is_no_prompt(tiny: Tiny, tmp_path: Path, prompt: str, what: str, fix: str) -> None:
    folder = save_sentence_model(tiny("bert", "encoder"), tmp_path / "model", prompts=PROMPTS)
    if not what:
        assert settings(folder, prompt=prompt).prompt == prompt
        return
    with pytest.raises(UserError, match=what) as error:
        settings(folder, prompt=prompt)
    assert error.value.fix.startswith(fix)
    with pytest.raises(UserError, match=what):
        settings(tiny("bert", "encoder"), prompt=prompt)


def test_bars_and_line_ends_of_a_prompt_do_not_break_a_signature(tiny: Tiny) -> None:
    parts = settings(tiny("bert", "encoder"), prompt="a|b:\n\x1b ").signature_parts()
    assert Signature.parse(str(Signature.of(**parts))).parts.items() >= parts.items()
    assert str(Signature.of(**parts)).isprintable()


@pytest.fixture
def model(demo: Demo, tmp_path: Path) -> Path:
    """The demo's encoder as an embedding model."""
    return save_sentence_model(demo.models / "encoder", tmp_path / "model", prompts=PROMPTS, longest=32)


def arguments(demo: Demo, model: Path, out: Path, *more: object) -> list[object]:
    chosen = ["--tasks", "tatoeba,bucc2018", "--langs", "de", "--device", "cpu", "--resamples", 0]
    return ["evaluate", "--model", model, "--data", demo.data, "--out", out, *chosen, *more]


def test_an_evaluation_says_what_it_took(demo: Demo, model: Path, tmp_path: Path, call: Call) -> None:
    out = tmp_path / "run"
    called = call(*arguments(demo, model, out))
    assert called.code == 0
    said = " ".join(called.out.split())
    assert "note: tatoeba, bucc2018: vectors as the model's modules.json says" in said
    assert 'length 32, prompt "kupe: "' in said
    records = RunFolder(out).records()
    options: list[Any] = [record.parts["options"] for record in records]
    assert {each["prompt"] for each in options} == {"kupe: "}
    assert {Signature.parse(record.signature)["length"] for record in records} == {"32"}
    assert (
        evaluate(
            EvaluateOptions(model=model, data=demo.data, out=out, tasks="tatoeba", langs="de", resamples=0)
        ).computed
        == 0
    )
    other = call(*arguments(demo, model, out, "--prompt", "none"))
    assert (other.code, "--prompt was kupe: , now absent" in other.err) == (1, True)
    (out / "manifest.json").unlink()
    assert call(*arguments(demo, model, out)).code == 0


def test_files_that_change_make_another_run(demo: Demo, model: Path, tmp_path: Path, call: Call) -> None:
    out = tmp_path / "run"
    assert call(*arguments(demo, model, out, "--quiet")).code == 0
    write_json(model / "1_Pooling" / "config.json", {"pooling_mode": "cls"})
    called = call(*arguments(demo, model, out, "--quiet"))
    assert (called.code, "--pooling was mean, now cls" in called.err) == (1, True)


def test_a_prompt_without_room_is_refused_before_anything_runs(
    demo: Demo, model: Path, tmp_path: Path, call: Call
) -> None:
    called = call(*arguments(demo, model, tmp_path / "run", "--prompt", "lomi " * 40))
    assert called.code == 1
    assert "error: no room for the text of " in called.err
    assert "the longest input is 32 pieces, and special tokens and prompt take" in called.err


@pytest.mark.parametrize("prompt", ["\udcff: ", "\x00 "])
def test_any_bytes_are_a_prompt_or_refused(demo: Demo, model: Path, tmp_path: Path, call: Call, prompt: str) -> None:
    called = call(*arguments(demo, model, tmp_path / "run", "--prompt", prompt))
    assert called.code in (0, 1)
    assert "Traceback" not in called.err
    assert (called.code == 0) or called.err.startswith("error: ") or "error: cannot read --prompt" in called.err


def test_modules_that_are_not_offered_are_refused_by_name_unless_a_pooling_is_chosen(
    demo: Demo, tmp_path: Path, call: Call
) -> None:
    model = save_sentence_model(demo.models / "encoder", tmp_path / "model", more=["CNN"])
    called = call(*arguments(demo, model, tmp_path / "run"))
    assert called.code == 1
    assert called.err.strip().splitlines()[-3:] == [
        f"error: cannot make vectors as {model} says",
        "  why: 2_CNN is a CNN",
        "  fix: choose a pooling of the encoder's own tokens, without its other modules: --pooling mean, "
        "mean-no-special, cls, max, weighted-mean, last-token",
    ]
    assert call(*arguments(demo, model, tmp_path / "run", "--pooling", "mean", "--quiet")).code == 0


def test_layers_of_another_encoder_are_refused(tiny: Tiny, tmp_path: Path) -> None:
    folder = save_sentence_model(tiny("bert", "encoder"), tmp_path / "model", dense=[layer(WIDTH + 1, 8)])
    with pytest.raises(UserError, match="2_Dense does not belong to") as error:
        settings(folder)
    assert error.value.why == f"it takes vectors of {WIDTH + 1}, and the encoder gives {WIDTH}"


def test_broken_files_are_refused_before_anything_runs(demo: Demo, model: Path, tmp_path: Path, call: Call) -> None:
    (model / "modules.json").write_text("{")
    called = call(*arguments(demo, model, tmp_path / "run"))
    assert called.code == 1
    assert f"error: cannot read {model / 'modules.json'}" in called.err


def test_a_suite_takes_the_modules_of_its_encoder(demo: Demo, model: Path, tmp_path: Path) -> None:
    suite = tmp_path / "suite"
    shutil.copytree(demo.models / "xnli", suite / "xnli")
    shutil.copytree(model, suite / "encoder")
    asked: dict[str, Any] = {"model": suite, "data": demo.data, "langs": "de", "device": "cpu", "resamples": 0}
    first = EvaluateOptions(**asked, out=tmp_path / "run", tasks="xnli")
    evaluate(first)
    result = evaluate(EvaluateOptions(**asked, out=tmp_path / "run", tasks="xnli,tatoeba"))
    assert json.dumps(result.manifest["notes"]).count("modules.json") == 1
    assert result.scores["xharness"]["cells"]["tatoeba"]["de"]["signature"].count("prompt:") == 1
