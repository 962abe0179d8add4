"""What the data folder says that predictions must fit, where gold is hidden."""

from pathlib import Path

import pytest

from tests.submissions.conftest import Folders
from xharness.submissions.check import check
from xharness.submissions.expected import expected_of_data
from xharness.submissions.files import tasks_of
from xharness.tasks.registry import XTREME


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "download"
    write(folder / "panx" / "test-de.tsv", "Ada\nkam\n\nAda\n")
    write(folder / "xnli" / "test-de.tsv", "eins\tzwei\ndrei\tvier\n")
    write(folder / "tatoeba" / "de-en.de", "eins\nzwei\n")
    write(folder / "tatoeba" / "de-en.en", "one\ntwo\n")
    question = '{"id": "q1", "question": "?", "answers": [{"text": "", "answer_start": 0}]}'
    write(
        folder / "xquad" / "xquad.de.json", f'{{"data": [{{"paragraphs": [{{"context": "x", "qas": [{question}]}}]}}]}}'
    )
    return tmp_path / "data"


def test_counts_words_ids_and_candidates(data: Path) -> None:
    found = expected_of_data(data, XTREME, tasks_of(XTREME))
    assert set(found) == {("panx", "de"), ("xnli", "de"), ("tatoeba", "de"), ("xquad", "de")}
    assert found["panx", "de"].lengths == (2, 1)
    assert found["xnli", "de"].count == 2
    assert found["tatoeba", "de"].candidates == 2
    assert found["xquad", "de"].ids == ("q1",)
    assert found == expected_of_data(data / "download", XTREME, tasks_of(XTREME))


def test_predictions_are_compared_with_it(data: Path, submission: Folders) -> None:
    expected = expected_of_data(data, XTREME, tasks_of(XTREME))
    found = check(submission.predictions, XTREME, expected=expected)
    texts = {one.file.parent.name: one.what for one in found if one.file.stem == "test-de"}
    assert texts["xnli"] == "4 labels, but 2 expected (in xnli/test-de.tsv)"
    assert texts["panx"].startswith("4 sentences, but 2 expected (in panx/test-de.tsv)")
    assert texts["xquad"].startswith("not one of 4 ids is known (in xquad/xquad.de.json)")
