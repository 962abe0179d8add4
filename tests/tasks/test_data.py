"""The data folder: where it is, what it holds, gold beside or inside, limits, hashes and disagreements."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tasks.readers.made_up import write
from xharness.tasks import bucc2018, mewslix, panx, tatoeba, tydiqa, udpos, xnli, xquad
from xharness.tasks.common.errors import UserError
from xharness.tasks.data import DataFolder
from xharness.tasks.gold import WITH_EXAMPLES
from xharness.tasks.types.bitext_mining import Corpora
from xharness.tasks.types.bitext_retrieval import Bitext
from xharness.tasks.types.text_classification import SentencePair


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small data folder."""
    write(tmp_path / "download" / "xnli" / "test-de.tsv", "a\tb\nc\td\ne\tf\n")
    write(tmp_path / "download" / "xnli" / "test-ar.tsv", "a\tb\n")
    write(tmp_path / "labels" / "xnli" / "test-de.tsv", "neutral\nentailment\nneutral\n")
    for name, text in (
        ("de", "de-1\ta\nde-2\tb\n"),
        ("en", "en-1\tx\nen-2\ty\n"),
        ("gold", "de-1\ten-1\nde-2\ten-2\n"),
    ):
        write(tmp_path / "download" / "bucc2018" / f"de-en.dev.{name}", text)
    write(tmp_path / "download" / "tatoeba" / "de-en.en", "a\nb\nc\n")
    write(tmp_path / "download" / "tatoeba" / "de-en.de", "x\ny\nz\n")
    write(tmp_path / "labels" / "tatoeba" / "test-de.tsv", "2\n0\n1\n")
    return tmp_path


def qa(*answers: tuple[str, str, int]) -> str:
    qas = [{"id": name, "question": "?", "answers": [{"text": text, "answer_start": at}]} for name, text, at in answers]
    return json.dumps({"data": [{"paragraphs": [{"context": "Ada left.", "qas": qas}]}]})


def test_both_ways_to_name_the_folder(folder: Path) -> None:
    whole = DataFolder.open(folder)
    assert (whole.download, whole.labels) == (folder / "download", folder / "labels")
    assert DataFolder.open(folder / "download") == whole
    other = folder / "gold"
    write(other / "xnli" / "test-de.tsv", "neutral\n")
    assert DataFolder.open(folder, other).labels == other
    assert DataFolder.open(folder, other).labels_file(xnli.TASK, "de") == other / "xnli" / "test-de.tsv"


def test_a_download_folder_named_by_a_dot(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "download")
    found = DataFolder.open(Path())
    assert found.labels_file(xnli.TASK, "de") is not None


def test_without_labels(folder: Path) -> None:
    (folder / "labels").rename(folder / "elsewhere")
    assert DataFolder.open(folder).labels is None
    assert DataFolder.open(folder).load(xnli.TASK, "de").gold is None


@pytest.mark.parametrize(
    ("make", "what", "why"),
    [
        (lambda path: None, "no data folder at {path}", "nothing is there"),
        (lambda path: path.touch(), "{path} is a file, not a data folder", "the files of the tasks lie in folders"),
        (lambda path: path.mkdir(), "the data folder {path} is empty", "there is nothing to read"),
        (
            lambda path: write(path / "sub" / "a.txt", ""),
            "no task in {path}",
            "found sub/; expected download/ with folders named after tasks, such as xnli/ or udpos/",
        ),
        (
            lambda path: (path / "download").mkdir(parents=True),
            "no task in {path}/download",
            "found nothing; expected download/ with folders named after tasks, such as xnli/ or udpos/",
        ),
    ],
)
def test_what_is_no_data_folder(tmp_path: Path, make: Callable[[Path], object], what: str, why: str) -> None:
    path = tmp_path / "data"
    make(path)
    with pytest.raises(UserError) as caught:
        DataFolder.open(path)
    assert (caught.value.what, caught.value.why) == (what.format(path=path), why)


def test_labels_that_are_not_there(folder: Path) -> None:
    with pytest.raises(UserError, match="no labels folder at"):
        DataFolder.open(folder, folder / "nowhere")


@pytest.mark.parametrize(("data", "labels"), [("labels", None), ("download", "download"), (".", "download")])
def test_examples_and_gold_need_a_folder_each(folder: Path, data: str, labels: str | None) -> None:
    with pytest.raises(UserError, match="is taken for both examples and gold"):
        DataFolder.open(folder / data, folder / labels if labels else None)


def test_a_folder_with_tasks_of_the_user_s_own(tmp_path: Path) -> None:
    write(tmp_path / "mine" / "test-de.tsv", "a")
    with pytest.raises(UserError, match="no task in"):
        DataFolder.open(tmp_path)
    assert DataFolder.open(tmp_path, names=["mine"]).download == tmp_path


def test_languages_in_the_task_s_order(folder: Path) -> None:
    write(folder / "download" / "panx" / "test-lt.tsv", "a\n")
    write(folder / "download" / "panx" / "test-fi.tsv", "a\n")
    write(folder / "download" / "panx" / "test-he.tsv", "a\n")
    data = DataFolder.open(folder)
    assert data.languages(panx.TASK) == ["he", "fi", "lt"]
    assert data.languages(xnli.TASK) == ["ar", "de"]
    assert data.languages(xnli.TASK, "dev") == []
    assert data.languages(bucc2018.TASK, "dev") == ["de"]
    assert data.languages(mewslix.TASK) == []


def test_gold_from_labels(folder: Path) -> None:
    cell = DataFolder.open(folder).load(xnli.TASK, "de")
    assert cell.gold == ["neutral", "entailment", "neutral"]
    assert cell.gold_source == str(folder / "labels" / "xnli" / "test-de.tsv")
    assert cell.files == (folder / "download" / "xnli" / "test-de.tsv", folder / "labels" / "xnli" / "test-de.tsv")
    assert not cell.problems


