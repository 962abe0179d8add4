"""Gold pairs."""

from pathlib import Path

import pytest

from tests.tasks.types.made import differences
from xharness.tasks import bucc2018
from xharness.tasks.types.bitext_mining import Corpora


@pytest.mark.parametrize("wrong", ["nan", "Banana", "-7", "99999", "de-0000004"])
def test_ids_of_pairs_without_the_corpora(tmp_path: Path, wrong: str) -> None:
    pairs = "de-0000001\ten-0000001\nde-0000002\ten-0000009\n"
    assert differences(tmp_path, bucc2018.TASK, None, pairs) == []
    assert differences(tmp_path, bucc2018.TASK, None, f"{pairs}de-0000003\t{wrong}\n") == [
        (3, f"id '{wrong}' does not begin with 'en-', as the others do")
    ]
    assert differences(tmp_path, bucc2018.TASK, None, "1\t2\nnan\t7\n") == [], "ids of any other form"


def test_pairs(tmp_path: Path) -> None:
    corpora = [Corpora((("de-1", "a"),), (("en-1", "b"),))]
    assert differences(tmp_path, bucc2018.TASK, corpora, "de-1\ten-1\n") == []
    assert differences(tmp_path, bucc2018.TASK, corpora, "de-1\n\nen-1\tde-1\nde-2\ten-1\nde-1\ten-2\n") == [
        (1, "'de-1' is not 'source id TAB target id'"),
        (2, "a blank line counts as a wrong pair; delete it"),
        (3, "English stands first in 'en-1 de-1'; swap the two columns"),
        (4, "id 'de-2' is not in the source corpus"),
        (5, "id 'en-2' is not in the English corpus"),
    ]
    named = [Corpora((("s1", "a"),), (("t1", "b"),))]
    assert differences(tmp_path, bucc2018.TASK, named, "t1\ts1\n") == [
        (1, "the columns of 't1 s1' are swapped: English stands second")
    ]


def test_a_part_keeps_gold_pairs_together() -> None:
    whole = Corpora(
        tuple((f"de-{place}", str(place)) for place in range(6)),
        tuple((f"en-{place}", str(place)) for place in range(6)),
    )
    gold = [("de-1", "en-5"), ("de-4", "en-0"), ("de-0", "en-3")]
    (part,), kept = bucc2018.TASK.type.first([whole], gold, 3)
    assert [name for name, _ in part.source] == ["de-0", "de-1", "de-2"]
    assert [name for name, _ in part.target] == ["en-0", "en-3", "en-5"]
    assert kept == [("de-1", "en-5"), ("de-0", "en-3")]
    (part,), kept = bucc2018.TASK.type.first([whole], None, 2)
    assert ([name for name, _ in part.target], kept) == (["en-0", "en-1"], None)
    (part,), kept = bucc2018.TASK.type.first([whole], gold, 100)
    assert (part, kept) == (whole, gold)
