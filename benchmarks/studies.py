"""A study of 10,000 steps, nine tenths of them done: how long a look at it takes, and how much memory.

python -m benchmarks.studies
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from tests.harness.studies.ten_thousand import graph_of, publish_all
from xharness.studies.driver import Driver
from xharness.studies.executors.base import ExecutorOptions
from xharness.studies.executors.local import start
from xharness.studies.status import standing
from xharness.studies.store import Store


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000)
    count = parser.parse_args().steps
    with tempfile.TemporaryDirectory() as folder:
        store, graph = Store(Path(folder)), graph_of(count)
        publish_all(graph, store)
        started = time.perf_counter()
        found = standing(graph, store)
        print(f"status of {count:,} steps, {len(found.done):,} done: {time.perf_counter() - started:.2f} s")
        started = time.perf_counter()
        driver = Driver(graph, store, start(ExecutorOptions(store=store.root)))
        driver.progress.done = store.done() & graph.steps.keys()
        ready = list(driver.progress.ready())
        print(f"the driver finds {len(ready):,} that can be started: {time.perf_counter() - started:.2f} s")
    print(f"memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
