"""Locks."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.locks import be_patient, locked


def test_a_lock_keeps_a_second_one_out_and_ends_with_its_block(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "for it"
    with locked(folder), pytest.raises(UserError, match="is in use"), locked(folder):
        pass
    with locked(folder):
        pass


def test_who_is_patient_waits_for_who_is_leaving(tmp_path: Path) -> None:
    left = threading.Event()

    def leave() -> None:
        with locked(tmp_path):
            inside.set()
            left.wait(60)

    inside, other = threading.Event(), threading.Thread(target=leave)
    other.start()
    assert inside.wait(60)
    threading.Timer(0.3, left.set).start()
    be_patient(60)
    try:
        with locked(tmp_path):
            assert left.is_set()
    finally:
        be_patient(0)
        other.join()