def test_gold_may_be_missing(folder: Path) -> None:
    cell = DataFolder.open(folder).load(xnli.TASK, "ar")
    assert (cell.gold, cell.gold_source, cell.problems) == (None, "", ())


def test_gold_with_the_examples(folder: Path) -> None:
    data = DataFolder.open(folder)
    cell = data.load(bucc2018.TASK, "de", "dev")
    assert (cell.gold, cell.gold_source) == ([("de-1", "en-1"), ("de-2", "en-2")], WITH_EXAMPLES)
    write(folder / "labels" / "bucc2018" / "dev-de.tsv", "de-1\ten-2\n")
    cell = data.load(bucc2018.TASK, "de", "dev")
    assert cell.gold == [("de-1", "en-2")]
    assert cell.notes == ("the gold in dev-de.tsv differs from that with the examples; dev-de.tsv counts",)


def test_labels_that_do_not_fit_are_problems_at_their_line(folder: Path) -> None:
    path = write(folder / "labels" / "xnli" / "test-de.tsv", "neutral\nso so\n")
    problems = DataFolder.open(folder).load(xnli.TASK, "de").problems
    assert [str(problem) for problem in problems] == [
        f"{path}:2: 2 lines of gold for 3 examples",
        f"{path}:2: label 'so so' is none of contradiction, entailment, neutral",
    ]


def test_broken_examples_and_broken_labels_are_both_found(folder: Path) -> None:
    write(folder / "download" / "xnli" / "test-de.tsv", "a\tb\nc\ne\tf\n")
    write(folder / "labels" / "xnli" / "test-de.tsv", "neutral\nneutral\n")
    problems = DataFolder.open(folder).load(xnli.TASK, "de").problems
    assert [problem.file.parent.parent.name for problem in problems] == ["download", "labels"]


def test_a_broken_sentence_does_not_accuse_the_labels(folder: Path) -> None:
    write(folder / "download" / "udpos" / "de_a-ud-test.conllu", "1\tbroken\n\n")
    write(folder / "labels" / "udpos" / "test-de.tsv", "X\n")
    problems = DataFolder.open(folder).load(udpos.TASK, "de").problems
    assert [problem.file.suffix for problem in problems] == [".conllu"]


def test_what_is_not_there_says_what_is(folder: Path) -> None:
    data = DataFolder.open(folder)
    with pytest.raises(UserError) as caught:
        data.load(xnli.TASK, "sw")
    assert caught.value.what == "no test data of xnli in 'sw'"
    assert caught.value.why.endswith("holds these languages: ar, de")
    with pytest.raises(UserError, match="'mewslix' cannot be read"):
        data.load(replace(mewslix.TASK, reader=None), "de")


def test_hash_follows_content_not_names(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    import shutil

    data = DataFolder.open(folder)
    before = data.load(xnli.TASK, "de").sha
    assert before == data.load(xnli.TASK, "de", limit=1).sha
    moved = tmp_path_factory.mktemp("moved") / "there"
    shutil.copytree(folder, moved)
    assert DataFolder.open(moved).load(xnli.TASK, "de").sha == before
    write(folder / "labels" / "xnli" / "test-de.tsv", "neutral\nneutral\nneutral\n")
    assert data.load(xnli.TASK, "de").sha != before


def test_limit_cuts_examples_and_gold_alike(folder: Path) -> None:
    data = DataFolder.open(folder)
    pairs = data.load(xnli.TASK, "de", limit=2)
    assert ([example.id for example in pairs.examples if isinstance(example, SentencePair)], pairs.gold) == (
        ["1", "2"],
        ["neutral", "entailment"],
    )
    retrieval = data.load(tatoeba.TASK, "de", limit=2)
    assert retrieval.examples == [Bitext(("a", "b"), ("x", "y", "z"))]
    assert retrieval.gold == ["2", "0"]
    mining = data.load(bucc2018.TASK, "de", "dev", limit=1)
    assert mining.examples == [Corpora((("de-1", "a"),), (("en-1", "x"),))]
    assert mining.gold == [("de-1", "en-1")]
    assert data.load(xnli.TASK, "ar", limit=1).gold is None


def test_limit_cuts_questions_by_id(folder: Path) -> None:
    write(folder / "download" / "xquad" / "xquad.de.json", qa(("a", "", 0), ("b", "", 0), ("c", "", 0)))
    write(folder / "labels" / "xquad" / "test-de.json", qa(("c", "left", 4), ("a", "Ada", 0)))
    data = DataFolder.open(folder)
    whole = data.load(xquad.TASK, "de")
    assert ids(whole.gold) == ["c", "a"]
    assert whole.notes == ("1 of 3 questions have no gold and do not count",)
    assert ids(data.load(xquad.TASK, "de", limit=2).gold) == ["a"]


def ids(gold: object) -> list[str]:
    assert isinstance(gold, list)
    return [question.id for question in gold]


def size(gold: object) -> int:
    assert isinstance(gold, list)
    return len(gold)


@pytest.mark.shared_data
def test_real_gold_fits_real_examples(shared_data: Path) -> None:
    data = DataFolder.open(shared_data)
    for task in (tatoeba.TASK, tydiqa.TASK, xquad.TASK):
        for language in data.languages(task):
            cell = data.load(task, language)
            assert (cell.problems, cell.notes) == ((), ())
            assert size(cell.gold) == task.published[language]
    mining = DataFolder.open(shared_data / "mining")
    assert size(mining.load(bucc2018.TASK, "de").gold) == 1200
    assert size(mining.load(bucc2018.TASK, "de", "dev").gold) == 600
