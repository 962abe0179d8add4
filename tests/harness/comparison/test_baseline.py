"""Baselines: whole, and refused where they are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.harness.comparison.made import benchmark_cells, rows, write_run
from tests.harness.comparison.refusals import refused
from xharness.comparison import baseline_header
from xharness.comparison.baseline import pack_baseline, read_facts, write_baseline
from xharness.comparison.baseline_names import baselines
from xharness.comparison.compare import CompareOptions, compare
from xharness.comparison.sources import load_source


def test_a_baseline_holds_everything(tmp_path: Path) -> None:
    cells = benchmark_cells(3)
    ids = tuple(f"q-{number}" for number in range(40))
    cells["mlqa", "de"] = rows(cells["mlqa", "de"].statistics, ids, tuple(ids[n - n % 3] for n in range(40)))
    cells["mlqa", "en"] = rows(np.random.default_rng(0).random((40, 4)), ids)
    source = load_source(write_run(tmp_path / "run", cells, seed=7))
    write_baseline(source, tmp_path / "main.npz.xz")
    kept = load_source(tmp_path / "main.npz.xz")
    assert (kept.name, kept.seed, kept.models, kept.benchmark) == ("@main", 7, source.models, "xtreme")
    assert list(kept.cells) == list(source.cells)
    for name, cell in source.cells.items():
        same = kept.cells[name]
        assert (same.signature, same.split, same.n) == (cell.signature, cell.split, cell.n)
        assert (same.items.ids, same.items.clusters) == (cell.items.ids, cell.items.clusters)
        assert np.array_equal(same.items.statistics, cell.items.statistics)
    assert pack_baseline(source) == pack_baseline(load_source(tmp_path / "run"))
    assert (tmp_path / "main.npz.xz").stat().st_size < 100_000
    total = compare([kept], [source], CompareOptions(resamples=200)).total
    assert total is not None
    assert (total.difference, total.p) == (0, 1)


def test_what_is_known_of_a_baseline(run: Path, tmp_path: Path) -> None:
    write_baseline(load_source(run), tmp_path / "main.npz.xz")
    facts = read_facts(tmp_path / "main.npz.xz")
    assert (facts.run, facts.seed) == ("run", 3)
    assert list(baselines(tmp_path)) == ["main"]


def test_files_that_are_no_baseline(run: Path, tmp_path: Path) -> None:
    for content in (b"", b"text", pack_baseline(load_source(run))[:200]):
        (tmp_path / "x.npz.xz").write_bytes(content)
        assert refused(tmp_path / "x.npz.xz")[0] == f"{tmp_path / 'x.npz.xz'} is not a baseline"


def test_a_baseline_of_another_format(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(baseline_header, "FORMAT", 9)
        write_baseline(load_source(run), tmp_path / "x.npz.xz")
    what, why, fix = refused(tmp_path / "x.npz.xz")
    assert what == f"cannot read {tmp_path / 'x.npz.xz'}"
    assert "format 9" in why
    assert "again" in fix
