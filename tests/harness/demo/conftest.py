"""Files of the made-up world, read."""

from __future__ import annotations

import pytest

from tests.harness.demo.made import Files
from xharness.demo.world import World, files


@pytest.fixture(scope="session")
def world() -> Files:
    """Path to text of every file of the demo world."""
    made = list(files(World(seed=0, size="demo")))
    assert len({file.path for file in made}) == len(made)
    return {file.path: file.text for file in made}
