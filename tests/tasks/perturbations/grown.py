"""Small trees, written as a table: form, tag, head (from 1; 0 is the root), relation and, after them, features."""

from __future__ import annotations

from pathlib import Path

from xharness.tasks.readers.trees import Tree, read_trees


def conllu(*sentences: str) -> str:
    """CoNLL-U of sentences whose rows are ``form tag head relation [features] [-]``; ``-``: no space behind."""
    return "".join(f"{_rows(sentence)}\n" for sentence in sentences)


def _rows(sentence: str) -> str:
    rows = []
    for number, line in enumerate(filter(None, map(str.strip, sentence.splitlines())), 1):
        form, tag, head, relation, *more = line.split()
        misc = "SpaceAfter=No" if "-" in more else "_"
        features = next((each for each in more if each != "-"), "_")
        rows.append("\t".join([str(number), form, "_", tag, "_", features, head, relation, "_", misc]))
    return "".join(f"{row}\n" for row in rows)


def tree(folder: Path, sentence: str) -> Tree:
    """One tree."""
    path = folder / "tree.conllu"
    path.write_text(conllu(sentence), encoding="utf-8")
    (found,), problems = read_trees(path)
    assert not problems
    return found


DOG = """
The DET 2 det
dog NOUN 3 nsubj
sees VERB 0 root
a DET 6 det
black ADJ 6 amod
cat NOUN 3 obj -
. PUNCT 3 punct
"""
"""The dog sees a black cat."""

HUND = """
kutta NOUN 3 nsubj
billi NOUN 3 obj
dekhta VERB 0 root -
. PUNCT 3 punct
"""
"""Subject, object, verb."""
