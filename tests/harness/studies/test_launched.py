"""Steps that two processes share: torchrun starts them, each would have a card of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.studies.made_study import (
    assert_whole,
    driven,
    driven_in,
    finished,
    made_graph,
    named,
    started_and_finished,
    table,
    ticks,
    wait_for,
)
from xharness.studies.store import Store

TWO = {"gpus": 2, "jobs": None}
CARDS = {"CUDA_VISIBLE_DEVICES": "0,1"}
"""No step of these tests touches a card: this is how many there seem to be."""


def test_two_processes_share_steps_and_go_on_where_they_were_asked_to_end(tmp_path: Path) -> None:
    graph, plain, store = made_graph(), Store(tmp_path / "plain"), Store(tmp_path / "store")
    finished(driven(plain.root, "0", "local"))
    a = named(graph, "a")
    driver = driven(store.root, "0.3", "local", json.dumps(TWO), **CARDS)

    def told() -> list[str]:
        return [line for line in store.log(a).read_text().splitlines() if "from tick" in line]

    wait_for(lambda: ticks(store, a) >= 2 and len(told()) == 2)
    driver.terminate()
    finished(driver, code=130)
    assert not store.working()
    finished(driven(store.root, "0", "local", json.dumps(TWO), **CARDS))
    assert table(graph, store) == table(graph, plain)
    assert_whole(graph, store)
    assert started_and_finished(store)[0][a] == 2
    assert len(told()) == 4
    assert all(line.endswith(", 2 processes") for line in told())
    assert not any("from tick 0," in line for line in told()[2:]), "none of the second call"


@pytest.mark.parametrize("options", [{"jobs": 2}, TWO])
def test_no_module_of_the_working_folder_is_imported(tmp_path: Path, options: dict[str, int | None]) -> None:
    for name in ("argparse", "datasets", "xharness"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a file of the user was imported')\n")
    store = Store(tmp_path / "store")
    finished(driven_in(tmp_path, store.root, "0", "local", json.dumps(options), **CARDS))
    assert_whole(made_graph(), store)
