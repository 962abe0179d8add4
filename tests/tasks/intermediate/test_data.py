"""Where the English data of a task lies, what is refused, and the sizes of the real sets."""

import json
from pathlib import Path

import pytest

from tests.tasks.readers.made_up import write
from xharness.tasks.base import OTHER_LANGUAGES
from xharness.tasks.common.errors import BadFiles, UserError
from xharness.tasks.intermediate.data import find_folder, load
from xharness.tasks.registry import Registry

PAIR = json.dumps({"sentence1": "p", "sentence2": "q", "label": "neutral"}) + "\n"
TYDIQA = Path("download/tydiqa/tydiqa-goldp-v1.1-train/tydiqa.goldp.en.train.json")


def tydiqa(*ids: str, question: str = "Who?") -> str:
    questions = [{"id": name, "question": question, "answers": [{"text": "Ada", "answer_start": 0}]} for name in ids]
    return json.dumps({"data": [{"paragraphs": [{"context": "Ada left.", "qas": questions}]}]})


@pytest.mark.parametrize("folder", ["intermediate/mnli", "download/mnli", "mnli", "intermediate/MNLI"])
def test_places(tmp_path: Path, folder: str) -> None:
    write(tmp_path / folder / "train.jsonl", PAIR)
    assert find_folder(tmp_path, Registry().trainable("mnli")) == tmp_path / folder
    assert load(Registry().trainable("mnli"), tmp_path).gold == ["neutral"]
    assert find_folder(tmp_path / folder, Registry().trainable("mnli")) == tmp_path / folder


def test_a_folder_with_training_data_wins(tmp_path: Path) -> None:
    write(tmp_path / "intermediate" / "mnli" / "dev.jsonl", PAIR)
    assert find_folder(tmp_path, Registry().trainable("mnli")) == tmp_path / "intermediate" / "mnli"
    write(tmp_path / "multinli_1.0" / "multinli_1.0_train.jsonl", PAIR)
    assert find_folder(tmp_path, Registry().trainable("mnli")) == tmp_path / "multinli_1.0"


def test_the_sources_of_anli_lie_side_by_side(tmp_path: Path) -> None:
    write(tmp_path / "intermediate" / "mnli" / "train.jsonl", PAIR)
    write(
        tmp_path / "intermediate" / "anli_v1.0" / "R1" / "train.jsonl",
        '{"context": "a", "hypothesis": "b", "label": "e"}\n',
    )
    assert find_folder(tmp_path, Registry().trainable("anli_plus")) == tmp_path / "intermediate"
    assert load(Registry().trainable("anli_plus"), tmp_path).gold == ["neutral", "entailment"]


def test_beside_a_download_folder(tmp_path: Path) -> None:
    write(tmp_path / "intermediate" / "mnli" / "train.jsonl", PAIR)
    (tmp_path / "download").mkdir()
    assert find_folder(tmp_path / "download", Registry().trainable("mnli")) == tmp_path / "intermediate" / "mnli"


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no English data of qqp") as caught:
        find_folder(tmp_path, Registry().trainable("qqp"))
    assert "QQP" in caught.value.why
    write(tmp_path / "mnli" / "dev.jsonl", PAIR)
    with pytest.raises(UserError, match="no train data of mnli") as caught:
        load(Registry().trainable("mnli"), tmp_path)
    assert caught.value.why == "there is only: dev"


def test_malformed_files_are_refused_with_every_line(tmp_path: Path) -> None:
    write(tmp_path / "mnli" / "train.jsonl", "{\n" + PAIR + "[]\n")
    with pytest.raises(BadFiles) as caught:
        load(Registry().trainable("mnli"), tmp_path)
    assert [problem.line for problem in caught.value.problems] == [1, 3]


def test_blanked_training_data_is_refused(tmp_path: Path) -> None:
    write(tmp_path / TYDIQA, tydiqa("english-1").replace('"Ada", "', '"", "'))
    with pytest.raises(UserError, match="cannot be trained on"):
        load(Registry().trainable("tydiqa"), tmp_path)


def test_tydiqa_is_english_only(tmp_path: Path) -> None:
    write(tmp_path / TYDIQA, tydiqa("english-1", "english-2"))
    assert load(Registry().trainable("tydiqa"), tmp_path).notes == ("2 of the 3696 English questions are there",)
    write(tmp_path / TYDIQA, tydiqa("english-1", "korean-1"))
    with pytest.raises(UserError, match="not the English part of TyDiQA") as caught:
        load(Registry().trainable("tydiqa"), tmp_path)
    assert "2 questions, 1 of them in other languages" in caught.value.why
    write(tmp_path / TYDIQA, tydiqa(*map(str, range(3697))))
    with pytest.raises(UserError, match="not the English part of TyDiQA") as caught:
        load(Registry().trainable("tydiqa"), tmp_path)
    assert "3697 questions, English has 3696" in caught.value.why
    write(tmp_path / TYDIQA, tydiqa("0", "1", question="Кто ушёл?"))  # ids that XTREME shortened say nothing
    with pytest.raises(UserError, match="not the English part of TyDiQA") as caught:
        load(Registry().trainable("tydiqa"), tmp_path)
    assert "2 questions, 2 of them in other languages" in caught.value.why


def test_the_published_file_of_all_languages_gives_its_english_part(tmp_path: Path) -> None:
    write(tmp_path / "tydiqa" / "tydiqa-goldp-v1.1-train.json", tydiqa("english-1", "korean-1", "english-2"))
    found = load(Registry().trainable("tydiqa"), tmp_path)
    assert len(found.examples) == 2
    assert found.rows[0].left_out == {OTHER_LANGUAGES: 1}


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "train", "dev"),
    [
        ("anli_plus", 8999, 4200),
        ("mnli", 8999, 1000),
        ("squad_v1", 4330, 1000),
        ("commonsenseqa", 9741, 1221),
        ("copa", 400, 100),
        ("hellaswag", 0, 1000),
        ("cosmosqa", 0, 2985),
        ("socialiqa", 0, 1954),
        ("paws", 0, 2000),
        ("ud_dependency", 0, 2002),
        ("xnli", 8999, 2490),
        ("pawsx", 0, 2000),
        ("udpos", 21253, 3974),
        ("panx", 20000, 10000),
        ("xquad", 4330, 1000),
        ("mlqa", 4330, 1000),
        ("tydiqa", 3696, 0),
        ("xcopa", 400, 100),
    ],
)
def test_real_sizes(shared_data: Path, name: str, train: int, dev: int) -> None:
    task = Registry().trainable(name)
    for split, size in (("train", train), ("dev", dev)):
        if size:
            found = load(task, shared_data, split)
            assert len(found.examples) == len(found.gold or ()) == size
            assert len({example.id for example in found.examples}) == size
        else:
            assert task.reader is not None
            assert not task.reader.find(find_folder(shared_data, task), "en", split)


@pytest.mark.shared_data
def test_two_publications_of_the_same_pairs_agree(shared_data: Path) -> None:
    """XTREME's csv-quoted XNLI training file and MultiNLI's JSON lines, here cut to the same rows."""
    texts = [
        [(pair.first, pair.second, pair.label) for pair in load(Registry().trainable(name), shared_data).examples]
        for name in ("xnli", "mnli")
    ]
    assert texts[0] == texts[1]
