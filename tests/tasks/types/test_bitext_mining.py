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
