"""The chain: phases are shared and named by their content, and it ends in a complete submission."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.harness.comparison.made import right, write_run
from tests.harness.conftest import Call, Demo
from xharness.cli.benchmark import _comparison
from xharness.studies.chain_table import compare_chains

QUICK = "steps=2 batch_size=4 eval_every=2 max_length=64".split()


@pytest.fixture
def common(demo: Demo, tmp_path: Path) -> list[object]:
    sets = [part for each in QUICK for part in ("--set", each)]
    return ["benchmark", "--model", demo.models / "encoder", "--data", demo.data, "--out", tmp_path / "out", *sets]


def phases(out: Path) -> dict[str, int]:
    """Each phase and when its weights were written."""
    return {path.parent.name: path.stat().st_mtime_ns for path in (out / "phases").rglob("model.safetensors")}


def test_from_an_encoder_to_submissions_with_shared_phases(
    common: list[object], tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    plain = call(*common, "--device", "cpu")
    assert plain.code == 0, plain.err
    assert "162 of 162 files" in plain.out
    first = phases(out)
    assert {name.rsplit("-", 1)[0] for name in first} == {"xnli", "pawsx", "udpos", "panx", "squad_v1", "tydiqa"}

    through = call(*common, "--device", "cpu", "--intermediate", "squad_v1")
    assert through.code == 0, through.err
    assert "chains, average over languages" in through.out
    assert "this − none" in through.out
    assert "not comparable" not in through.out
    second = phases(out)
    assert first.items() <= second.items()  # nothing of the first chain was touched
    # SQuAD as an intermediate task follows another recipe than as XQuAD's training set, so it is a phase of its own.
    assert len(second) == 2 * 6 + 1
    (suite,) = (out / "suites").glob("squad_v1-*")
    assert (suite / "encoder").resolve().name.startswith("squad_v1-")
    assert {path.name.rsplit("-", 1)[0] for path in out.glob("*.zip")} == {"none", "squad_v1"}

    def read(*_: object) -> None:
        raise AssertionError("examples of a finished phase were read")

    monkeypatch.setattr("xharness.train.finetune.encode", read)
    monkeypatch.setattr("xharness.train.prepare.load_tokenizer", read)
    again = call(*common, "--device", "cpu", "--intermediate", "squad_v1")
    assert again.code == 0, again.err
    assert "everything was done already" in again.out
    assert phases(out) == second


def test_changing_the_last_phase_keeps_the_first_ones(common: list[object], tmp_path: Path, call: Call) -> None:
    recipe = tmp_path / "recipe.toml"
    chosen = [*common, "--device", "cpu", "--intermediate", "squad_v1", "--targets", "xnli", "--allow-incomplete"]
    recipe.write_text("")
    assert call(*chosen, "--recipe-file", recipe).code == 0
    before = phases(tmp_path / "out")
    recipe.write_text("[xnli]\nweight_decay = 0.1\n")
    again = call(*chosen, "--recipe-file", recipe)
    assert again.code == 0, again.err
    assert len(list((tmp_path / "out" / "runs").iterdir())) == 2  # the old run is kept
    after = phases(tmp_path / "out")
    assert before.items() <= after.items()
    assert [name.rsplit("-", 1)[0] for name in after.keys() - before.keys()] == ["xnli"]


def test_targets_side_by_side_are_the_same(common: list[object], tmp_path: Path, call: Call) -> None:
    chosen = [*common, "--device", "cpu", "--targets", "xnli,udpos,panx", "--allow-incomplete"]
    out, found = tmp_path / "out", []
    for jobs in (1, 2):
        called = call(*chosen, "--jobs", jobs)
        assert called.code == 0, called.err
        assert ("3 targets, 2 at a time" in called.err) == (jobs == 2)
        found.append({path.parent.name: path.read_bytes() for path in (out / "phases").rglob("model.safetensors")})
        again = call(*chosen, "--jobs", jobs)
        assert "everything was done already" in again.out
        assert "at a time" not in again.err
        shutil.rmtree(out)
    assert len(found[0]) == 3
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--intermediate", "hellaswagg"], "did you mean 'hellaswag'?"),
        (["--targets", "xnlii"], "error: unknown target 'xnlii'\n"),
        (["--device", "gpu"], "did you mean 'cuda'?"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_mistakes(common: list[object], tmp_path: Path, call: Call, arguments: list[str], expected: str) -> None:
    called = call(*common, *arguments)
    assert called.code == 1
    assert expected in called.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("intermediate", ["mlm", "mlm,xnli"])
def test_text_as_an_intermediate_task(common: list[object], tmp_path: Path, call: Call, intermediate: str) -> None:
    chosen = [*common, "--device", "cpu", "--intermediate", intermediate, "--targets", "pawsx", "--allow-incomplete"]
    called = call(*chosen)
    assert called.code == 0, called.err
    (suite,) = (tmp_path / "out" / "suites").iterdir()
    assert (suite / "encoder" / "model.safetensors").is_file()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--layer", "99"], "no layer 99 in this model"),
        (["--layer", "foo"], "unknown layer 'foo'"),
        (["--recipe-file", "recipe.toml"], "learning_rate is -1.0"),
        (["--data", "nope"], "no data folder at nope"),
        (["--train-data", "untrained"], "no train data of pawsx in untrained/download/pawsx"),
        (["--intermediate", "ccg", "--train-data", "untrained"], "no train data of pawsx in untrained/download/pawsx"),
        (["--intermediate", "mlm", "--train-data", "untrained"], "no text in untrained"),
        (["--targets", "xnli,xnli"], "target 'xnli' is named twice"),
        (["--intermediate", "squad_v1,squad_v1"], "squad_v1 is named twice"),
        (["--targets", "mlqa"], "answered by the model of xquad"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_nothing_is_trained_before_everything_is_checked(
    common: list[object],
    demo: Demo,
    tmp_path: Path,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    expected: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("recipe.toml").write_text("[tydiqa]\nlearning_rate = -1.0\n")
    if "untrained" in arguments:
        shutil.copytree(demo.data, "untrained", ignore=shutil.ignore_patterns("text"))
        for file in Path("untrained/download/pawsx").rglob("*train*"):
            file.unlink()
    train = [] if "--train-data" in arguments else ["--train-data", demo.data]
    called = call(*common, *train, *arguments)
    assert called.code == 1
    assert expected in " ".join(called.err.split())
    assert not (tmp_path / "out").exists()


def test_runs_on_other_data_and_from_trained_models_are_kept_apart(
    common: list[object], demo: Demo, tmp_path: Path, call: Call
) -> None:
    out, data = tmp_path / "out", tmp_path / "data"
    chosen = [*common, "--device", "cpu", "--targets", "udpos", "--allow-incomplete"]
    assert call(*chosen).code == 0
    shutil.copytree(demo.data, data)
    assert call(*chosen, "--data", data, "--train-data", demo.data).code == 0
    (first,) = (out / "runs").iterdir()  # the same data elsewhere are the same data
    (data / "labels" / "udpos" / "test-de.tsv").unlink()
    other = call(*chosen, "--data", data, "--train-data", demo.data)
    assert other.code == 0, other.err
    assert len(list((out / "runs").iterdir())) == 2
    assert f"not comparable: {first.name} (other evaluation data)\n" in other.out

    (encoder,) = (out / "phases").glob("udpos-*")
    trained = call(*chosen, "--model", encoder)
    assert trained.code == 0, trained.err
    assert len(list((out / "runs").glob("udpos-*"))) == 1
    assert "this − none" in trained.out  # its start descends from that of the first chain
    call(*chosen, "--model", encoder, "--intermediate", "xnli,panx,ccg,squad_v1")
    assert len(list((out / "runs").glob("udpos-then-xnli+3more-*"))) == 1


ALIKE: dict[str, Any] = {
    "start": "a",
    "targets": ["xnli"],
    "recipe": {"xnli": 1},
    "training data": {"xnli": 1},
    "layer": 8,
    "evaluation data": "e",
}


def finished(out: Path, name: str, score: float, lineage: str | None, **changed: Any) -> str:
    """A finished chain as it lies in a folder; without a description where it has no lineage."""
    (out / "chains").mkdir(exist_ok=True)
    write_run(out / "runs" / name, {("xnli", "de"): right([1.0] * round(2 * score) + [0.0] * round(200 - 2 * score))})
    if lineage:
        comparable = ALIKE | {key.replace("_", " "): value for key, value in changed.items()}
        described = {"lineage": list(lineage), "comparable": comparable}
        (out / "chains" / f"{name}.json").write_text(json.dumps(described))
    return name


def test_this_chain_stands_beside_none_and_what_is_comparable(tmp_path: Path) -> None:
    this = finished(tmp_path, "mnli-00000001", 72.0, "ab")
    other = finished(tmp_path, "ccg-00000002", 60.0, "ac")
    none = finished(tmp_path, "none-00000003", 70.5, "a")
    finished(tmp_path, "none-00000004", 0.0, "a", layer=7)
    finished(tmp_path, "none-00000005", 0.0, "a", recipe={"xnli": 2}, evaluation_data="f")
    finished(tmp_path, "none-00000006", 0.0, "b", start="b")
    finished(tmp_path, "none-00000007", 0.0, None)
    finished(tmp_path, "none-00000008", 0.0, "a", targets=["udpos"], recipe={}, training_data={})
    compared = compare_chains(tmp_path, this)
    assert [(row["chain"], row["xnli"]) for row in compared.rows] == [
        (none, 70.5), (this, 72.0), ("this − none", 1.5), (other, 60.0)
    ]  # fmt: skip
    assert compared.apart == {
        "none-00000004": ["other layer"],
        "none-00000005": ["other recipe", "other evaluation data"],
        "none-00000006": ["other start"],
        "none-00000007": ["not in chains/, or damaged there"],
        "none-00000008": ["other targets"],
    }
    assert [row["chain"] for row in compare_chains(tmp_path, none).rows] == [none, other, this]
    scores = tmp_path / "runs" / none / "scores.json"
    scores.write_text(scores.read_text().replace("70.5", "99.5"))
    compared = compare_chains(tmp_path, this)
    assert [row["chain"] for row in compared.rows] == [this, other], "an edited run is not compared with"
    assert compared.apart[none][0].startswith("its run cannot be read: ")


def test_headers_of_chains_differ_in_narrow_terminals(tmp_path: Path) -> None:
    names = [f"mlm-then-anli_plus+8more-then-squad_v1-0000000{n}" for n in range(4)]
    for name in names:
        finished(tmp_path, name, 50.0, "a" + name[-1])
    console = Console(width=80, record=True)
    console.print(_comparison(compare_chains(tmp_path, names[0]).rows))
    shown = console.export_text()
    assert all(name[-8:] in shown for name in names)
    assert "all_task" not in shown  # no chain has one
