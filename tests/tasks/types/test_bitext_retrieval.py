"""Gold line numbers."""

from dataclasses import replace
from pathlib import Path

from tests.tasks.readers.made_up import write
from tests.tasks.types.made import differences
from xharness.tasks import tatoeba
from xharness.tasks.gold import gold_problems
from xharness.tasks.types.bitext_retrieval import Bitext


def test_indices(tmp_path: Path) -> None:
    pair = [Bitext(("a", "b", "c", "d"), ("x", "y", "z", "w"))]
    assert differences(tmp_path, tatoeba.TASK, pair, "0\n3\n1\n2\n") == []
    assert differences(tmp_path, tatoeba.TASK, pair, "0\n4\n[1]\n") == [
        (3, "3 lines of gold for 4 examples"),
        (2, "4 is out of range; line numbers count from 0, so the last one is 3"),
        (3, "'[1]' has brackets; write 1"),
    ]


def test_an_aligned_line_is_the_translation_of_one_query(tmp_path: Path) -> None:
    assert differences(tmp_path, tatoeba.TASK, None, "2\n2\n3\n1\n") == [
        (2, "line number 2 is there twice, first on line 1")
    ]


def test_without_a_published_count_aligned_sides_bound_line_numbers(tmp_path: Path) -> None:
    task = replace(tatoeba.TASK, published={})
    path = write(tmp_path / "gold", "0\n3\n1\n99999\n4\n2\n6\n")
    found = gold_problems(task, "az", task.type.parse_gold(path), path)
    what = "99999 is out of range; line numbers count from 0, so the last one is 6"
    assert [(problem.line, problem.what) for problem in found] == [(4, what)]
    path = write(tmp_path / "whole", "0\n3\n1\n2\n")
    assert gold_problems(task, "az", task.type.parse_gold(path), path) == []
    loose = replace(task, aligned=False)
    path = write(tmp_path / "more", "7\n")
    assert gold_problems(loose, "az", loose.type.parse_gold(path), path) == []
