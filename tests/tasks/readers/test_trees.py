"""Dependency trees: multi-word tokens, empty nodes, spaces, and what is no tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.tasks.readers.trees import DEEPEST, read_trees

BOUND = f"and {DEEPEST} are the most"


def row(name: str, form: str, head: str = "0", relation: str = "root", misc: str = "_", tag: str = "X") -> str:
    return "\t".join([name, form, "_", tag, "_", "_", head, relation, "_", misc]) + "\n"


def read(folder: Path, text: str) -> tuple[list[str], list[str]]:
    """Texts of the trees, and what is wrong."""
    path = folder / "x.conllu"
    path.write_text(text + "\n", encoding="utf-8")
    trees, problems = read_trees(path)
    return [tree.text for tree in trees], [problem.what for problem in problems]


def test_words_tokens_and_spaces(tmp_path: Path) -> None:
    text = "# sent_id = 1\n" + row("1", "I", "3", "nsubj") + row("2-3", "don't", "_", "_") + row("2", "do", "3", "aux")
    text += row("3", "n't", "0", "root") + row("3.1", "go", "_", "_") + row("4", "know", "3", "dep", "SpaceAfter=No")
    text += row("5", ".", "3", "punct", tag="PUNCT")
    assert read(tmp_path, text) == (["I don't know."], [])
    (tree,), _ = read_trees(tmp_path / "x.conllu")
    assert [word.form for word in tree.words] == ["I", "do", "n't", "know", "."]
    assert tree.below(tree.root) == [0, 1, 2, 3, 4]
    assert tree.written([1, 2, 0, 3, 4]) == "don't I know."  # neighbours keep their form
    assert tree.written([2, 1, 0, 4, 3]) == "n't do I. know"  # a mark clings to the left, as before


def test_a_language_without_spaces_gets_none(tmp_path: Path) -> None:
    text = row("1", "我", "2", "nsubj", "SpaceAfter=No") + row("2", "看", misc="SpaceAfter=No")
    text += row("3", "书", "2", "obj", "SpaceAfter=No") + row("4", "。", "2", "punct", tag="PUNCT")
    assert read(tmp_path, text)[0] == ["我看书。"]
    (tree,), _ = read_trees(tmp_path / "x.conllu")
    assert tree.written([0, 2, 1, 3]) == "我书看。"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (row("1", "a", "2") + row("2", "b", "1"), "0 roots in this sentence instead of 1"),
        (row("1", "a") + row("2", "b"), "2 roots in this sentence instead of 1"),
        (row("1", "a") + row("2", "b", "3") + row("3", "c", "2"), "the heads of this sentence run in a circle"),
        (row("1", "a", "5"), "a head or a part of a multi-word token of this sentence is not there"),
        (row("1-2", "ab", "_") + row("1", "a"), "a head or a part of a multi-word token of this sentence is not there"),
        (row("1", "a", "x"), "the head 'x' is not a number"),
        (row("1", "a", "9" * 5000), f"the head '{'9' * 5000}' is not a number"),
        (row("1", ""), "the form is empty"),
        (row("2", "a"), "word id '2' where 1 is due"),
        ("1\ta\n", "2 columns instead of 10"),
        ("".join(row(str(n), "a", str(n - 1)) for n in range(1, 302)), f"this sentence is 301 words deep, {BOUND}"),
    ],
)  # fmt: skip
def test_what_is_no_tree_is_a_problem_and_left_out(tmp_path: Path, text: str, what: str) -> None:
    texts, problems = read(tmp_path, row("1", "whole") + "\n" + text)
    assert texts == ["whole"]
    assert problems == [what]


@pytest.mark.shared_data
@pytest.mark.parametrize("language", ["de", "en", "fi", "fr", "hi", "tr"])
def test_texts_of_real_treebanks_are_written_again(shared_data: Path, language: str) -> None:
    path = shared_data / "ud_pud" / f"{language}_pud-ud-test.conllu"
    trees, problems = read_trees(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    texts = [line.removeprefix("# text = ").strip() for line in lines if line.startswith("# text = ")]
    assert not problems
    assert [tree.text for tree in trees] == [" ".join(text.split()) for text in texts]
