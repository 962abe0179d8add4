"""Exact nearest neighbours by inner product, the same answer on every machine that rounds alike.

Ties. Of equally similar neighbours (equal to the last bit) the one with the lowest index comes first, and it is the one
that is kept where not all fit into k. Libraries keep whichever they please, so k + 1 neighbours are asked for; where
the last two are equal, that query is searched again with twice as many until the tie ends, then all are sorted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xharness.compute import cpu
from xharness.compute.batches import IntArray
from xharness.tasks.common.errors import UserError

if TYPE_CHECKING:
    from types import ModuleType

    from faiss import Index

Vectors: TypeAlias = NDArray[np.float32]
Search: TypeAlias = Callable[[Vectors, Vectors, int], tuple[Vectors, IntArray]]

CHUNK = 8192
CHUNKS_OF_A_BLOCK = 8  # chunks of the other side that are read at once where vectors are on disk
GPU_BLOCK = 1 << 31  # bytes of an index that are on a GPU at once
FAISS_MOST = 2048  # neighbours that FAISS' index on a GPU gives
BY_PRODUCT = 1  # queries (newer: times width) from which FAISS multiplies; its loops took 13 times as long
TIE_ENTRIES = 1 << 23  # bound on neighbours held at once while ties are searched again


class Normalised:
    """Some rows of a matrix, made fp32 and of length 1 whenever they are read; rows of zeros stay.

    Args:
        vectors: Shape (n, width), fp32 in memory or fp16 on disk; never changed.
        rows: Which of them, in this order; None means all.
    """

    def __init__(self, vectors: NDArray[np.floating], rows: IntArray | None = None) -> None:
        self._vectors, self._rows = vectors, np.arange(len(vectors)) if rows is None else rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, part: slice | IntArray) -> Vectors:
        rows = np.ascontiguousarray(self._vectors[self._rows[part]], dtype=np.float32)
        norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        rows /= np.where(norms > 0, norms, 1)[:, None]
        return rows

    @property
    def width(self) -> int:
        """Columns."""
        return int(self._vectors.shape[1])

    @property
    def on_disk(self) -> bool:
        """Whether reading everything at once is to be avoided."""
        return isinstance(self._vectors, np.memmap)


def normalise(vectors: ArrayLike) -> Vectors:
    """A copy with rows of length 1, fp32, contiguous; rows of zeros stay."""
    return Normalised(np.asarray(vectors))[:]


def neighbours(
    queries: Vectors | Normalised, index: Vectors | Normalised, k: int, *, gpu: bool = False, chunk: int = CHUNK
) -> tuple[Vectors, IntArray]:
    """The k rows of ``index`` with the largest inner product with each query, best first.

    Args:
        queries: Shape (n, width); normalised rows make the inner product a cosine.
        index: Shape (m, width). What is on disk is read in blocks.
        k: Number of neighbours; no more than m are returned.
        gpu: Search on the current CUDA device: FAISS if its GPU build is installed, else a matrix product in torch.
        chunk: Queries at a time, and an eighth of a block from disk; bounds the memory beside vectors and result.

    Returns:
        Similarities (n, min(k, m)) and row numbers of ``index``, same shape.
    """
    k = min(k, len(index))
    similarity, rows = np.full((len(queries), k), -np.inf, np.float32), np.empty((len(queries), k), np.int64)
    search = _search(gpu, chunk)
    size = len(index)
    if isinstance(index, Normalised):
        size = CHUNKS_OF_A_BLOCK * chunk if index.on_disk else GPU_BLOCK // (4 * index.width) if gpu else size
    for first in range(0, len(index) if k else 0, max(1, size)):
        block = index[first : first + size]
        for start in range(0, len(queries), chunk):
            part = slice(start, start + chunk)
            found = with_ties(search, queries[part], block, min(k, len(block)))
            similarity[part], rows[part] = _merge((similarity[part], rows[part]), (found[0], found[1] + first))
    return similarity, rows


def _merge(before: tuple[Vectors, IntArray], found: tuple[Vectors, IntArray]) -> tuple[Vectors, IntArray]:
    """The best of two lists of neighbours of each query, as many as the first list has; on a tie the first stays."""
    similarity, rows = np.concatenate([before[0], found[0]], 1), np.concatenate([before[1], found[1]], 1)
    best = np.argsort(-similarity, axis=1, kind="stable")[:, : before[0].shape[1]]
    return np.take_along_axis(similarity, best, 1), np.take_along_axis(rows, best, 1)


def with_ties(search: Search, queries: Vectors, index: Vectors, k: int) -> tuple[Vectors, IntArray]:
    """What ``search`` finds, with ties in order of the index, whatever order ``search`` leaves them in."""
    wide = min(k + 1, len(index))
    similarity, rows = search(queries, index, wide)
    order = np.lexsort((rows, -similarity), axis=1)
    similarity, rows = np.take_along_axis(similarity, order, 1), np.take_along_axis(rows, order, 1)
    open_ended = similarity[:, k - 1] == similarity[:, -1] if wide < len(index) else np.zeros(len(queries), bool)
    similarity, rows = similarity[:, :k], rows[:, :k]
    wider = min(2 * wide, len(index))
    for part in _parts(np.flatnonzero(open_ended), max(1, TIE_ENTRIES // wider)):
        again = with_ties(search, queries[part], index, wider)
        similarity[part], rows[part] = again[0][:, :k], again[1][:, :k]
    return similarity, rows


def _parts(rows: IntArray, size: int) -> list[IntArray]:
    """Row numbers in parts of at most ``size``."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def faiss_module() -> ModuleType:
    """The library. Raises UserError where it cannot be imported: its two wheels overwrite each other's files."""
    cpu.choose_blas_kernels()
    try:
        import faiss
    except Exception as error:  # a half-overwritten package raises whatever its missing half raises
        raise UserError(
            "FAISS cannot be imported",
            f"{type(error).__name__}: {error}; faiss-cpu and faiss-gpu-cu12 write to the same folder",
            "pip uninstall faiss-cpu faiss-gpu-cu12, then install one of them",
        ) from error
    faiss.cvar.distance_compute_blas_threshold = BY_PRODUCT
    return faiss


