"""What is said of a path that cannot be compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.comparison.sources import load_source
from xharness.tasks.common.errors import UserError


def refused(path: Path) -> tuple[str, str, str]:
    with pytest.raises(UserError) as error:
        load_source(path)
    return error.value.what, error.value.why, error.value.fix
