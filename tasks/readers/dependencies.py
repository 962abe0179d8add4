"""Dependency relations as tags of words, from CoNLL-U. The head of a word is not predicted, only how it depends.

Words are the syntactic ones (the parts of a multi-word token, not the token); subtypes go (``nmod:poss`` is ``nmod``).
A sentence whose words are nearly all withheld (``_``) goes, as in XTREME's preprocessing for parts of speech.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tasks.base import Split, TaggedSentence
from tasks.errors import Problem
from tasks.readers.conllu import FORM, ID, sentence_rows
from tasks.readers.lines import count, read_lines

DEPREL = 7

RELATIONS = tuple(
    (
        "acl advcl advmod amod appos aux case cc ccomp clf compound conj cop csubj dep det discourse dislocated expl "
        "fixed flat goeswith iobj list mark nmod nsubj nummod obj obl orphan parataxis punct reparandum root vocative "
        "xcomp"
    ).split()
)
"""The 37 universal relations of UD 2."""


@dataclass(frozen=True)
class DependencyReader:
    """All treebanks ``<language>_*.conllu`` of the split, in the order of their names. Fact: ``treebank``."""

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """Every treebank file of the language whose name holds the split's. Reads nothing."""
        found = (path for path in folder.rglob(f"{language}_*-{split}.conllu") if path.is_file())
        return tuple(sorted(found, key=lambda path: (path.name, path)))

    def read(self, folder: Path, language: str, split: str, *, quirks: bool = False) -> Split:  # noqa: ARG002
        """Read what :meth:`find` found. ``quirks`` changes nothing here.

        Raises:
            FileNotFoundError: nothing is there.
        """
        files = self.find(folder, language, split)
        if not files:
            raise FileNotFoundError(f"no {split} treebank {language}_*-{split}.conllu in {folder}")
        problems: list[Problem] = []
        notes: list[str] = []
        examples = [example for path in files for example in _sentences(path, problems, notes)]
        gold = [list(example.tags or ()) for example in examples]
        return Split(examples, gold, files, tuple(problems), tuple(notes))


def _sentences(path: Path, problems: list[Problem], notes: list[str]) -> list[TaggedSentence]:
    """One file; a sentence with a malformed row is left out."""
    lines, wrong = read_lines(path)
    treebank = path.name.partition("-")[0]
    examples: list[TaggedSentence] = []
    withheld = 0
    for rows in sentence_rows(path, lines, wrong):
        before = len(wrong)
        words, tags = [], []
        for number, columns in rows:
            relation = columns[DEPREL].partition(":")[0]
            if "-" in columns[ID]:
                continue
            if relation not in RELATIONS:
                wrong.append(Problem(path, number, f"relation '{columns[DEPREL]}' is none of Universal Dependencies 2"))
            if not columns[FORM]:
                wrong.append(Problem(path, number, "the form is empty"))
            words.append(columns[FORM])
            tags.append(relation)
        if "_" in words and words.count("_") >= len(words) - 1:
            withheld += 1
        elif len(wrong) == before and words:
            name = f"{treebank}-{len(examples) + 1}"
            examples.append(TaggedSentence(name, tuple(words), tuple(tags), {"treebank": treebank}))
    if withheld:
        notes.append(f"{path.name}: {count(withheld, 'sentence')} left out, all words or all but one are '_'")
    problems += sorted(wrong)
    return examples
