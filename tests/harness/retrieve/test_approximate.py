"""Approximate search says how much it finds, and that is true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.evaluation.answer.bitext_mining import ANSWERER
from xharness.evaluation.options import EvaluateOptions
from xharness.retrieve.approximate import approximate, build, check_index, factory
from xharness.retrieve.bucc import MiningOptions
from xharness.retrieve.mining import mine
from xharness.retrieve.search import Normalised, neighbours
from xharness.tasks import bucc2018
from xharness.tasks.common.errors import UserError


def vectors(size: int, seed: int) -> Normalised:
    return Normalised(np.random.default_rng(seed).standard_normal((size, 16)))


def test_recall_is_the_share_of_true_neighbours() -> None:
    queries, index = vectors(700, 1), vectors(3000, 2)
    similarity, rows, recall = approximate(queries, index, 4, name="ivf")
    exact_similarity, exact_rows = neighbours(queries, index, 4)
    found = [len(set(a) & set(b)) / 4 for a, b in zip(rows.tolist(), exact_rows.tolist(), strict=True)]
    assert recall == pytest.approx(np.mean(found))
    assert 0.2 < recall < 1
    assert similarity[:, 0].max() == pytest.approx(exact_similarity[:, 0].max(), abs=1e-6)
    assert np.allclose(similarity, np.einsum("ij,ikj->ik", queries[:], index[:][rows]), atol=1e-5)


@pytest.mark.parametrize("name", ["Flat", "IVF1,Flat", "HNSW32"])
def test_other_indexes_by_the_words_of_faiss(name: str) -> None:
    queries, index = vectors(50, 1), vectors(400, 2)
    _, rows, recall = approximate(queries, index, 4, name=name)
    assert recall > 0.95
    assert (rows[:, 0] == neighbours(queries, index, 1)[1][:, 0]).mean() > 0.9


def test_going_by_list_finds_what_faiss_finds_query_by_query() -> None:
    queries, index = vectors(900, 1), vectors(3000, 2)
    made: Any = build(index, "ivf", 512)
    by_list, by_query = (approximate(queries, index, 4, name="ivf", chunk=chunk)[:2] for chunk in (100, 1))
    assert made.nlist > 8 * made.nprobe  # so that chunks of 8 queries are too few to go by list
    np.testing.assert_allclose(by_list[0], by_query[0], atol=1e-6)
    assert np.array_equal(by_list[1], by_query[1])


def test_lists_that_hold_too_few_are_searched_again() -> None:
    queries, index = vectors(20, 1), vectors(40, 2)
    _, rows, _ = approximate(queries, index, 8, name="IVF20,Flat")
    assert (rows >= 0).all()
    assert all(len(set(row)) == 8 for row in rows.tolist())


def test_mining_by_an_index_carries_its_recall() -> None:
    source = vectors(300, 1)[:]
    texts = [str(row) for row in range(300)], [f"t{row}" for row in range(300)]
    exact, rough = (mine(source, source, *texts, index=name) for name in ("exact", "ivf"))
    assert exact.recall == 1 and 0 < rough.recall < 1
    assert (rough.source_rows == rough.target_rows).mean() > 0.9


def test_names() -> None:
    assert factory("ivf", 1_000_000) == "IVF4000,Flat"
    assert factory("ivf", 10) == "IVF1,Flat"
    check_index("exact")
    with pytest.raises(UserError, match=r"unknown index 'IFV12'[\s\S]*index_factory refuses it"):
        check_index("IFV12")
    with pytest.raises(UserError, match="cannot be made of 10 sentences"):
        approximate(vectors(2, 1), vectors(10, 2), 1, name="IVF64,Flat")


def test_an_index_makes_other_answers_and_exact_search_keeps_old_keys(tmp_path: Path) -> None:
    model = Checkpoint(tmp_path, {"model_type": "bert"}, Head.ENCODER, (), 12, (), (), False)

    def key(index: str) -> dict[str, object]:
        options = EvaluateOptions(model=tmp_path, data=tmp_path, out=tmp_path, mining=MiningOptions(index=index))
        options.check()
        settings = ANSWERER.settings(options, bucc2018.TASK, model)
        return {**options.cache_key_fields(), **ANSWERER.cache_key_fields(settings)}

    assert "index" not in key("exact")
    assert key("ivf")["index"] == "ivf"
