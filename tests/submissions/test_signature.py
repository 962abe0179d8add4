"""Signatures are written, parsed back and compared part by part."""

from __future__ import annotations

import pytest

from xharness.submissions.signature import Change, Signature
from xharness.tasks.common.version import VERSION


def test_written_and_parsed_back() -> None:
    made = Signature.of(task="xnli.de", metric="accuracy", layer="14/24=reference")
    assert str(made) == f"task:xnli.de|metric:accuracy|layer:14/24=reference|version:{VERSION}"
    assert Signature.parse(str(made)) == made
    assert (made["metric"], made["nothing"]) == ("accuracy", "")


def test_changes_leave_out_the_model_with_its_labels_and_the_task_and_come_by_name() -> None:
    first = Signature({"task": "xnli.de", "model": "a", "precision": "fp32", "data": "1"})
    other = Signature(
        {"task": "xnli.fr", "model": "b", "precision": "bf16", "data": "1", "limit": "5", "labels": "no/yes"}
    )
    assert first.changes(other) == [Change("limit", "", "5"), Change("precision", "fp32", "bf16")]
    assert [str(change) for change in first.changes(other)] == [
        "limit was absent, now 5",
        "precision was fp32, now bf16",
    ]
    assert not first.changes(first)
    assert str(Change("answer", "30", "20")) == "--max-answer-length was 30, now 20"


@pytest.mark.parametrize(("first", "other", "same"), [
    ("14/24=reference", "8/12=reference", True),
    ("14/24=reference", "14/24", True),
    ("24/24", "12/12", True),
    ("4/6=reference-scaled", "8/12=reference", True),
    ("14/24", "8/12", False),
    ("4/6", "5/6", False),
    ("", "5/6", False),
])  # fmt: skip
def test_a_block_is_compared_by_what_it_stands_for(first: str, other: str, same: bool) -> None:
    assert bool(Signature({"layer": first}).changes(Signature({"layer": other}))) is not same
