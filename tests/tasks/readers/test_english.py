"""PAWS and COPA in English, as their authors publish them."""

import json
from pathlib import Path

from tests.tasks.readers.made_up import write
from xharness.tasks.readers.english import CopaReader, PawsReader
from xharness.tasks.types.text_classification import SentencePair


def test_paws_as_published_and_as_xtreme_leaves_it(tmp_path: Path) -> None:
    write(tmp_path / "final" / "train.tsv", 'id\tsentence1\tsentence2\tlabel\n1\t"A" is\tB\t1\n')
    found = PawsReader().read(tmp_path, "en", "train")
    assert found.examples == [SentencePair("1", '"A" is', "B", "1")]
    write(tmp_path / "train-en.tsv", "a\tb\t0\n")
    assert PawsReader().read(tmp_path, "en", "train").gold == ["0"]
    assert PawsReader().find(tmp_path, "de", "train") == ()


def test_copa_in_a_folder_of_any_name(tmp_path: Path) -> None:
    item = {"premise": "It fell.", "choice1": "It broke.", "choice2": "It sang.", "question": "effect", "label": 1}
    write(tmp_path / "copa" / "val.jsonl", json.dumps(item) + "\n")
    assert CopaReader().read(tmp_path / "copa", "en", "dev").gold == [1]
    assert CopaReader().find(tmp_path, "th", "dev") == ()
