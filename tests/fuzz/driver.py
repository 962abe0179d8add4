"""The fuzzer: ``make fuzz``, or ``python -m tests.fuzz.driver`` with FUZZ_SEED, FUZZ_COUNT or FUZZ_SECONDS, FUZZ_ONLY.

Input number N of a seed is always the same; FUZZ_FROM=N FUZZ_COUNT=1 tries it again. With FUZZ_ONLY only targets whose
names contain it are tried.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.call import Called, call, changed, state, unseemly
from tests.fuzz.mutations import mutate
from tests.fuzz.target import OUT, Accepted, Target


@dataclass(frozen=True)
class Fault:
    """An input that showed something wrong."""

    number: int
    target: str
    command: str
    file: str
    mutation: str
    what: str
    called: Called

    def __str__(self) -> str:
        shown = self.called.broke or self.called.err or self.called.out
        head = f"input {self.number}: {self.target}: {self.mutation} of {self.file}: {self.what}"
        return f"{head}\n  xharness {self.command}\n" + "".join(
            f"  | {row[:300]}\n" for row in shown.splitlines()[-14:]
        )

    @property
    def kind(self) -> str:
        """Faults of one kind have one cause, mostly."""
        rows = self.called.broke.strip().splitlines()
        return f"{self.what} {rows[-3] if len(rows) > 3 else ''} {rows[-1][:60] if rows else ''}"


class Fuzzer:
    """A sandbox, and targets in it."""

    def __init__(self, base: Path, sandbox: Path, targets: Sequence[Target], seed: int) -> None:
        self.base, self.sandbox, self.seed = base, sandbox, seed
        shutil.copytree(base, sandbox, symlinks=True)
        self.targets = [(target, file) for target in targets for file in self._files(target)]
        per_target = Counter(target.name for target, _ in self.targets)
        self.weights = [target.share / per_target[target.name] for target, _ in self.targets]
        self.unmutated: dict[tuple[str, ...], tuple[Called, dict[str, bytes]]] = {}
        self.tried: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()

    def _files(self, target: Target) -> list[str]:
        inside = target.file.removeprefix(f"{OUT}/") if target.copied else target.file
        found = [str(path.relative_to(self.base)) for path in sorted(self.base.glob(inside)) if path.is_file()]
        assert found, f"no file {target.file} for {target.name}"
        return [f"{OUT}/{name}" for name in found] if target.copied else found

    def run(self, number: int) -> Fault | None:
        """Try one input."""
        rng = Random(f"{self.seed}/{number}")
        target, file = rng.choices(self.targets, self.weights)[0]
        before, written_before = self._without(target)
        self._clean(target)
        path = self.sandbox / file
        kept = path.read_bytes()
        done = mutate(path, rng)
        harmed = path.read_bytes() if path.is_file() else b""
        try:
            self.tried[target.name] += 1
            at_first = state(self.sandbox)
            called = call(self.sandbox, target.command)
            what = unseemly(called, lists=target.lists) or changed(at_first, state(self.sandbox), OUT)
            if not what and called.code == 0:
                self.accepted[target.name] += 1
                written = _written(self.sandbox / OUT)
                what = target.oracle(Accepted(self.sandbox, path, kept, called, before, written, written_before))
        finally:
            if not target.copied:
                _remove(path)
                path.write_bytes(kept)
        if not what:
            return None
        self._keep(number, path, harmed)
        return Fault(number, target.name, " ".join(target.command), file, done, what, called)

    def _without(self, target: Target) -> tuple[Called, dict[str, bytes]]:
        """What the command does with the files as they are."""
        if target.command not in self.unmutated:
            self._clean(target)
            called = call(self.sandbox, target.command)
            assert called.code == 0 or target.lists, f"{target.name} fails as it is: {called}"
            self.unmutated[target.command] = called, _written(self.sandbox / OUT)
        return self.unmutated[target.command]

    def _clean(self, target: Target) -> None:
        _remove(self.sandbox / OUT)
        (self.sandbox / OUT).mkdir()
        for part in target.copied:
            _copy(self.base / part, self.sandbox / OUT / part)

    def _keep(self, number: int, path: Path, content: bytes) -> None:
        folder = Path("build") / "fuzz" / f"{self.seed}-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / path.name).write_bytes(content)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target) if source.is_dir() else shutil.copy2(source, target)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _written(folder: Path) -> dict[str, bytes]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@contextmanager
def hurried() -> Iterator[None]:
    """Estimates of time without taking the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xharness.train.estimate.SECONDS", 0.0)
        yield


def main() -> int:
    """Fuzz until the count or the time is over; 1 if anything was found."""
    from tests.fuzz.families import every_target
    from tests.fuzz.world import write_base

    number, seed = int(os.environ.get("FUZZ_FROM", 0)), int(os.environ.get("FUZZ_SEED", 0))
    count, seconds = int(os.environ.get("FUZZ_COUNT", 0)), float(os.environ.get("FUZZ_SECONDS", 3600))
    only = os.environ.get("FUZZ_ONLY", "")
    with tempfile.TemporaryDirectory() as scratch, hurried():
        targets = [target for target in every_target() if only in target.name]
        kept = os.environ.get("FUZZ_BASE")
        base = Path(kept) if kept else Path(scratch) / "base"
        if not base.exists():
            write_base(base)
        fuzzer = Fuzzer(base, Path(scratch) / "sandbox", targets, seed)
        faults: dict[str, list[Fault]] = {}
        begun, last = time.monotonic(), number + count if count else sys.maxsize
        while number < last and (count or time.monotonic() - begun < seconds):
            if fault := fuzzer.run(number):
                if fault.kind not in faults:
                    print(fault, flush=True)
                faults.setdefault(fault.kind, []).append(fault)
            number += 1
        tried = sum(fuzzer.tried.values())
        print(f"{tried} inputs in {time.monotonic() - begun:.0f} s, {sum(map(len, faults.values()))} faults:")
        for kind, found in faults.items():
            print(f"  {len(found)} x {kind}, e.g. input {found[0].number}")
        for name, times in fuzzer.tried.items():
            print(f"    {name}: {times} tried, {fuzzer.accepted[name]} accepted")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
