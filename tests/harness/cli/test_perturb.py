"""``xharness data perturb`` and ``permutations`` as a user runs them, and where numbers of such data may stand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import Tiny
from tests.harness.conftest import Call
from xharness.tasks.xnli import TASK as XNLI


@pytest.fixture
def classifier(tiny: Tiny) -> Path:
    return tiny("bert", "sequence", XNLI.labels)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """XNLI in three languages, nine rows each."""
    for language in ("de", "en", "zh"):
        rows = "".join(f"a premise of row {row}.\tits hypothesis {row} {language}\n" for row in range(9))
        for kind, text in (("download", rows), ("labels", "".join(f"{label}\n" for label in XNLI.labels * 3))):
            path = tmp_path / "data" / kind / "xnli" / f"test-{language}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return tmp_path / "data"


DONE = "window,size=3,seed=2,gold=undefined,texts=both"


@pytest.fixture
def perturbed(call: Call, data: Path, tmp_path: Path) -> Path:
    """English and German with the words of each text moved by at most three places."""
    command = "data", "perturb", "--data", data, "--by", "window", "--seed", 2, "--langs", "de,en"
    made = call(*command, "--out", tmp_path / "w")
    assert made.code == 0, made.err
    assert f"perturbed data: {DONE}" in made.out
    assert "gold is undefined; measures that follow: acceptance" in made.out
    told = call(*command, "--out", tmp_path / "w", "--json")
    assert json.loads(told.out)["cells"]["xnli"]["en"]["examples"] == 9
    return tmp_path / "w"


def test_perturbed_data_are_evaluated_and_never_taken_for_plain(
    call: Call, classifier: Path, data: Path, perturbed: Path, tmp_path: Path
) -> None:
    plain, other = tmp_path / "plain", tmp_path / "other"
    evaluate = "evaluate", "--model", classifier, "--device", "cpu", "--tasks", "xnli", "--langs", "de,en"
    assert call(*evaluate, "--data", data, "--out", plain, "--quiet").code == 0
    done = " ".join(call(*evaluate, "--data", perturbed, "--out", other).out.split())
    assert f"note: the data are perturbed ({DONE}); gold: undefined" in done
    cells = json.loads((other / "scores.json").read_text())["xharness"]["cells"]["xnli"]
    assert all(f"|perturbation:{DONE}|" in cell["signature"] for cell in cells.values())
    mixed = call(*evaluate, "--data", data, "--out", other)
    assert f"perturbation was {DONE}, now absent" in mixed.err
    compared = call("compare", plain, other)
    assert compared.code != 0
    assert f"perturbation was absent, now {DONE}" in compared.err
    board = " ".join(call("leaderboard", plain, other).out.split())
    assert "without retrieval; test data of other sizes than the published ones; perturbed data: window,size=3" in board
    packed = call("submission", "pack", other, "--out", tmp_path / "x.tar.gz", "--allow-incomplete")
    assert (packed.code, (tmp_path / "x.tar.gz").exists()) == (1, False)
    assert "is no submission" in packed.err


def test_permutations_show_measures_and_continue(call: Call, classifier: Path, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = "permutations", "--model", classifier, "--data", data, "--out", out, "--device", "cpu", "--langs", "de,zh"
    first = call(*command, "--permutations", 3)
    assert first.code == 0, first.err
    assert "permutations:3|perturbation:derangement,seed=0,gold=undefined|version:" in first.out
    assert {path.name for path in (out / "predictions/xnli-permuted").iterdir()} == {
        f"test-{language}-{number}.tsv" for language in ("de", "zh") for number in range(4)
    }
    before = {path: path.read_bytes() for path in (out / "predictions").rglob("*.tsv")}
    shutil.rmtree(out / "items")
    (out / "predictions/xnli-permuted/test-de-2.tsv").unlink()
    again = call(*command, "--permutations", 3, "--json")
    assert {path: path.read_bytes() for path in (out / "predictions").rglob("*.tsv")} == before
    told = json.loads(again.out)
    assert {*told["languages"]} == {"de", "zh"}
    answers = (out / "predictions/xnli-permuted/test-de-0.tsv").read_text().split()
    right = sum(answer == gold for answer, gold in zip(answers, XNLI.labels * 3, strict=True))
    assert told["languages"]["de"]["original"]["value"] == pytest.approx(100 * right / 9)
    assert told["languages"]["de"]["items"] == 9
    more = call(*command, "--permutations", 4, "--json")
    assert ":4|" in json.loads(more.out)["signature"]
    other = call(*command, "--seed", 1)
    assert other.code == 1
    assert "perturbation was absent, now derangement,seed=1,gold=undefined" in other.err
    assert call("report", out, "--out", tmp_path / "page.html").code == 0


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--by", "reversal"), "no permutations by 'reversal'"),
        (("--task", "xquad"), "cannot permute 'xquad'"),
        (("--size", 2), "--size 2 with --by derangement"),
        (("--by", "ngram", "--size", 0), "--size 0 with --by ngram"),
        (("--permutations", 101), "--permutations is 101"),
        (("--langs", "fr"), "no data of xnli in fr"),
    ],
)
def test_permutations_refuse_before_a_model_is_loaded(
    call: Call, classifier: Path, data: Path, tmp_path: Path, arguments: tuple[object, ...], what: str
) -> None:
    done = call("permutations", "--model", classifier, "--data", data, "--out", tmp_path / "run", *arguments)
    assert done.code == 1
    assert f"error: {what}" in done.err
    assert not (tmp_path / "run").exists()


def test_permutations_need_gold_and_plain_data(call: Call, classifier: Path, data: Path, tmp_path: Path) -> None:
    assert call("data", "perturb", "--data", data, "--by", "reversal", "--out", tmp_path / "p", "--quiet").code == 0
    command = "permutations", "--model", classifier, "--device", "cpu", "--langs", "en", "--permutations", 1
    assert "is perturbed already" in call(*command, "--data", tmp_path / "p", "--out", tmp_path / "run").err
    shutil.rmtree(data / "labels")
    assert "no gold of xnli in 'en'" in call(*command, "--data", data, "--out", tmp_path / "run").err
