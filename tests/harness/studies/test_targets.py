"""Targets follow from the benchmark, the tasks and the data at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.conftest import Demo
from xharness.studies.chain_options import ChainOptions
from xharness.studies.targets import check_target, left_to_encoder, targets_of
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import XTREME, XTREME_R, Registry
from xharness.train.options import FinetuneOptions


def test_one_target_a_model_in_the_order_of_the_benchmark() -> None:
    registry = Registry()
    assert targets_of(XTREME, registry) == ["pawsx", "xnli", "panx", "udpos", "xquad", "tydiqa"]
    trained = {name for name in XTREME_R.languages if registry.tasks[name].recipe}
    assert set(targets_of(XTREME_R, registry)) == trained - {"mlqa"}
    assert "lareqa" in trained


def test_without_its_data_a_ranking_is_left_to_the_encoder_and_nothing_else(demo_r: Demo, tmp_path: Path) -> None:
    (tmp_path / "download" / "xnli").mkdir(parents=True)
    assert left_to_encoder(["xnli", "lareqa"], Registry(), tmp_path) == ["lareqa"]
    assert left_to_encoder(["xnli", "lareqa"], Registry(), demo_r.data) == []
    train = FinetuneOptions(model=tmp_path, tasks=(), data=tmp_path, out=tmp_path / "out")
    options = ChainOptions(train=train, version="xtreme-r")
    assert "lareqa" in options.encoded
    assert "lareqa" not in options.targets
    assert "xnli" in options.targets
    named = ChainOptions(train=train, named=["lareqa"], version="xtreme-r")
    assert (named.encoded, named.targets) == ((), ["lareqa"])


def test_names_that_are_no_targets() -> None:
    check_target("xquad", Registry())
    with pytest.raises(UserError, match="mlqa is answered by the model of xquad"):
        check_target("mlqa", Registry())
    with pytest.raises(UserError, match="unknown target 'xnlii'"):
        check_target("xnlii", Registry())
