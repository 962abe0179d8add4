"""The checker: a whole submission passes, and every way to break a file is named with its line and a remedy."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.submissions.conftest import Folders
from xharness.submissions.check import check, inspect_cell
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.mewslix import TASK as MEWSLIX
from xharness.tasks.registry import XTREME
from xharness.tasks.types.findings import Expected
from xharness.tasks.xcopa import TASK as XCOPA
from xharness.tasks.xnli import TASK as XNLI

FROM = "in labels/{task}/test-{language}.{extension}"


def problems_of(submission: Folders) -> list[tuple[str, int, str]]:
    """(path below the folder, line, text) of every problem."""
    found = check(submission.predictions, XTREME, gold=submission.labels)
    return [(str(one.file.relative_to(submission.predictions)), one.line, one.what) for one in found]


def test_a_complete_submission_has_no_problems(submission: Folders) -> None:
    assert problems_of(submission) == []
    assert check(submission.predictions.parent, XTREME, gold=submission.labels) == []  # a run folder


def test_blank_line_at_the_end_and_crlf_are_harmless_in_tag_files(submission: Folders) -> None:
    path = submission.prediction("panx", "de")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    assert problems_of(submission) == []


BROKEN: list[tuple[str, str, Callable[[str], str], list[tuple[int, str]]]] = [
    ("xnli", "contradiction -> 3 lines", lambda text: "contradiction\nentailment\nentailment\n", [
        (0, "3 labels, but 4 expected (in labels/xnli/test-de.tsv)")]),
    ("xnli", "unknown labels", lambda text: "Entailment\n1\nneutral\n1\n", [
        (1, "unknown label 'Entailment'; did you mean 'entailment'?"),
        (2, "unknown label '1' (on 2 lines, first here); choose from: contradiction, entailment, neutral")]),
    ("xnli", "two trailing blank lines", lambda text: text + "\n\n", [
        (0, "6 labels, but 4 expected (in labels/xnli/test-de.tsv); without the blank lines the count is right"),
        (5, "2 trailing blank lines read as answers; end the file after the last answer")]),
    ("xnli", "blank line inside", lambda text: "neutral\n\nneutral\nneutral\n", [
        (2, "a blank line counts as an answer; delete it or fill it")]),
    ("panx", "two trailing blank lines", lambda text: text + "\n\n", [
        (0, "5 sentences, but 4 expected (in labels/panx/test-de.tsv); delete the rest"),
        (12, "2 trailing blank lines add 1 empty sentence; keep at most one blank line at the end")]),
    ("panx", "leading blank line", lambda text: "\n" + text, [
        (0, "5 sentences, but 4 expected (in labels/panx/test-de.tsv); first difference in sentence 1, line 1: "
            "0 tags for 2 words"),
        (1, "a blank line at the start adds an empty sentence; begin with a tag")]),
    ("panx", "two blank lines in a row", lambda text: text.replace("\n\n", "\n\n\n", 1), [
        (0, "5 sentences, but 4 expected (in labels/panx/test-de.tsv); first difference in sentence 2, line 4: "
            "0 tags for 1 word"),
        (4, "2 blank lines in a row add an empty sentence; keep one between two sentences")]),
    ("udpos", "a word too few and an unknown tag", lambda text: "VRB" + text[9:], [
        (1, "sentence 1 has 1 tag for 2 words (in labels/udpos/test-de.tsv)"),
        (1, "unknown tag 'VRB'; did you mean 'VERB'?")]),
    ("tatoeba", "brackets and no integers", lambda text: "[2]\n007\nx\n4\n", [
        (1, "'[2]' has brackets; write 2"),
        (2, "'007' is not a plain integer; write 7"),
        (3, "'x' is not a plain integer; write a 0-based line number like 17"),
        (4, "4 is out of range; line numbers count from 0, so the last one is 3")]),
    ("bucc2018", "malformed pairs", lambda text: "de-1 en-1\n\nde-2\ten-2\n\ten-3\nen-4\tde-4\n", [
        (1, "'de-1 en-1' is not 'source id TAB target id'"),
        (2, "a blank line counts as a wrong pair; delete it"),
        (4, "'en-3' is not 'source id TAB target id'"),
        (5, "English stands first in 'en-4 de-4'; swap the two columns")]),
    ("bucc2018", "nothing", lambda text: "", [
        (0, "holds no pair, which scores 0; write one 'source id TAB target id' a line")]),
    ("xquad", "broken JSON", lambda text: text.replace(",", "", 1), [
        (3, "broken JSON: Expecting ',' delimiter (column 5); write it with a JSON library")]),
    ("xquad", "unknown and missing id", lambda text: text.replace("xquad-1", "other"), [
        (0, "no answer to 'xquad-1' (in labels/xquad/test-de.json); it counts 0"),
        (3, "unknown id 'other' (in labels/xquad/test-de.json); it answers no question of this file")]),
    ("mlqa", "another file", lambda text: '{"a": "b", "c": "d"}', [
        (0, "not one of 2 ids is known (in labels/mlqa/test-de.json); is it the file of another language or split?")]),
    ("xquad", "null", lambda text: text.replace('"red"', "null"), [
        (5, "answer of 'xquad-3' is null, not a text: write \"id\": \"answer\"")]),
]  # fmt: skip


@pytest.mark.parametrize(("task", "break_it", "expected"), [(task, edit, want) for task, _, edit, want in BROKEN],
                         ids=[f"{task}: {name}" for task, name, _, _ in BROKEN])  # fmt: skip
def test_broken_files(
    submission: Folders, task: str, break_it: Callable[[str], str], expected: list[tuple[int, str]]
) -> None:
    path = submission.prediction(task, "de")
    path.write_bytes(break_it(path.read_text()).encode())
    name = f"{task}/{path.name}"
    assert problems_of(submission) == [(name, line, what) for line, what in expected]


def test_a_byte_order_mark_is_a_problem_though_it_can_be_scored(submission: Folders) -> None:
    path = submission.prediction("xnli", "de")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    found = check(submission.predictions, XTREME, gold=submission.labels)
    assert [(problem.file, problem.line) for problem in found] == [(path, 1)]
    assert found[0].what.startswith("begins with a byte order mark")
    assert inspect_cell(XNLI, "de", path, submission.label("xnli", "de")).reason == ""


def test_gold_in_the_place_of_predictions_is_recognised(submission: Folders) -> None:
    found = check(submission.labels, XTREME, gold=submission.labels)
    assert found
    assert all("it looks like gold, and predictions come first" in problem.what for problem in found)


def test_what_could_upset_a_terminal_is_escaped(submission: Folders) -> None:
    path = submission.prediction("xnli", "de")
    path.write_bytes(b"\x1b[2Jneutral\n" + path.read_bytes().partition(b"\n")[2])
    (problem,) = check(submission.predictions, XTREME, gold=submission.labels)
    assert "\x1b" in problem.what
    assert str(problem).isprintable()
    assert r"\x1b[2Jneutral" in str(problem)


def test_all_problems_of_all_files_at_once(submission: Folders) -> None:
    shutil.rmtree(submission.predictions / "pawsx")
    submission.prediction("mlqa", "zh").unlink()
    submission.prediction("xnli", "de").write_bytes(b"\xff\n")
    found = problems_of(submission)
    assert found[0] == ("pawsx", 0, "no such folder; pawsx needs 7 files in it, test-de.tsv and so on")
    assert ("mlqa/test-zh.json", 0) in [one[:2] for one in found]
    assert "byte 0xff is not UTF-8" in str(found)
    assert {one[0] for one in found} == {"pawsx", "xnli/test-de.tsv", "mlqa/test-zh.json"}


def test_many_like_problems_are_cut_short_but_counted(submission: Folders) -> None:
    submission.label("tatoeba", "de").write_text("".join(f"{line}\n" for line in range(100)))
    submission.prediction("tatoeba", "de").write_text("".join(f"[{line}]\n" for line in range(100)))
    found = problems_of(submission)
    assert len(found) == 11
    assert found[-1] == ("tatoeba/test-de.tsv", 11, "and so on: 90 more lines like this")


def test_without_gold_the_published_counts_serve(submission: Folders) -> None:
    found = {(one.file.parent.name, one.file.name): one.what for one in check(submission.predictions, XTREME)}
    assert found["xnli", "test-de.tsv"] == "4 labels, but 5,010 expected (as published)"
    assert found["xquad", "test-de.json"] == "4 answers, but 1,190 expected (as published)"
    assert ("bucc2018", "test-de.tsv") not in found


def test_what_the_caller_knows_comes_before_published_counts(submission: Folders) -> None:
    expected = {
        ("panx", "de"): Expected(4, "in the data", lengths=(2, 1, 3, 2)),
        ("xquad", "de"): Expected(4, "in the data", ids=tuple(f"xquad-{number}" for number in range(4))),
    }
    found = check(submission.predictions, XTREME, expected=expected)
    texts = [
        str(one) for one in found if one.file.name.startswith("test-de") and one.file.parent.name in ("panx", "xquad")
    ]
    assert len(texts) == 1
    assert texts[0].endswith("test-de.tsv:10: sentence 4 has 1 tag for 2 words (in the data)")


def test_gold_with_empty_sentences_asks_for_them(submission: Folders) -> None:
    for path in (submission.label("panx", "de"), submission.prediction("panx", "de")):
        path.write_text("O\n\n\nO\n")
    assert problems_of(submission) == []


@pytest.mark.parametrize(("task", "text"), [
    (MEWSLIX, '{"m0": [""], "m1": [""]}'),
    (XCOPA, '{"label": 0}\n' * 60),
])  # fmt: skip
def test_blanked_gold_is_recognised(tmp_path: Path, task: Task, text: str) -> None:
    for name in ("gold", "given"):
        (tmp_path / name).write_text(text)
    found = inspect_cell(task, "tr", tmp_path / "given", tmp_path / "gold")
    assert "this is a test file as downloaded, not gold" in found.reason


def test_choices_are_integers_of_those_that_gold_has(tmp_path: Path) -> None:
    (tmp_path / "gold").write_text('{"label": 0}\n{"label": 1}\n{"label": 1}\n{"label": 1}\n')
    (tmp_path / "given").write_text('{"label": "0"}\n{"label": 2}\n{"label": true}\nx\n')
    found = inspect_cell(XCOPA, "tr", tmp_path / "given", tmp_path / "gold")
    assert [(one.line, one.what) for one in found.problems] == [
        (1, "label '0' is not an integer; write it like {\"label\": 0}"),
        (2, "label 2 is out of range; the choices are 0 to 1"),
        (4, 'not JSON: x; write {"label": 0}'),
    ]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no predictions at") as caught:
        check(tmp_path / "nowhere", XTREME)
    assert "it does not exist" in caught.value.why
