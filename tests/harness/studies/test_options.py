"""What is chosen of a size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.harness.studies.written import design_of
from xharness.studies.options import ChosenSize, StudyOptions, choose
from xharness.tasks.common.errors import UserError


def chosen(**changed: Any) -> ChosenSize:
    fields = {"model": Path("m"), "data": Path("d"), "out": Path("o/s"), "size": "small", **changed}
    return choose(design_of(), StudyOptions(**fields))


def test_a_size_has_all_that_it_does_not_limit() -> None:
    found = chosen()
    assert found.arms == ("none", "small", "middle", "large", "chain")
    assert (found.targets, found.seeds) == (("xnli", "pawsx"), (1, 2, 3))
    assert (chosen(size="smoke").arms, chosen(size="smoke").targets) == (("none", "small"), ("xnli",))


def test_the_user_chooses_in_the_order_of_the_study() -> None:
    found = chosen(arms=("large", "none"), targets=("pawsx",), seeds=(5, 2))
    assert (found.arms, found.targets, found.seeds, found.size.seeds) == (("none", "large"), ("pawsx",), (5, 2), (5, 2))
    assert chosen(size="smoke", arms=("chain",)).arms == ("chain",)


def test_seeds_keep_their_data_seeds() -> None:
    assert dict(chosen(size="base", seeds=(3, 1)).data_seeds)[3] == 13
    assert chosen().data_seeds == {}


@pytest.mark.parametrize(
    ("changed", "what", "fix"),
    [
        ({"size": "smal"}, "unknown size 'smal'", "did you mean 'small'?"),
        ({"arms": ("lage",)}, "unknown arm 'lage'", "did you mean 'large'?"),
        ({"targets": ("xnl",)}, "unknown target 'xnl'", "did you mean 'xnli'?"),
        ({"seeds": (1, 1)}, "seeds 1, 1", "fix --seeds"),
        ({"seeds": (-1,)}, "seeds -1", "fix --seeds"),
    ],
)
def test_what_is_not_there_is_refused(changed: dict[str, Any], what: str, fix: str) -> None:
    with pytest.raises(UserError) as refused:
        chosen(**changed)
    assert refused.value.what == what
    assert fix in refused.value.fix


def test_the_store_lies_beside_the_study() -> None:
    options = StudyOptions(model=Path("m"), data=Path("d"), out=Path("o/s"), size="small")
    assert options.store_folder == Path("o/store")
    assert StudyOptions(model=Path("m"), data=Path("d"), out=Path("o"), size="s", store=Path("x")).store_folder == Path(
        "x"
    )
