"""Nearest neighbours for corpora that exact search cannot reach: a FAISS index, and the share of neighbours it finds.

Exact search costs n x m products; an inverted file visits the lists nearest to a query only. What that loses is always
measured on a sample against exact search and goes with the result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xharness.compute.batches import IntArray
from xharness.retrieve.search import CHUNK, Normalised, Vectors, faiss_module, neighbours
from xharness.tasks.common.errors import UserError

if TYPE_CHECKING:
    from faiss import Index, IndexIVFFlat

EXACT, INVERTED = "exact", "ivf"
SAMPLE = 1000  # queries on which recall is measured
TRAINED_ON = 64  # vectors for each list of an inverted file
LEAST = 39  # vectors for each list, below which FAISS warns
VISITED = 16  # one of so many lists is visited
CHUNKS_OF_A_PASS = 8  # chunks of queries that share one pass over the lists
EXAMPLES = "for example ivf, or IVF4096,Flat or HNSW32 in FAISS' own words"


def check_index(name: str) -> None:
    """Refuse what FAISS cannot make.

    Raises:
        UserError: with what FAISS says about it.
    """
    if name in (EXACT, INVERTED):
        return
    faiss = faiss_module()
    try:
        faiss.index_factory(64, name, faiss.METRIC_INNER_PRODUCT)
    except RuntimeError as error:
        said = str(error).strip().rpartition("\n")[2]
        raise UserError(
            f"unknown index '{name}'", f"FAISS' index_factory refuses it: {said[:120]}", EXAMPLES
        ) from error


def factory(name: str, size: int) -> str:
    """What FAISS takes; ``ivf`` has 4 times the square root of ``size`` lists, fewer if ``size`` is small."""
    return f"IVF{max(1, min(int(4 * size**0.5), size // LEAST))},Flat" if name == INVERTED else name


def approximate(
    queries: Normalised, index: Normalised, k: int, *, name: str, chunk: int = CHUNK
) -> tuple[Vectors, IntArray, float]:
    """The k nearest rows of ``index`` to each query as far as the index finds them, and its recall.

    Args:
        queries: Shape (n, width).
        index: Shape (m, width). FAISS copies it into memory, in fp32 unless ``name`` says otherwise.
        name: ``ivf`` or a string for FAISS' ``index_factory``.

    Returns:
        Similarities (n, min(k, m)), rows, and the share of the true neighbours that were found, from 0 to 1, on a
        sample of SAMPLE queries.
    """
    k = min(k, len(index))
    made: Any = build(index, name, chunk)  # of the class that the name says
    similarity, rows = np.empty((len(queries), k), np.float32), np.empty((len(queries), k), np.int64)
    by_list = type(made) is faiss_module().IndexIVFFlat
    size = CHUNKS_OF_A_PASS * chunk if by_list else chunk
    for start in range(0, len(queries), size):
        part = slice(start, start + size)
        similarity[part], rows[part] = _by_list(made, queries[part], k) if by_list else made.search(queries[part], k)
    short = np.flatnonzero((rows < 0).any(1))  # lists that held too few
    similarity[short], rows[short] = neighbours(queries[short], index, k, chunk=chunk)
    sample = np.sort(np.random.default_rng(0).choice(len(queries), min(SAMPLE, len(queries)), replace=False))
    true = neighbours(queries[sample], index, k, chunk=chunk)[1]
    found = (rows[sample][:, :, None] == true[:, None, :]).any(1).mean() if len(sample) else 1.0
    return similarity, rows, float(found)


def _by_list(made: IndexIVFFlat, queries: Vectors, k: int) -> tuple[Vectors, IntArray]:
    """What ``made.search`` finds, one product for each list and all queries that visit it.

    FAISS goes query by query, and is bound by reading the lists from memory anew for each.
    """
    if len(queries) * made.nprobe <= made.nlist + 1:  # FAISS cannot sort fewer visits than lists
        found: tuple[Vectors, IntArray] = made.search(queries, k)
        return found
    from faiss.contrib.big_batch_search import BigBatchSearcher, BlockComputer

    searcher, computer = BigBatchSearcher(made, queries, k), BlockComputer(made)
    searcher.decode_func, searcher.by_residual = computer.decode_func, computer.by_residual
    searcher.coarse_quantization()
    searcher.reorder_assign()
    for number in range(made.nlist):
        asked, vectors, rows, members = searcher.prepare_bucket(number)
        similarity, places = computer.block_search(vectors, members, rows, k)
        searcher.add_results_to_heap(asked, similarity, rows, places)
    searcher.rh.finalize()
    return searcher.rh.D, searcher.rh.I


def build(vectors: Normalised, name: str, chunk: int) -> Index | IndexIVFFlat:
    """A FAISS index of vectors of shape (sentences, width), trained where its kind needs it."""
    faiss = faiss_module()
    made: Index = faiss.index_factory(vectors.width, factory(name, len(vectors)), faiss.METRIC_INNER_PRODUCT)
    try:
        lists = faiss.extract_index_ivf(made)
    except RuntimeError:  # an index of another kind, such as HNSW
        lists = None
    size = len(vectors)
    if lists is not None:
        lists.nprobe = max(1, lists.nlist // VISITED)
        size = TRAINED_ON * lists.nlist
    try:
        if not made.is_trained:
            made.train(vectors[np.random.default_rng(0).permutation(len(vectors))[:size]])
        for start in range(0, len(vectors), chunk):
            made.add(vectors[start : start + chunk])
    except RuntimeError as error:
        raise UserError(
            f"the index {name} cannot be made of {len(vectors)} sentences",
            str(error).strip().rpartition("\n")[2][:160],
            "choose a smaller one, or --index exact",
        ) from error
    return made
