"""Phases of a chain, each trained once in the folder that its key names."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from xharness.evaluation.evaluate import Reporter
from xharness.tasks.common.files import FileHashes
from xharness.tasks.common.json_types import JsonObject
from xharness.train.finetune import finetune
from xharness.train.folder import PhaseFolder
from xharness.train.options import FinetuneOptions
from xharness.train.parallel import ProcessGroup
from xharness.train.phase_records import folder_name, of_earlier_version
from xharness.train.specification import PhaseSpecification
from xharness.train.specify import specify


@dataclass(frozen=True)
class TrainedPhase:
    """A checkpoint of a chain.

    Attributes:
        key: Of the phase that trained it; of the chain's start its fingerprint.
    """

    folder: Path
    key: str
    identity: JsonObject = field(default_factory=dict)


@dataclass(frozen=True)
class PhaseTrainer:
    """Trains the phases of a chain, each in the folder that its key names, each data file hashed once."""

    out: Path
    device: str
    reporter: Reporter
    processes: ProcessGroup
    hashes: FileHashes = field(default_factory=FileHashes)

    def has_finished(self, options: FinetuneOptions, parent: TrainedPhase) -> bool:
        """Whether a phase is there, whole."""
        phase = self._specified(options, parent)
        return PhaseFolder(find_phase(self.out / "phases", phase), phase).finished

    def train(self, options: FinetuneOptions, parent: TrainedPhase | None = None) -> TrainedPhase:
        """One phase, unless it is finished; from a checkpoint that was not trained here where no parent is given."""
        phase = self.processes.together(lambda: self._specified(options, parent))
        words = f"{phase.parent.name} → {' + '.join(phase.members)}"

        def progress(what: str, fraction: float) -> None:
            self.reporter.progress(f"{words}: {what}", fraction)

        def note(text: str) -> None:
            self.reporter.note(f"{words}: {text}")

        folder = self.processes.by_main(lambda: find_phase(self.out / "phases", phase))
        done = finetune(replace(phase.options, out=folder), Reporter(progress, note), specification=phase)
        member = next(iter(phase.members))  # a mixture's heads share one encoder
        return TrainedPhase(done if len(phase.members) == 1 else done / member, phase.key, phase.identity)

    def _specified(self, options: FinetuneOptions, parent: TrainedPhase | None) -> PhaseSpecification:
        """A phase that begins with a parent, on the device of this trainer."""
        options = replace(options, model=parent.folder if parent else options.model, device=self.device)
        return specify(options, parent_key=parent.key if parent else None, hashes=self.hashes)


def find_phase(phases: Path, phase: PhaseSpecification) -> Path:
    """The folder of a phase: the one that an earlier version named, where that holds it, else that of its key."""
    folder = phases / folder_name(phase)
    if folder.exists():
        return folder
    older = sorted(phases.glob(f"{'+'.join(phase.members)}-*"))
    return next((each for each in older if of_earlier_version(each, phase)), folder)
