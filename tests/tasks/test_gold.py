"""Gold of a labels file by itself and against examples: everything that it cannot be, at its line."""

from pathlib import Path

import pytest

from tests.tasks.readers.made_up import write
from xharness.tasks import bucc2018, mewslix, panx, pawsx, tatoeba, udpos, xcopa, xnli, xquad
from xharness.tasks.base import Task
from xharness.tasks.gold import gold_problems


def squad(*questions: tuple[str, str]) -> str:
    qas = ",\n".join(f'{{"id": "{name}", "answers": [{{"text": "{text}"}}]}}' for name, text in questions)
    return f'{{"data": [{{"paragraphs": [{{"context": "c", "qas": [\n{qas}]}}]}}]}}'


NLI, TAGS = "contradiction, entailment, neutral", ", ".join(udpos.UPOS)


@pytest.mark.parametrize(("task", "text", "wrong"), [
    (xnli.TASK, "neutral\nnan\n\ncontradictory\n", [
        (2, f"label 'nan' is none of {NLI}"),
        (3, "an empty line in gold"),
        (4, f"label 'contradictory' is none of {NLI}; xnli calls it contradiction"),
    ]),
    (pawsx.TASK, "1\n0\n-7\n2\n", [
        (3, "label '-7' is none of 0, 1"),
        (4, "label '2' is none of 0, 1"),
    ]),
    (udpos.TASK, "NOUN\nCONJ\n\n_\nX\n", [
        (2, f"tag 'CONJ' is none of {TAGS}; udpos calls it CCONJ"),
        (4, f"tag '_' is none of {TAGS}"),
    ]),
    (panx.TASK, "O\nB-MISC\n", [(2, "tag 'B-MISC' is none of O, B-LOC, B-ORG, B-PER, I-LOC, I-ORG, I-PER")]),
    (tatoeba.TASK, "999\n1000\n-7\n99999\n\nnan\n007\n" + "7" * 5000 + "\n", [
        (2, "1000 is out of range; line numbers count from 0, so the last one is 999"),
        (3, "'-7' is not a plain integer; write a 0-based line number like 17"),
        (4, "99999 is out of range; line numbers count from 0, so the last one is 999"),
        (5, "an empty line in gold"),
        (6, "'nan' is not a plain integer; write a 0-based line number like 17"),
        (7, "'007' is not a plain integer; write 7"),
        (8, f"{'7' * 37}... is out of range; line numbers count from 0, so the last one is 999"),
    ]),
    (bucc2018.TASK, "de-1\ten-1\nde-1\ten-1\nde-1\ten-2\n\n", [
        (2, "the pair 'de-1 en-1' is there twice, first on line 1"),
        (4, "a blank line counts as a wrong pair; delete it"),
    ]),
    (xcopa.TASK, '{"label": 1}\n{"label": null}\n{"label": [0]}\n{"label": true}\n{"label": 0.5}\n', [
        (2, "label None is not one of the choices 0 to 1"),
        (3, "label [0] is not one of the choices 0 to 1"),
        (4, "label True is not one of the choices 0 to 1"),
        (5, "label 0.5 is not one of the choices 0 to 1"),
    ]),
    (xquad.TASK, squad(("a", "x"), ("b", " "), ("a", "x")), [
        (3, "question 'b' has no answer; was the file blanked?"),
        (4, "question 'a' is there twice"),
    ]),
    (mewslix.TASK, '{"m1": ["Q1"],\n"m2": []}', [(2, "'m2' has no gold candidate; was the file blanked?")]),
    (xnli.TASK, "", [(0, "holds no examples; a score needs at least one")]),
], ids=lambda value: value.name if isinstance(value, Task) else None)  # fmt: skip
def test_what_gold_cannot_be_without_examples(
    tmp_path: Path, task: Task, text: str, wrong: list[tuple[int, str]]
) -> None:
    path = write(tmp_path / "gold", text)
    parsed = task.type.parse_gold(path)
    assert [(one.line, one.what) for one in [*parsed.problems, *gold_problems(task, "de", parsed, path)]] == wrong


def test_a_line_that_cannot_be_read_is_named_once(tmp_path: Path) -> None:
    path = write(tmp_path / "gold", '{"label": NaN}\n{"label": 1e999}\n')
    parsed = xcopa.TASK.type.parse_gold(path)
    assert [one.line for one in parsed.problems] == [1, 2]
    assert gold_problems(xcopa.TASK, "et", parsed, path) == []
