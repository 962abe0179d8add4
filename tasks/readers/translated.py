"""Machine-translated training data in the shapes in which it is published.

| task | file |
| --- | --- |
| mnli, xnli, anli_plus | ``multinli.train.<lang>.tsv`` of XNLI-MT: header, then premise, hypothesis, label |
| the same, and pawsx, paws, qqp | XTREME's ``en-<lang>-translated.tsv``: two English texts, their translations, label |
| the same | three columns as XTREME's preprocessing writes them: two texts, label |
| pawsx, paws | PAWS-X's ``<lang>/translated_train.tsv``: header, then id, two texts, label |
| squad_v1, tydiqa | SQuAD JSON: MLQA's translate-train, XTREME's ``squad.translate.train.en-<lang>.json`` |

Translation leaves some answers without a place in the text, and XTREME's PAWS-X files have rows whose last column is
no label: such examples are left out and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from xharness.tasks.base import MALFORMED, Rows, Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.lines import count, left_out, read_lines
from xharness.tasks.readers.nli import LABELS, label_of
from xharness.tasks.readers.quoting import undo
from xharness.tasks.readers.squad import read_squad
from xharness.tasks.types.extractive_qa import SpanQuestion
from xharness.tasks.types.text_classification import SentencePair


def translated_nli(file: Path, language: str) -> Split:
    """Inference in three labels; see :func:`_pairs`."""
    return _pairs(file, language, label_of, LABELS)


def translated_paraphrases(file: Path, language: str) -> Split:
    """Paraphrases, labelled 0 and 1; see :func:`_pairs`."""
    return _pairs(file, language, lambda label: label, ("0", "1"))


def translated_questions(file: Path, language: str) -> Split:
    """SQuAD JSON; a question whose answer has no place in the text is left out."""
    found = read_squad(file, repeated_ids=True, translated=True)
    questions: Sequence[SpanQuestion] = found.examples
    return replace(
        found,
        examples=[replace(q, id=f"{language}-{q.id}", facts={"language": language}) for q in questions],
        gold=[
            replace(gold, id=f"{language}-{gold.id}", cluster=f"{language}-{gold.cluster}") for gold in found.gold or ()
        ],
    )


class _Shape(NamedTuple):
    """Where a file of pairs has what: rows of a header, columns of a row, the first of its two texts."""

    header: int
    width: int
    first: int

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]]) -> _Shape:
        """The shape of most rows."""
        widths = [len(row) for row in rows]
        width = max((3, 4, 5), key=widths.count)
        header = int(width < 5 and bool(rows) and rows[0][-1].strip().lower() == "label")
        return cls(header, width, {3: 0, 4: 1, 5: 2}[width])


def _pairs(file: Path, language: str, spelled: Callable[[str], str | None], labels: tuple[str, ...]) -> Split:
    """Rows of 3, 4 or 5 columns; the number is that of most rows.

    The id of a pair is ``<language>-<row>``, its row counted from 1 below the header, whether or not rows are left out,
    so that ``de-17`` is the translation of row 17; the fact ``language`` names it as well.
    """
    lines, problems = read_lines(file)
    rows = [line.split("\t") for line in lines]
    shape = _Shape.of(rows)
    whole = {number: row for number, row in enumerate(rows[shape.header :], 1) if len(row) == shape.width}
    problems += [
        Problem(file, number, f"{count(len(row), 'column')} instead of {shape.width}")
        for number, row in enumerate(rows[shape.header :], shape.header + 1)
        if len(row) != shape.width
    ]
    pairs = [row[shape.first : shape.first + 2] for row in whole.values()]
    pairs, undone = (pairs, 0) if shape.header else undo(pairs)  # XTREME's own files have no header, and csv quoting
    examples = []
    for (number, row), (one, other) in zip(whole.items(), pairs, strict=True):
        label = spelled(row[-1].strip())
        if label in labels and one.strip() and other.strip():
            name = f"{language}-{number}"
            examples.append(SentencePair(name, one.strip(), other.strip(), label, {"language": language}))
    if not examples and not problems:
        problems.append(Problem(file, 0, f"no row ends in one of the labels {', '.join(labels)}"))
    below = len(rows) - shape.header
    lost = {MALFORMED: below - len(whole), "no label or no text": len(whole) - len(examples)}
    counted = (Rows(file, "row", below, {why: number for why, number in lost.items() if number}),)
    notes = [*left_out(counted)]
    notes += [f"csv quoting of {count(undone, 'field')} undone in {file.name}"] if undone else []
    gold = [example.label for example in examples]
    return Split(examples, gold, (file,), tuple(sorted(problems)), tuple(notes), counted)
