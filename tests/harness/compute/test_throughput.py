"""Throughput adds up over phases."""

from __future__ import annotations

import pytest

from xharness.compute.throughput import Throughput


def test_counts_add_up() -> None:
    total = Throughput(2, 30, 40, 1.5) + Throughput(1, 10, 10, 0.5)
    assert total == Throughput(3, 40, 50, 2.0)
    assert total.tokens_per_second == pytest.approx(20)
    assert total.padding_share == pytest.approx(0.2)


def test_nothing_done() -> None:
    assert Throughput().tokens_per_second == 0
    assert Throughput().padding_share == 0
