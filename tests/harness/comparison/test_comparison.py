"""Options of a comparison."""

from __future__ import annotations

import pytest

from xharness.comparison.compare import CompareOptions
from xharness.tasks.common.errors import UserError


@pytest.mark.parametrize("wrong", [{"resamples": 5}, {"alpha": 0.0}, {"alpha": 1.0}, {"margin": -1.0}])
def test_options_that_make_no_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(UserError):
        CompareOptions(**wrong).check()  # type: ignore[arg-type]
