"""Code of the user's own is part of a cell's key."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.harness.conftest import Demo
from tests.harness.evaluation.two_cells import OWN, options
from xharness.evaluation.evaluate import evaluate


def test_code_of_the_users_own_is_part_of_the_key(demo: Demo, tmp_path: Path) -> None:
    data = Path(shutil.copytree(demo.data, tmp_path / "data"))
    for side in ("download", "labels"):
        (data / side / "xnli").rename(data / side / "own")
    tasks = tmp_path / "own.py"
    tasks.write_text(OWN.replace("BODY", "pass"))
    chosen = options(demo, tmp_path / "run", data=data, tasks="own", langs="de", tasks_from=tasks)
    assert [evaluate(chosen).computed for _ in range(2)] == [1, 0]
    tasks.write_text(OWN.replace("BODY", "pass  # more").replace("super().measure(gold", "super().measure(answers"))
    assert evaluate(chosen).scores["own"]["accuracy"]["de"] == 100
