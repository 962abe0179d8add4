"""Items that vary together."""

import numpy as np

from xharness.tasks.base import Items
from xharness.tasks.metrics.clusters import joint_clusters


def test_clusters_are_merged_where_ids_connect_them() -> None:
    """q2 stands with q1 in one language and with q3 in the other: all three are one, q4 is alone."""
    counts = np.array([[1, 1], [1, 1], [0, 1]], dtype=np.float64)
    cells = {
        "de": Items(("q1", "q2", "q4"), ("p", "p", "x"), counts),
        "fr": Items(("q2", "q3"), ("p", "p"), counts[1:]),
    }
    merged = joint_clusters(cells)
    assert merged["de"].tolist() == [0, 0, 1]
    assert merged["fr"].tolist() == [0, 0]


def test_languages_with_the_same_ids_and_clusters_are_merged_like_any() -> None:
    """An id that comes twice in a language connects its clusters, in the languages like it as well."""
    items = Items(("a", "b", "a", "c"), ("1", "2", "3", "4"), np.ones((4, 2)))
    merged = joint_clusters({"de": items, "fr": items, "sw": Items(("c", "b"), ("1", "1"), np.ones((2, 2)))})
    assert merged["de"].tolist() == merged["fr"].tolist() == [0, 1, 0, 1]
    assert merged["sw"].tolist() == [1, 1]


def test_equal_cluster_names_in_two_languages_are_not_the_same_cluster() -> None:
    names = tuple(f"p{number % 20}" for number in range(60))
    counts = np.ones((60, 2))
    merged = joint_clusters(
        {code: Items(tuple(f"{code}{n}" for n in range(60)), names, counts) for code in ("de", "fr")}
    )
    assert not set(merged["de"]) & set(merged["fr"])