def faiss_search(queries: Vectors, index: Vectors, k: int) -> tuple[Vectors, IntArray]:
    """A :data:`Search` by FAISS on the CPU."""
    faiss = faiss_module()
    similarity, rows = faiss.knn(queries, index, k, metric=faiss.METRIC_INNER_PRODUCT)
    return similarity, rows


There = TypeVar("There")


class Upload(Generic[There]):
    """Puts an index on a device once, however many queries are searched in it one after the other."""

    def __init__(self, put: Callable[[Vectors], There]) -> None:
        self._put, self._index = put, np.empty((0, 0), np.float32)
        self._there: There | None = None

    def __call__(self, index: Vectors) -> There:
        """What ``put`` made of ``index``."""
        if index is not self._index or self._there is None:
            self._there = None  # frees the device first
            self._index, self._there = index, self._put(index)
        return self._there


def torch_search(device: str, chunk: int = CHUNK) -> Search:
    """A matrix product in blocks of ``chunk`` x ``chunk`` and a running top-k on a torch device."""
    import torch

    upload = Upload(lambda index: torch.from_numpy(index).to(device))

    def search(queries: Vectors, index: Vectors, k: int) -> tuple[Vectors, IntArray]:
        left, right = torch.from_numpy(queries).to(device), upload(index)
        similarity = torch.empty((len(queries), 0), device=device)
        rows = torch.empty((len(queries), 0), dtype=torch.int64, device=device)
        for start in range(0, len(index), chunk):
            block = left @ right[start : start + chunk].T
            best, columns = block.topk(min(k, block.shape[1]), dim=1)
            similarity, rows = torch.cat([similarity, best], 1), torch.cat([rows, columns + start], 1)
            similarity, kept = similarity.topk(min(k, similarity.shape[1]), dim=1)
            rows = rows.gather(1, kept)
        return similarity.cpu().numpy(), rows.cpu().numpy()

    return search


def faiss_gpu_search(faiss: ModuleType, number: int, beyond: Search) -> Search:
    """FAISS' exact index on a CUDA device.

    Args:
        number: Of the device.
        beyond: Searches for more neighbours than the index gives, which long ties ask for.
    """
    resources, settings = faiss.StandardGpuResources(), faiss.GpuIndexFlatConfig()
    settings.device = number

    def put(index: Vectors) -> Index:
        made: Index = faiss.GpuIndexFlatIP(resources, index.shape[1], settings)
        made.add(index)
        return made

    upload = Upload(put)

    def search(queries: Vectors, index: Vectors, k: int) -> tuple[Vectors, IntArray]:
        if k > FAISS_MOST:
            return beyond(queries, index, k)
        similarity, rows = upload(index).search(queries, k)
        return similarity, rows

    return search


def _search(gpu: bool, chunk: int) -> Search:
    """The best search that this machine has."""
    if not gpu:
        return faiss_search
    import torch

    faiss, by_torch = faiss_module(), torch_search("cuda", chunk)
    if hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus():
        return faiss_gpu_search(faiss, torch.cuda.current_device(), by_torch)
    return by_torch
