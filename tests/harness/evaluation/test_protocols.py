"""Tatoeba's protocols: which member of a suite answers, what its numbers say, and what contradicts them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.harness.conftest import Call, Demo
from tests.harness.train.phases import options as phase
from xharness.checkpoints.checkpoint import inspect
from xharness.evaluation.evaluate import evaluate
from xharness.evaluation.options import EvaluateOptions
from xharness.submissions.signature import Signature
from xharness.tasks.common.errors import UserError
from xharness.train.finetune import finetune

STEPS = ("steps=2", "batch_size=4", "max_length=64", "select=last")
PROTOCOLS = {"frozen": "encoder", "squad-mrc": "squad", "squad-dual": "lareqa"}
"""Names, and the member of the suite that answers."""


@dataclass(frozen=True)
class Trained:
    """A suite of the plain encoder and of three trained ones."""

    demo: Demo
    suite: Path

    def options(self, out: Path, protocol: str, member: str = "", **more: Any) -> EvaluateOptions:
        model = self.suite / member if member else self.suite
        given: dict[str, Any] = {"tasks": "tatoeba", "langs": "de", "device": "cpu", "resamples": 0, **more}
        return EvaluateOptions(model=model, data=self.demo.data, out=out, tatoeba_protocol=protocol, **given)


@pytest.fixture(scope="module")
def trained(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    suite = tmp_path_factory.mktemp("suite")
    shutil.copytree(demo.models / "encoder", suite / "encoder")
    for folder, task in (("squad", "squad_v1"), ("lareqa", "lareqa"), ("xnli", "xnli")):
        finetune(phase(demo, suite / folder, task, sets=STEPS))
    return Trained(demo, suite)


def cell(folder: Path) -> tuple[Signature, Mapping[str, Any], str]:
    """Signature, parts of the key, and answers of the one cell of a run."""
    from xharness.runs.folder import RunFolder

    record = RunFolder(folder).record("tatoeba", "de", "test")
    assert record is not None
    return Signature.parse(record.signature), record.parts, (folder / "predictions/tatoeba/test-de.tsv").read_text()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_member_that_it_means_answers_and_the_number_says_so(
    trained: Trained, tmp_path: Path, protocol: str
) -> None:
    member = trained.suite / PROTOCOLS[protocol]
    evaluate(trained.options(tmp_path / "suite", protocol))
    evaluate(trained.options(tmp_path / "alone", protocol, member.name))
    evaluate(trained.options(tmp_path / "plain", "frozen", member.name))
    (signature, parts, answers), (_, _, alone), (other, _, plain) = (
        cell(tmp_path / name) for name in ("suite", "alone", "plain")
    )
    assert signature["model"] == inspect(member).fingerprint[:8]
    assert (signature["layer"], signature["pooling"]) == (other["layer"], other["pooling"])
    assert answers == alone == plain  # as this member alone answers, which needs no other options
    named = "" if protocol == "frozen" else protocol
    assert (signature["protocol"], parts["options"].get("protocol", "")) == (named, named)


def test_protocols_are_different_runs_and_not_compared(trained: Trained, tmp_path: Path, call: Call) -> None:
    for protocol in ("frozen", "squad-mrc"):
        evaluate(trained.options(tmp_path / protocol, protocol))
    with pytest.raises(UserError, match="holds another run"):
        evaluate(trained.options(tmp_path / "squad-mrc", "frozen"))
    found = call("compare", tmp_path / "frozen", tmp_path / "squad-mrc")
    assert found.code == 1
    assert "protocol was absent, now squad-mrc" in found.err


def test_blocks_of_a_protocol_can_be_swept(trained: Trained, tmp_path: Path) -> None:
    found = evaluate(trained.options(tmp_path / "run", "squad-mrc", layer="sweep"))
    assert found.scored.sweep
    assert cell(tmp_path / "run")[0]["layer"].endswith("=reference-scaled")


@pytest.mark.parametrize(
    ("protocol", "member", "more", "what", "why"),
    [
        ("squad-mcr", "", {}, "unknown protocol 'squad-mcr'", "there are frozen, squad-dual, squad-mrc"),
        (
            "squad-mrc", "xnli", {}, "does not fit --tatoeba-protocol squad-mrc",
            "it takes a model whose last training was on squad_v1, and this one is pretrained → xnli",
        ),
        (
            "squad-dual", "squad", {}, "does not fit --tatoeba-protocol squad-dual",
            "it takes a model whose last training was on squad_pairs, and this one is pretrained → squad_v1",
        ),
        (
            "squad-mrc", "encoder", {}, "does not fit --tatoeba-protocol squad-mrc",
            "it takes a model with a head for extractive QA, and this one has none",
        ),
        (
            "squad-dual", "encoder", {}, "does not fit --tatoeba-protocol squad-dual",
            "it takes the output of the pooler that a dual encoder was trained with, and this one was not",
        ),
        (
            "squad-mrc", "squad", {"layer": "3"}, "--layer 3 with --tatoeba-protocol squad-mrc",
            "the protocol takes layer reference",
        ),
        (
            "squad-dual", "lareqa", {"pooling": "mean"}, "--pooling mean with --tatoeba-protocol squad-dual",
            "the protocol takes pooling pooler",
        ),
        (
            "squad-mrc", "squad", {"tasks": "xquad"}, "nothing answers --tatoeba-protocol squad-mrc",
            "tatoeba is not evaluated here",
        ),
    ],
)  # fmt: skip
def test_what_contradicts_it_is_refused(
    trained: Trained, tmp_path: Path, protocol: str, member: str, more: dict[str, Any], what: str, why: str
) -> None:
    with pytest.raises(UserError) as caught:
        evaluate(trained.options(tmp_path / "run", protocol, member, **more))
    assert caught.value.what.endswith(what)
    assert caught.value.why == why


def test_a_suite_without_its_member(trained: Trained, tmp_path: Path) -> None:
    suite = tmp_path / "suite"
    shutil.copytree(trained.suite / "encoder", suite / "encoder")
    shutil.copytree(trained.suite / "squad", suite / "squad")
    options = trained.options(tmp_path / "run", "squad-dual", tasks=None)
    with pytest.raises(UserError, match="nothing answers --tatoeba-protocol squad-dual") as caught:
        evaluate(EvaluateOptions(**{**vars(options), "model": suite}))
    assert caught.value.fix == "add a folder lareqa/"


@pytest.mark.parametrize(
    "command", [("task", "tatoeba"), ("evaluate", "--tasks", "tatoeba")], ids=lambda words: words[0]
)
def test_a_model_of_unknown_training_is_taken_at_its_word(
    trained: Trained, tmp_path: Path, call: Call, command: tuple[str, ...]
) -> None:
    shutil.copytree(trained.suite / "squad", tmp_path / "reader")
    (tmp_path / "reader" / "xharness.json").unlink()
    found = call(
        *command, "--model", tmp_path / "reader", "--data", trained.demo.data, "--out", tmp_path / "run",
        "--langs", "de", "--tatoeba-protocol", "squad-mrc",
    )  # fmt: skip
    assert found.code == 0, found.err
    assert "does not tell what it was trained on; taken to be squad_v1" in " ".join(found.out.split())
