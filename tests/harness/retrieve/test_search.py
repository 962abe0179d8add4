"""Exact search: equal to sorting the whole matrix, ties included, with every engine."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from xharness.retrieve import search
from xharness.retrieve.search import (
    Normalised,
    faiss_gpu_search,
    faiss_search,
    neighbours,
    normalise,
    torch_search,
    with_ties,
)

ENGINES = {"faiss": faiss_search, "torch": torch_search("cpu", chunk=7)}


def vectors(rows: int, width: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((rows, width)).astype(np.float32)


def sorted_matrix(queries: np.ndarray, index: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The definition: every similarity, sorted, lower rows first among equals."""
    matrix = queries.astype(np.float64) @ index.T.astype(np.float64)
    rows = np.argsort(-matrix, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(matrix, rows, 1), rows


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("n", "m", "k"), [(50, 60, 4), (3, 2, 4), (1, 9, 1), (30, 30, 30)])
def test_equals_the_sorted_matrix(engine: str, n: int, m: int, k: int) -> None:
    queries, index = normalise(vectors(n)), normalise(vectors(m, seed=1))
    similarity, rows = with_ties(ENGINES[engine], queries, index, min(k, m))
    wanted, wanted_rows = sorted_matrix(queries, index, k)
    np.testing.assert_array_equal(rows, wanted_rows)
    np.testing.assert_allclose(similarity, wanted, atol=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("k", [1, 3, 4, 11])
def test_of_equals_the_lowest_row_comes_first(engine: str, k: int) -> None:
    """Small whole numbers multiply and add without rounding, so ties are exact in every engine."""
    random = np.random.default_rng(3)
    queries = random.integers(-1, 2, (40, 4)).astype(np.float32)
    index = random.integers(-1, 2, (60, 4)).astype(np.float32)
    similarity, rows = with_ties(ENGINES[engine], queries, index, k)
    wanted, wanted_rows = sorted_matrix(queries, index, k)
    np.testing.assert_array_equal(similarity, wanted)
    np.testing.assert_array_equal(rows, wanted_rows)


@pytest.mark.parametrize("queries", [1, 3, 50, 300, 1000])
def test_equal_rows_are_equally_similar_wherever_they_stand(queries: int) -> None:
    """Also where rounding is involved, and at the edges of the blocks that products are cut into."""
    index = normalise(vectors(1100, 384))
    first, second = np.random.default_rng(2).permutation(1100).reshape(2, -1)
    index[second] = index[first]
    found, rows = faiss_search(normalise(vectors(queries, 384, seed=1)), index, len(index))
    similarity = np.empty_like(found)
    np.put_along_axis(similarity, rows, found, axis=1)
    np.testing.assert_array_equal(similarity[:, first], similarity[:, second])


def test_few_queries_are_multiplied_as_many_are() -> None:
    assert search.faiss_module().cvar.distance_compute_blas_threshold == 1


def test_many_ties_are_searched_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "TIE_ENTRIES", 32)
    rows = neighbours(np.zeros((9, 4), np.float32), vectors(50, 4), 2)[1]
    np.testing.assert_array_equal(rows, np.tile([0, 1], (9, 1)))


def test_chunks_change_nothing() -> None:
    queries, index = normalise(vectors(100)), normalise(vectors(80, seed=1))
    whole, parts = neighbours(queries, index, 5), neighbours(queries, index, 5, chunk=7)
    np.testing.assert_array_equal(whole[1], parts[1])
    np.testing.assert_allclose(whole[0], parts[0], atol=1e-6)
    assert whole[0].dtype == np.float32
    assert whole[1].dtype == np.int64


@pytest.mark.parametrize("k", [1, 4, 30])
def test_what_is_on_disk_is_searched_in_blocks_and_ties_go_over_their_borders(tmp_path: Path, k: int) -> None:
    axes = np.eye(5, dtype=np.float16)[np.random.default_rng(0).integers(0, 5, 60)]
    stored = np.memmap(tmp_path / "vectors", dtype=np.float16, mode="w+", shape=axes.shape)
    stored[:] = 3 * axes
    chosen = np.arange(59, 10, -1)
    assert Normalised(stored).on_disk
    similarity, rows = neighbours(Normalised(stored), Normalised(stored, chosen), k, chunk=2)  # blocks of 16
    wanted, wanted_rows = sorted_matrix(axes, axes[chosen], k)
    np.testing.assert_array_equal(similarity, wanted)
    np.testing.assert_array_equal(rows, wanted_rows)


@pytest.mark.parametrize(("n", "m"), [(0, 5), (5, 0), (0, 0)])
def test_nothing_to_search(n: int, m: int) -> None:
    similarity, rows = neighbours(vectors(n), vectors(m), 4)
    assert similarity.shape == rows.shape == (n, min(4, m))


def test_without_a_gpu_build_of_faiss_the_gpu_is_searched_by_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def engine(device: str, chunk: int) -> Any:
        asked.append((device, chunk))
        return torch_search("cpu", chunk)

    monkeypatch.setattr(search, "torch_search", engine)
    monkeypatch.delattr("faiss.StandardGpuResources", raising=False)
    queries, index = normalise(vectors(20)), normalise(vectors(30, seed=1))
    found = neighbours(queries, index, 3, gpu=True, chunk=16)
    assert asked == [("cuda", 16)]
    np.testing.assert_array_equal(found[1], neighbours(queries, index, 3)[1])


def test_an_index_is_uploaded_once_for_all_its_queries() -> None:
    uploaded: list[np.ndarray] = []

    class Index:
        def __init__(self, _resources: object, width: int, settings: Any) -> None:
            self.width = width
            assert settings.device == 3

        def add(self, index: np.ndarray) -> None:
            uploaded.append(index)
            self.index = index

        def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
            assert k <= 2048, "as FAISS says"
            return faiss_search(queries, self.index, k)

    faiss: Any = SimpleNamespace(
        StandardGpuResources=object, GpuIndexFlatIP=Index, GpuIndexFlatConfig=lambda: SimpleNamespace(device=0)
    )
    engine = faiss_gpu_search(faiss, 3, torch_search("cpu"))
    queries, index, other = (normalise(vectors(30, seed=seed)) for seed in range(3))
    for block in (index, other):
        for start in range(0, 30, 10):
            found = with_ties(engine, queries[start : start + 10], block, 3)
            np.testing.assert_array_equal(found[1], sorted_matrix(queries[start : start + 10], block, 3)[1])
    assert [part is block for part, block in zip(uploaded, (index, other), strict=True)] == [True, True]
    equal = np.repeat(index[:1], 3000, axis=0)  # more than fit into the neighbours that FAISS gives
    assert with_ties(engine, queries, equal, 4)[1].tolist() == [[0, 1, 2, 3]] * 30


def test_normalise_copies_and_leaves_zeros() -> None:
    rows = np.array([[3, 4], [0, 0]], dtype=np.float32)
    np.testing.assert_allclose(normalise(rows), np.array([[0.6, 0.8], [0, 0]]))
    assert rows[0, 0] == 3
