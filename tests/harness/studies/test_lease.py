"""Leases: one holder at a time, whoever dies."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from xharness.studies import lease as leases
from xharness.studies.lease import Lease, LeaseHeldError, LeaseLostError, read_lease
from xharness.studies.process import born, runs

ELSEWHERE = {"owner": "another", "host": "elsewhere", "numbering": "", "process": 1, "born": ""}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "held" / "step"


def left(folder: Path, age: float = 0.0, number: int = 1, **holder: object) -> None:
    """A lease that somebody has left, with its last sign of life so many seconds ago."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / str(number)
    path.write_text(json.dumps({**ELSEWHERE, **holder}))
    os.utime(path, (time.time() - age, time.time() - age))


def gone() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_second_one_is_kept_out_and_told_by_whom(folder: Path) -> None:
    with Lease(folder).held():
        with pytest.raises(LeaseHeldError, match=f"process {os.getpid()} on "), Lease(folder).held():
            pass
        assert read_lease(folder) is not None
    assert not folder.exists(), "nobody needs it any more"


def test_what_ended_badly_is_free_and_its_number_is_not_used_again(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), Lease(folder).held():
        raise ZeroDivisionError
    assert read_lease(folder) is None
    assert [path.name for path in folder.iterdir()] == ["1"]
    with pytest.raises(ZeroDivisionError), Lease(folder).held():
        assert [path.name for path in folder.iterdir()] == ["2"]
        raise ZeroDivisionError


@pytest.mark.parametrize(("age", "free"), [(leases.EXPIRES - 20, False), (leases.EXPIRES + 1, True)])
def test_on_another_host_silence_is_the_only_sign(folder: Path, age: float, free: bool) -> None:
    left(folder, age)
    if free:
        with Lease(folder).held():
            return
    with pytest.raises(LeaseHeldError, match="process 1 on elsewhere"), Lease(folder).held():
        pass


def test_on_this_host_the_process_itself_is_looked_at(folder: Path) -> None:
    me = Lease(folder)
    with me.held():
        here = json.loads((folder / "1").read_text())
    left(folder, age=10 * leases.EXPIRES, **here)
    assert read_lease(folder).is_alive, "it may have slept"  # type: ignore[union-attr]
    left(folder, **{**here, "process": gone()})
    assert not read_lease(folder).is_alive  # type: ignore[union-attr]
    left(folder, **{**here, "born": "1"})
    assert not read_lease(folder).is_alive, "another process has its number"  # type: ignore[union-attr]
    left(folder, **{**here, "numbering": "pid:[1]", "process": gone()})
    assert read_lease(folder).is_alive, "numbers mean nothing in another container"  # type: ignore[union-attr]


def test_where_processes_cannot_be_told_apart_silence_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS, or where /proc hides those of others: the number may be another process's by now."""
    with Lease(folder).held():
        here = {**json.loads((folder / "1").read_text()), "born": ""}
    monkeypatch.setattr(leases, "born", lambda _process: "")
    left(folder, age=leases.EXPIRES + 1, **here)
    assert not read_lease(folder).is_alive  # type: ignore[union-attr]
    left(folder, age=leases.EXPIRES - 20, **here)
    assert read_lease(folder).is_alive  # type: ignore[union-attr]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system does not tell of processes in /proc")
def test_a_process_that_has_ended_but_was_not_asked_for_does_not_run() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert runs(process.pid)
    assert runs(process.pid, born(process.pid))
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # its entry stays
    assert not runs(process.pid)
    process.wait()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"owner": 1}', '{"released by": "x"}'])
def test_a_file_that_says_nothing_holds_nothing(folder: Path, content: str) -> None:
    folder.mkdir(parents=True)
    (folder / "7").write_text(content)
    mine = Lease(folder)
    with mine.held():
        assert mine.is_mine
        assert [path.name for path in folder.iterdir()] == ["8"]


def test_of_many_who_take_over_at_once_one_does(folder: Path) -> None:
    left(folder, age=leases.EXPIRES + 1)
    ready, over, outcomes = threading.Barrier(12), threading.Event(), queue.SimpleQueue[str]()

    def take() -> None:
        ready.wait()
        try:
            with Lease(folder).held():
                outcomes.put("held")
                over.wait(60)
        except LeaseHeldError:
            outcomes.put("kept out")

    threads = [threading.Thread(target=take) for _ in range(12)]
    for thread in threads:
        thread.start()
    found = [outcomes.get(timeout=60) for _ in threads]
    over.set()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["held"] + 11 * ["kept out"]


def test_who_lost_it_hears_of_it_and_leaves_the_others_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "HEARTBEAT", 0.01)
    mine, told = Lease(folder), threading.Event()
    with mine.held(told.set):
        mine.check()
        left(folder, number=2)
        assert told.wait(60)
        with pytest.raises(LeaseLostError):
            mine.check()
    assert read_lease(folder).owner == "another"  # type: ignore[union-attr]


def test_a_holder_gives_signs_of_life(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "HEARTBEAT", 0.01)
    with Lease(folder).held():
        os.utime(folder / "1", (0, 0))
        until = time.monotonic() + 60
        while (folder / "1").stat().st_mtime == 0 and time.monotonic() < until:
            time.sleep(0.01)
        assert (folder / "1").stat().st_mtime > 0
