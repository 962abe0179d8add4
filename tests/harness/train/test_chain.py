"""The chain: phases are shared and named by their content, and it ends in a complete submission."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.conftest import Call, Demo

QUICK = "steps=2 batch_size=4 eval_every=2 max_length=64".split()


@pytest.fixture
def common(demo: Demo, tmp_path: Path) -> list[object]:
    sets = [part for each in QUICK for part in ("--set", each)]
    return ["benchmark", "--model", demo.models / "encoder", "--data", demo.data, "--out", tmp_path / "out", *sets]


def phases(out: Path) -> dict[str, int]:
    """Each phase and when its weights were written."""
    return {path.parent.name: path.stat().st_mtime_ns for path in (out / "phases").rglob("model.safetensors")}


def test_from_an_encoder_to_submissions_with_shared_phases(common: list[object], tmp_path: Path, call: Call) -> None:
    out = tmp_path / "out"
    plain = call(*common, "--device", "cpu")
    assert plain.code == 0, plain.err
    assert "162 of 162 files" in plain.out
    first = phases(out)
    assert {name.rsplit("-", 1)[0] for name in first} == {"xnli", "pawsx", "udpos", "panx", "squad_v1", "tydiqa"}

    through = call(*common, "--device", "cpu", "--intermediate", "squad_v1")
    assert through.code == 0, through.err
    assert "chains, average over languages" in through.out
    second = phases(out)
    assert first.items() <= second.items()  # nothing of the first chain was touched
    # SQuAD as an intermediate task follows another recipe than as XQuAD's training set, so it is a phase of its own.
    assert len(second) == 2 * 6 + 1
    (suite,) = (out / "suites").glob("squad_v1-*")
    assert (suite / "encoder").resolve().name.startswith("squad_v1-")
    assert {path.name.rsplit("-", 1)[0] for path in out.glob("*.zip")} == {"none", "squad_v1"}

    again = call(*common, "--device", "cpu", "--intermediate", "squad_v1")
    assert again.code == 0
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
