"""Runs and baselines as sources: what is read, and what is refused in one line each."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.harness.comparison.made import benchmark_cells, right, rows, write_run
from xharness.comparison import baseline_header
from xharness.comparison.baseline import pack_baseline, read_facts, write_baseline
from xharness.comparison.baseline_names import baselines, resolve
from xharness.comparison.compare import CompareOptions, compare
from xharness.comparison.sides import disambiguate, read_side
from xharness.comparison.sources import load_source
from xharness.runs.folder import RunFolder
from xharness.runs.record import Record
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import Registry

REGISTRY = Registry()
FEW = {("xnli", "de"): right([1.0, 0.0, 1.0]), ("xnli", "en"): right([1.0, 1.0, 1.0])}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", FEW, seed=3)


def refused(path: Path) -> tuple[str, str, str]:
    with pytest.raises(UserError) as error:
        load_source(path)
    return error.value.what, error.value.why, error.value.fix


def test_a_run(run: Path) -> None:
    source = load_source(run)
    assert (source.name, source.seed, source.models) == ("run", 3, {"model": "a" * 64})
    assert list(source.cells) == [("xnli", "de"), ("xnli", "en")]  # the order of the benchmark
    cell = source.cells["xnli", "de"]
    assert (cell.task.name, cell.language, cell.split, cell.n) == ("xnli", "de", "test", 3)
    assert cell.items.statistics.tolist() == [[1, 1], [0, 1], [1, 1]]


def test_a_path_that_leads_nowhere(run: Path) -> None:
    what, why, fix = refused(run.parent / "rum")
    assert (what, why) == (f"no run at {run.parent / 'rum'}", "there is no such folder")
    assert fix == f"did you mean {run}?"


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert refused(tmp_path / "other")[0] == f"{tmp_path / 'other'} is not a run"


def test_half_a_run(run: Path) -> None:
    (run / "scores.json").unlink()
    what, why, fix = refused(run)
    assert (what, why) == (f"{run} is half a run", "its evaluation was interrupted after 2 cells")
    assert "continues" in fix


def test_a_damaged_cell_and_one_of_another_version(run: Path) -> None:
    (run / "items" / "xnli" / "test-de.npz").write_bytes(b"cut")
    what, why, _ = refused(run)
    assert what == f"{run} cannot be read: cell xnli test-de"
    assert "missing or was changed" in why
    record = run / "items" / "xnli" / "test-en.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "unheard": 1}))
    assert refused(run)[0] == f"{run} cannot be read: cell xnli test-de and 1 more"


def test_cells_without_statistics_are_left_out_with_their_reason(run: Path) -> None:
    folder = RunFolder(run)
    folder.save(Record("bucc2018", "de", "dev", "k", 3, "s", reason="only dev is here"), None, {})
    folder.save(Record("mood", "de", "test", "k", 1, "s"), None, {"main": right([1.0])})
    left_out = load_source(run).left_out
    assert left_out["bucc2018", "de"] == "only dev is here"
    assert "--tasks-from" in left_out["mood", "de"]


# --- baselines -------------------------------------------------------------------------------------------------------


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


def test_unknown_baselines(run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "baselines"
    with pytest.raises(UserError) as error:
        resolve("@main", folder)
    assert error.value.fix == "make one with xharness baseline set RUN --name NAME"
    write_baseline(load_source(run), folder / "main.npz.xz")
    with pytest.raises(UserError) as error:
        resolve("@mian", folder)
    assert (error.value.what, error.value.fix) == ("no baseline '@mian'", "did you mean 'main'?")
    assert resolve("@main", folder) == folder / "main.npz.xz"


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


# --- sides -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "a"
    for seed in range(3):
        write_run(folder / f"seed{seed}", FEW, model=str(seed) * 64, seed=seed)
    return folder


def test_seeds_by_folder_by_pattern_and_by_name(seeds: Path) -> None:
    for text in (f"{seeds}", f"{seeds}/seed*", ",".join(str(seeds / f"seed{seed}") for seed in range(3))):
        side = read_side(text, REGISTRY, by_seed=True)
        assert [run.seed for run in side.runs] == [0, 1, 2]
        assert not side.failed


def test_failed_seeds_are_counted(seeds: Path) -> None:
    (seeds / "seed1" / "scores.json").unlink()
    side = read_side(str(seeds), REGISTRY, by_seed=True)
    assert [run.seed for run in side.runs] == [0, 2]
    assert list(side.failed) == ["seed1"]
    (seeds / "seed2" / "scores.json").unlink()
    with pytest.raises(UserError, match="has 1 finished run"):
        read_side(str(seeds), REGISTRY, by_seed=True)


def test_a_seed_that_counts_twice_is_refused(seeds: Path) -> None:
    shutil.copytree(seeds / "seed0", seeds / "seed9")
    with pytest.raises(UserError, match="seed0 and seed9 are the same model"):
        read_side(str(seeds), REGISTRY, by_seed=True)


def test_a_pattern_without_group_is_refused(seeds: Path) -> None:
    with pytest.raises(UserError, match="stands for 3 runs") as error:
        read_side(f"{seeds}/seed*", REGISTRY)
    assert "--group seed" in error.value.fix


def test_a_wrong_name_among_seeds_is_no_failed_run(seeds: Path) -> None:
    with pytest.raises(UserError, match="no run at"):
        read_side(f"{seeds}/seed0,{seeds}/seed1,{seeds}/sed2", REGISTRY, by_seed=True)


def test_runs_of_one_name_are_told_apart(tmp_path: Path) -> None:
    paths = [write_run(tmp_path / side / "run", FEW) for side in "ab"]
    sides = disambiguate([read_side(str(path), REGISTRY) for path in paths])
    assert [side.runs[0].name for side in sides] == list(map(str, paths))
