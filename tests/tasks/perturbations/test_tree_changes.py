"""Function words, subject and object, and which trees a text is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tasks.perturbations.grown import DOG, conllu, tree
from xharness.tasks.perturbations.catalogue import TREE_CHANGES, TreeSettings
from xharness.tasks.perturbations.coverage import TreeBook
from xharness.tasks.perturbations.function_words import content_words
from xharness.tasks.perturbations.policy import LabelPolicy
from xharness.tasks.perturbations.swap import swapped
from xharness.tasks.readers.trees import read_trees


def test_function_words_go_and_what_denies_stays(tmp_path: Path) -> None:
    dog = tree(tmp_path, DOG)
    assert dog.written(content_words(dog, "en")) == "dog sees black cat."
    denied = tree(tmp_path, "Kein DET 2 det\nHund NOUN 4 nsubj\nist AUX 4 cop\nda ADV 0 root")
    assert denied.written(content_words(denied, "de")) == "Kein Hund da"
    assert denied.written(content_words(denied, "en")) == "Hund da"  # no word of English
    told = tree(tmp_path, "nada DET 2 det PronType=Neg\nqueda VERB 0 root")
    assert told.written(content_words(told, "xx")) == "nada queda"
    only = tree(tmp_path, "is AUX 0 root -\n. PUNCT 1 punct")
    assert only.written(content_words(only, "en")) == "is."


def test_a_token_that_denies_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.conllu"
    rows = conllu("do AUX 3 aux\nn't PART 3 advmod\nsee VERB 0 root").splitlines()
    path.write_text("\n".join(["1-2\tdon't" + "\t_" * 8, *rows, ""]) + "\n")
    (found,), problems = read_trees(path)
    assert not problems
    assert found.written(content_words(found, "en")) == "don't see"


def test_subject_and_object_change_places(tmp_path: Path) -> None:
    dog = tree(tmp_path, DOG)
    order = swapped(dog)
    assert order is not None
    assert dog.written(order) == "a black cat sees The dog."
    assert sorted(order) == list(range(7))


@pytest.mark.parametrize(
    "sentence",
    [
        "he PRON 2 nsubj\nsees VERB 0 root\ncats NOUN 2 obj",
        "dogs NOUN 2 nsubj\nsleep VERB 0 root",
        "dogs NOUN 3 nsubj:pass\nare AUX 3 aux:pass\nseen VERB 0 root\ncats NOUN 3 obj",
        "Hunde NOUN 2 nsubj Case=Nom\nsehen VERB 0 root\nKatzen NOUN 2 obj Case=Acc",
        "Ana PROPN 2 nsubj\nve VERB 0 root\na ADP 4 case\nBea PROPN 2 obj",
        "dogs NOUN 2 nsubj\nsee VERB 0 root\nDogs NOUN 2 obj",
        "black ADJ 3 amod\nsees VERB 0 root\ndog NOUN 2 nsubj\ncats NOUN 2 obj",
    ],
)
def test_where_that_would_not_deny_anything_it_is_left(tmp_path: Path, sentence: str) -> None:
    assert swapped(tree(tmp_path, sentence)) is None


def test_a_text_of_several_sentences(tmp_path: Path) -> None:
    path = tmp_path / "x.conllu"
    path.write_text(conllu(DOG, "Dogs NOUN 2 nsubj\nsleep VERB 0 root -\n. PUNCT 2 punct"))
    trees, _ = read_trees(path)
    book = TreeBook.of([*trees, *trees])
    found = book.cover("Dogs sleep.  The dog sees a black cat.")
    assert found == [trees[1], trees[0]]
    assert book.cover("Dogs sleep. Cats") is None
    assert book.cover("") is None
    change = TREE_CHANGES["function-words"]
    changed = change.change(found, TreeSettings("en"))
    assert changed is not None
    assert changed.text == "Dogs sleep. dog sees black cat."
    assert (list(changed.order), changed.words) == ([0, 1, 2, 4, 5, 7, 8, 9], 10)
    assert TREE_CHANGES["subject-object"].change(found, TreeSettings("en")) is None
    assert {name: each.policy for name, each in TREE_CHANGES.items()} == {
        "reordering": LabelPolicy.KEPT,
        "function-words": LabelPolicy.KEPT,
        "subject-object": LabelPolicy.BY_RULE,
    }
