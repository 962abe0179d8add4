"""Dependency relations as tags of words, from CoNLL-U. The head of a word is not predicted, only how it depends.

Words are the syntactic ones (the parts of a multi-word token, not the token); subtypes go (``nmod:poss`` is ``nmod``).
A sentence whose words are nearly all withheld (``_``) goes, as in XTREME's preprocessing for parts of speech.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.base import MALFORMED, Rows, Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.conllu import FORM, ID, WITHHELD, is_withheld, sentence_rows
from xharness.tasks.readers.lines import left_out, read_lines
from xharness.tasks.readers.treebanks import notes_on_releases, of_release, repeated
from xharness.tasks.types.tagging import TaggedSentence

DEPREL = 7
RELEASE = "2.5"
"""Of Universal Dependencies, where several lie side by side: that of ``udpos``."""

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
        return of_release(self._all(folder, language, split), folder, RELEASE)

    @staticmethod
    def _all(folder: Path, language: str, split: str) -> list[Path]:
        return [path for path in folder.rglob(f"{language}_*-{split}.conllu") if path.is_file()]

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:  # noqa: ARG002
        """Read what :meth:`find` found. ``keep_csv_quotes`` changes nothing here.

        Raises:
            FileNotFoundError: nothing is there.
        """
        files = self.find(folder, language, split)
        if not files:
            raise FileNotFoundError(f"no {split} treebank {language}_*-{split}.conllu in {folder}")
        problems = repeated(files)
        parts = [_sentences(path, problems) for path in files]
        examples = [example for sentences, _ in parts for example in sentences]
        counted = tuple(rows for _, rows in parts)
        passed_over = [path for path in self._all(folder, language, split) if path not in files]
        notes = [*notes_on_releases(folder, files, passed_over, RELEASE), *left_out(counted)]
        gold = [list(example.tags or ()) for example in examples]
        return Split(examples, gold, files, tuple(problems), tuple(notes), counted)


def _sentences(path: Path, problems: list[Problem]) -> tuple[list[TaggedSentence], Rows]:
    """One file; a sentence with a malformed row is left out."""
    lines, wrong = read_lines(path)
    treebank = path.name.partition("-")[0]
    examples: list[TaggedSentence] = []
    lost: Counter[str] = Counter()
    read = 0
    for rows in sentence_rows(path, lines, wrong):
        read += 1
        before = len(wrong)
        words: list[str] = []
        tags: list[str] = []
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
        if is_withheld(words):
            lost[WITHHELD] += 1
        elif len(wrong) > before or not words:
            lost[MALFORMED] += 1
        else:
            name = f"{treebank}-{len(examples) + 1}"
            examples.append(TaggedSentence(name, tuple(words), tuple(tags), {"treebank": treebank}))
    problems += sorted(wrong)
    return examples, Rows(path, "sentence", read, dict(lost))
