"""Locks."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.locks import locked


def test_a_lock_keeps_a_second_one_out_and_ends_with_its_block(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "for it"
    with locked(folder), pytest.raises(UserError, match="is in use"), locked(folder):
        pass
    with locked(folder):
        pass
