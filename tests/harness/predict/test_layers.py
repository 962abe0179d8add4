"""Layers and poolings by name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from xharness.predict.layers import check_spelling, layer_signature, main_block, resolve_layer, resolve_pooling
from xharness.tasks.common.errors import UserError


@pytest.mark.parametrize(
    ("spec", "depth", "blocks"),
    [
        ("last", 6, [6]),
        ("reference", 12, [8]),
        ("reference", 16, [12]),
        ("reference", 24, [14]),
        ("reference", 6, [4]),
        ("reference", 1, [1]),
        ("sweep", 3, [1, 2, 3]),
        ("14", 24, [14]),
        ("1", 1, [1]),
        ("-1", 24, [24]),
        ("-24", 24, [1]),
    ],
)
def test_layers_by_name(spec: str, depth: int, blocks: list[int]) -> None:
    assert resolve_layer(spec, depth) == blocks


@pytest.mark.parametrize("spec", ["7", "-7"])
def test_a_layer_out_of_range_names_the_range(spec: str) -> None:
    with pytest.raises(UserError, match="no layer") as error:
        resolve_layer(spec, 6)
    assert "6 transformer blocks" in error.value.why
    assert "1 to 6" in error.value.fix


@pytest.mark.parametrize(
    ("spec", "fix"), [("lst", "did you mean 'last'?"), ("1.5", "choose from"), ("²", "choose from")]
)
def test_words_that_are_no_layer(spec: str, fix: str) -> None:
    with pytest.raises(UserError, match="unknown layer") as error:
        check_spelling(spec)
    assert fix in error.value.fix


def test_layer_0_is_refused() -> None:
    with pytest.raises(UserError, match="no layer 0"):
        resolve_layer("0", 12)


@pytest.mark.parametrize(
    ("spec", "depth", "text"),
    [
        ("14", 24, "14/24"),
        ("-1", 24, "24/24"),
        ("reference", 24, "14/24=reference"),
        ("reference", 6, "4/6=reference-scaled"),
        ("sweep", 12, "8/12=reference"),
    ],
)
def test_signature_says_where_the_block_comes_from(spec: str, depth: int, text: str) -> None:
    assert layer_signature(spec, depth) == text
    assert main_block(spec, depth) == int(text.split("/")[0])


def test_pooling_by_name() -> None:
    assert resolve_pooling("mean-no-special") == "mean-no-special"
    with pytest.raises(UserError, match="unknown pooling 'man'") as error:
        resolve_pooling("man")
    assert "'mean'" in error.value.fix


def test_names_are_resolved_without_torch() -> None:
    code = "import sys, xharness.predict.layers; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
