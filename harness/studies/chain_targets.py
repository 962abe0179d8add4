"""The last phases of a chain: one for each target, one after the other or side by side."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xharness.checkpoints.provenance import read, tasks_of
from xharness.evaluation.reporter import Reporter
from xharness.studies.chain_options import ChainOptions
from xharness.studies.phase_trainer import PhaseTrainer, TrainedPhase
from xharness.studies.side_by_side import do_side_by_side
from xharness.train.options import FinetuneOptions
from xharness.train.parallel import ProcessGroup


@dataclass(frozen=True)
class ChainTargets:
    """The targets of a chain and the encoder that they begin with."""

    options: ChainOptions
    encoder: TrainedPhase

    def train(self, trainer: PhaseTrainer) -> dict[str, TrainedPhase]:
        """The phase of every target, and those that the reference trains before them, by their tasks."""
        if self.options.jobs > 1 and trainer.processes.size == 1:
            self._train_side_by_side(trainer)
        phases: dict[str, TrainedPhase] = {}
        for target in self.options.targets:
            phases |= self.train_one(target, trainer)
        return phases

    def train_one(self, target: str, trainer: PhaseTrainer) -> dict[str, TrainedPhase]:
        """The phase of a target, and that before it where there is one."""
        parent, phases = self.encoder, dict[str, TrainedPhase]()
        if before := self._before(target):
            parent = phases["+".join(before.tasks)] = trainer.train(before, self.encoder)
        return {**phases, target: trainer.train(self.options.of_targets[target], parent)}

    def _before(self, target: str) -> FinetuneOptions | None:
        """The phase before a target, unless the encoder comes from it."""
        before = self.options.before_targets.get(target)
        return None if before is None or _last(self.encoder.folder) == list(before.tasks) else before

    def _train_side_by_side(self, trainer: PhaseTrainer) -> None:
        """Train what is not finished in processes that share the threads of this one."""
        from torch import get_num_threads

        lanes = [lane for lane in self._lanes() if not all(self._is_finished(name, trainer) for name in lane)]
        if len(lanes) > 1:
            works = {lane[0]: functools.partial(_train_lane, self, lane, trainer.out, trainer.device) for lane in lanes}
            jobs = self.options.jobs
            head = f"{self.encoder.folder.name} → {len(works)} targets, {jobs} at a time"
            do_side_by_side(works, jobs, trainer.reporter, head, threads=max(1, get_num_threads() // jobs))

    def _lanes(self) -> list[list[str]]:
        """Targets by what they wait for: those with the same phase before them follow each other."""
        lanes: dict[str, list[str]] = {}
        for target in self.options.targets:
            before = self._before(target)
            lanes.setdefault("+".join(before.tasks) if before else target, []).append(target)
        return list(lanes.values())

    def _is_finished(self, target: str, trainer: PhaseTrainer) -> bool:
        parent = self.encoder
        if before := self._before(target):
            if not trainer.has_finished(before, parent):
                return False
            parent = trainer.train(before, parent)
        return trainer.has_finished(self.options.of_targets[target], parent)


def _train_lane(targets: ChainTargets, lane: Sequence[str], out: Path, device: str, reporter: Reporter) -> None:
    """Train targets in another process."""
    for number, target in enumerate(lane):
        part = Reporter(functools.partial(_progress, reporter, number, len(lane)), reporter.note)
        targets.train_one(target, PhaseTrainer(out, device, part, ProcessGroup()))


def _progress(reporter: Reporter, number: int, of: int, what: str, share: float) -> None:
    reporter.progress(what, (number + share) / of)


def _last(folder: Path) -> list[str]:
    """What the last phase of a checkpoint trained on; nothing if xharness trained none."""
    record = read(folder)
    return tasks_of(record) if record else []
