"""Errors for people."""

import pickle
from pathlib import Path

from xharness.tasks.common.errors import BadFiles, Problem, UserError, first_line, printable, suggestion


def test_three_lines_and_the_same_in_another_process() -> None:
    error = UserError("no run at x", "there is no such folder", "check the path")
    assert str(error) == "no run at x\n  why: there is no such folder\n  fix: check the path"
    again = pickle.loads(pickle.dumps(error))  # our own
    assert (again.what, again.why, again.fix) == (error.what, error.why, error.fix)


def test_many_problems_are_counted_and_all_are_kept() -> None:
    problems = [Problem(Path("f"), line, "wrong") for line in range(5)]
    error = BadFiles("cannot read f", problems, "fix it")
    assert error.why == "f: wrong; f:1: wrong; f:2: wrong (and 2 more)"
    assert error.problems == tuple(problems)


def test_controls_are_escaped() -> None:
    assert printable("a\x1b[2J\u202eb é") == "a\\x1b[2J\\u202eb é"


def test_the_closest_name_or_all() -> None:
    assert suggestion("XNLY", ["xnli", "panx"]) == "did you mean 'xnli'?"
    assert suggestion("zzz", ["xnli", "panx"]) == "choose from: panx, xnli"


def test_a_notebook_shows_three_lines_and_no_traceback() -> None:
    error = UserError("no run at x", "there is no such folder", "check the path")
    assert error._render_traceback_() == [f"UserError: {error}"]


def test_what_an_error_says_first() -> None:
    assert first_line(ValueError("bad magic:\nmore")) == "bad magic"
    assert first_line(KeyError()) == "KeyError"
