"""Works in processes of their own: they meet, they tell, and what goes wrong in one reaches the one that asked."""

from __future__ import annotations

import errno
import functools
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from xharness.evaluation.reporter import Reporter
from xharness.studies.process import runs
from xharness.studies.side_by_side import do_side_by_side
from xharness.tasks.common.errors import UserError

PATIENCE = 60.0


def until(path: Path) -> str:
    """What a file holds, once it is there."""
    end = time.monotonic() + PATIENCE
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.02)
    return path.read_text()


def meet(folder: Path, own: str, other: str, reporter: Reporter) -> None:
    """Ends when the other one has begun, which takes both at the same time."""
    reporter.note(f"{own} is here")
    reporter.progress("half", 0.5)
    write(folder / own, str(os.getpid()))
    assert int(until(folder / other)) != os.getpid()
    reporter.progress("all", 1.0)


def write(path: Path, text: str) -> None:
    path.with_suffix(".part").write_text(text)
    path.with_suffix(".part").rename(path)


def take_turns(folder: Path, own: str, _reporter: Reporter) -> None:
    (folder / "inside").mkdir()  # fails if somebody is
    time.sleep(0.1)
    (folder / "inside").rmdir()
    (folder / own).touch()


def fail(what: str, _reporter: Reporter) -> None:
    raise UserError(what, "a reason", "a way out")


def fill(_reporter: Reporter) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "weights")


def divide(_reporter: Reporter) -> None:
    print(1 / 0)


def wait_to_be_asked(folder: Path, _reporter: Reporter) -> None:
    try:
        write(folder / "waits", str(os.getpid()))
        time.sleep(PATIENCE)
    except KeyboardInterrupt:
        write(folder / "asked", "saved")
        raise


def die(folder: Path, _reporter: Reporter) -> None:
    until(folder / "waits")
    os.kill(os.getpid(), signal.SIGKILL)


def fail_later(folder: Path, _reporter: Reporter) -> None:
    until(folder / "waits")
    raise UserError("it failed", "a reason", "a way out")


def test_two_works_meet_and_tell(tmp_path: Path) -> None:
    said: list[tuple[str, float]] = []
    notes: list[str] = []
    works = {
        "one": functools.partial(meet, tmp_path, "first", "second"),
        "two": functools.partial(meet, tmp_path, "second", "first"),
    }
    do_side_by_side(works, 2, Reporter(lambda what, share: said.append((what, share)), notes.append), "both")
    assert sorted(notes) == ["first is here", "second is here"]
    assert said[-1] == ("both: starting", 1.0)
    assert "both: one 50%" in {what.partition(",")[0] for what, _ in said}
    assert [share for _, share in said] == sorted(share for _, share in said)


def test_one_job_does_them_in_turn(tmp_path: Path) -> None:
    names = ["a", "b", "c"]
    do_side_by_side({name: functools.partial(take_turns, tmp_path, name) for name in names}, 1, Reporter(), "three")
    assert [path.name for path in sorted(tmp_path.iterdir())] == names


def note_process(reporter: Reporter) -> None:
    reporter.note(str(os.getpid()))


def test_a_process_does_one_after_the_other() -> None:
    notes: list[str] = []
    do_side_by_side(dict.fromkeys("abcd", note_process), 1, Reporter(note=notes.append), "four")
    assert len(notes) == 4
    assert len(set(notes)) == 1


def test_what_a_person_can_fix_is_raised_here() -> None:
    with pytest.raises(UserError, match="no such thing") as raised:
        do_side_by_side({"x": functools.partial(fail, "no such thing")}, 2, Reporter(), "one")
    assert (raised.value.why, raised.value.fix) == ("a reason", "a way out")


def test_a_full_disk_is_told_in_words() -> None:
    with pytest.raises(UserError, match="cannot use weights") as raised:
        do_side_by_side({"x": fill}, 2, Reporter(), "one")
    assert raised.value.why == "No space left on device"


def test_a_bug_comes_with_its_traceback() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        do_side_by_side({"x": divide}, 2, Reporter(), "one")


@pytest.mark.parametrize(("other", "expected"), [(fail_later, "it failed"), (die, "the process of y is gone")])
def test_when_one_fails_the_other_is_asked_to_end(
    tmp_path: Path, other: Callable[[Path, Reporter], None], expected: str
) -> None:
    works = {"x": functools.partial(wait_to_be_asked, tmp_path), "y": functools.partial(other, tmp_path)}
    with pytest.raises(UserError, match=expected):
        do_side_by_side(works, 2, Reporter(), "two")
    assert until(tmp_path / "asked") == "saved"


def parent(folder: Path) -> None:
    do_side_by_side({"x": functools.partial(wait_to_be_asked, folder)}, 2, Reporter(), "one")


def test_they_are_gone_when_the_one_that_started_them_is(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=parent, args=(tmp_path,))
    process.start()
    child = int(until(tmp_path / "waits"))
    process.kill()
    process.join()
    end = time.monotonic() + PATIENCE
    while runs(child) and time.monotonic() < end:
        time.sleep(0.1)
    assert not runs(child)
    assert not (tmp_path / "asked").exists()


class Poisoned:
    """A work whose process ends when it takes it."""

    def __call__(self, reporter: Reporter) -> None:
        raise AssertionError(reporter)

    def __reduce__(self) -> tuple[Callable[[int], object], tuple[int]]:
        return os._exit, (9,)


@pytest.mark.parametrize("earlier", [{}, {"w": note_process}])
def test_a_process_that_is_gone_before_it_begins(earlier: dict[str, Callable[[Reporter], None]]) -> None:
    with pytest.raises(UserError, match="the process of x is gone") as raised:
        do_side_by_side({**earlier, "x": Poisoned()}, 1, Reporter(), "some")
    assert raised.value.why == "it ended with 9"
