"""What a user can say about the running of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from xharness.studies.design import SizeDesign, StudyDesign
from xharness.tasks.common.errors import UserError, suggestion


@dataclass(frozen=True, kw_only=True)
class StudyOptions:
    """Everything that ``xharness study plan`` and ``run`` take.

    Attributes:
        model: The encoder that every arm starts from.
        data: Folder with ``download/``, ``labels/`` and the training data; ``train_data`` if those lie elsewhere.
        out: The study's own files: its graph, results and judgements.
        store: Results of steps, for all studies that name it; None is ``store`` beside ``out``.
        named: The study as the user named it, which is a file's path if it is the user's own.
        size: One of the sizes that the study declares.
        sets: ``key=value`` for the recipe of every phase, above what the study says.
        arms, targets, seeds: Only these; empty is all that the size has.
        gpus: Cards of a step, which may be other machines': then they are expected to compute in bf16, unless
            ``precision`` says otherwise. Several share each training.
    """

    model: Path
    data: Path
    out: Path
    size: str
    named: str = ""
    train_data: Path | None = None
    store: Path | None = None
    sets: Sequence[str] = ()
    arms: Sequence[str] = ()
    targets: Sequence[str] = ()
    seeds: Sequence[int] = ()
    tasks_from: Path | None = None
    layer: str = "reference"
    device: str = "auto"
    precision: str = "auto"
    gpus: int = 0

    @property
    def store_folder(self) -> Path:
        """Where the results of steps are."""
        return self.store or self.out.parent / "store"


@dataclass(frozen=True)
class ChosenSize:
    """A size, with what the user chose of it.

    Attributes:
        data_seeds: By seed.
    """

    name: str
    size: SizeDesign
    arms: tuple[str, ...]
    targets: tuple[str, ...]
    seeds: tuple[int, ...]
    data_seeds: Mapping[int, int] = field(default_factory=dict)


def choose(design: StudyDesign, options: StudyOptions) -> ChosenSize:
    """The size that is run.

    Raises:
        UserError: an unknown size, arm or target, or a seed twice.
    """
    if options.size not in design.sizes:
        why = "the study declares these sizes"
        raise UserError(f"unknown size '{options.size}'", why, suggestion(options.size, design.sizes))
    size = design.sizes[options.size]
    arms = _chosen("arm", options.arms, size.arms or tuple(design.arms), design.arms)
    targets = _chosen("target", options.targets, size.targets or tuple(design.targets), design.targets)
    seeds = tuple(options.seeds) or size.seeds
    if len(set(seeds)) < len(seeds) or min(seeds) < 0:
        raise UserError(f"seeds {', '.join(map(str, seeds))}", "they are different numbers from 0 on", "fix --seeds")
    data_seeds = dict(zip(size.seeds, size.data_seeds, strict=False))
    return ChosenSize(options.size, replace(size, seeds=seeds), arms, targets, seeds, data_seeds)


def _chosen(what: str, wanted: Sequence[str], default: tuple[str, ...], known: Mapping[str, object]) -> tuple[str, ...]:
    for name in wanted:
        if name not in known:
            raise UserError(f"unknown {what} '{name}'", f"the study declares these {what}s", suggestion(name, known))
    return tuple(name for name in known if name in wanted) if wanted else default
