"""Training state on disk: everything that the next step depends on, written whole or not at all, without pickle.

Random numbers need no state: every optimizer step seeds its own generator, and the mixture is a function of the step.
Of several processes the main one writes, and all read.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import torch

from xharness.checkpoints.checkpoint import is_safetensors
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import hash_file, render_json
from xharness.tasks.common.json_files import JsonError, read_json
from xharness.tasks.common.sealed import FORMAT, damaged, files_below, is_broken, seal
from xharness.train.parallel import ProcessGroup
from xharness.train.sharding import gather, like

PREFIX = "step-"
WEIGHTS, OPTIMIZER, POSITION = "weights.safetensors", "optimizer.safetensors", "position.json"
OLD_BEST = "best.safetensors"  # of states without hashes
Tensors = dict[str, torch.Tensor]


@dataclass
class TrainingProgress:
    """Where training stands.

    Attributes:
        step: Optimizer steps done.
        best: Best dev score so far, from 0 to 100; None before the first.
        best_step: The step of it.
        best_sha256: Hash of the file with the weights of that step; empty before the first, and in states of before.
        waited: Evaluations since then.
        developed: The last step that was evaluated on dev.
        examples: Instances seen.
        tokens: Their tokens.
        processes: How many processes trained together, one number after the other if training went on with others.
        log_bytes: Length of the log.
        log_sha256: Hash of it; empty in states of before.
        threads: Of the main process, likewise: sums of another number of threads round in another order.
    """

    step: int = 0
    best: float | None = None
    best_step: int = 0
    best_sha256: str = ""
    waited: int = 0
    developed: int = 0
    examples: int = 0
    tokens: int = 0
    processes: list[int] = field(default_factory=list)
    log_bytes: int = 0
    log_sha256: str = ""
    threads: list[int] = field(default_factory=list)


class StateFolder:
    """Saved states of one training: ``<folder>/step-000500/``, the newest whole one counts, and the best weights.

    ``position.json`` of a state holds the hashes of its files, of the best weights and its own. Best weights are named
    by their step (``<folder>/best-000000400.safetensors``), so that those of an older state stay until it goes.
    """

    def __init__(self, folder: Path, keep: int = 1, processes: ProcessGroup | None = None) -> None:
        self.folder, self.keep, self.processes = folder, max(1, keep), processes or ProcessGroup()

    def newest(self) -> Path | None:
        """The newest state, whole or not."""
        found = self._states()
        return found[-1] if found else None

    def save(self, model: torch.nn.Module, optimizer: torch.optim.Optimizer, position: TrainingProgress) -> None:
        """Write a state beside the others and rename it into place; then drop the oldest."""
        weights, moments = weights_of(model, self.processes.main), _moments(model, optimizer, self.processes.main)
        self.processes.by_main(lambda: self._write(weights, moments, position))

    def _write(self, weights: Tensors, moments: Tensors, position: TrainingProgress) -> None:
        from safetensors.torch import save_file

        newest = self.newest()
        if newest and _read(newest)[0] == position:
            return
        target = self._place(position.step)
        part = self.folder / f".{target.name}.partial"
        with written(part, f"the state of step {position.step}"):
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            save_file(weights, part / WEIGHTS)
            save_file(moments, part / OPTIMIZER)
            record = {"format": FORMAT, **asdict(position), "files": files_below(part)}
            (part / POSITION).write_text(render_json(seal(record)), encoding="utf-8")
            _sync(part)
            part.rename(target)
        for old in self._states()[: -self.keep]:
            shutil.rmtree(old)
        self._drop_bests(position)

    def _states(self) -> list[Path]:
        """All states, the oldest first."""
        return sorted((path for path in self.folder.glob(f"{PREFIX}*") if path.is_dir()), key=_order)

    def _place(self, step: int) -> Path:
        """A name after all others: a state of the same step, from before its dev score was known, stays meanwhile."""
        name = f"{PREFIX}{step:09d}"
        same = [path for path in self._states() if path.name.partition("+")[0] == name]
        return self.folder / (f"{name}+{_order(same[-1])[1] + 1}" if same else name)

    def load(
        self,
        model: torch.nn.Module,
        optimizer: torch.optim.Optimizer,
        note: Callable[[str], None] = lambda _text: None,
    ) -> TrainingProgress:
        """Bring model and optimizer to the newest whole state; the start if there is none. Damaged ones are dropped.

        Args:
            note: Told what is damaged and what becomes of it.
        """
        found, position, notes = self.processes.by_main(self._choose)
        for text in notes:
            note(text)
        if found is None:
            return TrainingProgress()
        self.processes.together(lambda: _check_seen(found))
        load_weights(model, found / WEIGHTS)
        _set_moments(model, optimizer, found / OPTIMIZER)
        return position

    def _choose(self) -> tuple[Path | None, TrainingProgress, list[str]]:
        """The newest whole state, and what to say about it and about those that are not."""
        notes = []
        for state in reversed(self._states()):
            position, wrong = self._examined(state)
            if position is not None and not wrong:
                if not position.log_sha256:
                    notes.append(f"not verified: {state} is of before xharness noted hashes")
                return state, position, notes
            shutil.rmtree(state, ignore_errors=True)
            notes.append(f"the saved state {state} is damaged ({wrong}) and dropped")
        if notes:
            notes.append("no older state is there: training starts again")
        return None, TrainingProgress(), notes

    def _examined(self, state: Path) -> tuple[TrainingProgress | None, str]:
        """The position of a state, and the name of the first of its files that is damaged."""
        try:
            position, files = _read(state)
            if position is None:
                return None, POSITION
            wrong = damaged(files, state) if files is not None else _not_weights(state / WEIGHTS, state / OPTIMIZER)
            best = self._best(position)
            if position.best_sha256:
                wrong += damaged({best.name: position.best_sha256}, self.folder)
            elif position.best is not None and files is None:
                wrong += _not_weights(best)
        except OSError as error:
            why, fix = error.strerror or str(error), "fix the cause, then run the same command again: it continues"
            raise UserError(f"cannot read {state}", why, fix) from error
        return position, wrong[0] if wrong else ""

    # -- best weights -------------------------------------------------------------------------------------------------

    def save_best(self, model: torch.nn.Module, position: TrainingProgress) -> str:
        """Keep the weights with the best dev score, those of ``position.best_step``; the hash of their file."""
        from safetensors.torch import save_file

        part = self.folder / ".best.partial"
        with written(part, "the best weights"):
            self.folder.mkdir(parents=True, exist_ok=True)
            save_file(weights_of(model), part)
            digest = hash_file(part)
            part.replace(self.folder / _best_name(position.best_step))
        self._drop_bests(replace(position, best_sha256=digest))
        return digest

    def load_best(self, model: torch.nn.Module, position: TrainingProgress) -> None:
        """Bring the model to the weights with the best dev score.

        Raises:
            UserError: they were damaged since.
        """
        path = self._best(position)
        if position.best_sha256 and damaged({path.name: position.best_sha256}, self.folder):
            why, fix = "it is not what was written", "run the same command again: it trains what is lost once more"
            raise UserError(f"{path} is damaged", why, fix)
        load_weights(model, path)

    def _best(self, position: TrainingProgress) -> Path:
        """The file with the best weights of a position."""
        return self.folder / (_best_name(position.best_step) if position.best_sha256 else OLD_BEST)

    def _drop_bests(self, position: TrainingProgress) -> None:
        """Remove best weights that neither a state nor this position knows."""
        known = [found for state in self._states() if (found := _read(state)[0])]
        wanted = {self._best(each) for each in [*known, position]}
        for path in set(self.folder.glob("best*.safetensors")) - wanted:
            path.unlink()


def _best_name(step: int) -> str:
    return f"best-{step:09d}.safetensors"


def _order(state: Path) -> tuple[str, int]:
    """States by step, then by number."""
    name, _, number = state.name.partition("+")
    return name, int(number) if number.isdecimal() else 0


def _read(state: Path) -> tuple[TrainingProgress | None, Any]:
    """The position of a state and the hashes of its files.

    Returns:
        No position if its file is damaged; no hashes if it is of before there were any.
    """
    try:
        record = read_json(state / POSITION)
    except (FileNotFoundError, JsonError):
        return None, None
    if not isinstance(record, dict) or is_broken(record):
        return None, None
    values = {name: record[name] for name in POSITION_TYPES if name in record}
    if not all(isinstance(value, POSITION_TYPES[name]) for name, value in values.items()) or "step" not in values:
        return None, None
    # Earlier versions did not write what was evaluated.
    return TrainingProgress(**{"developed": record["step"], **values}), record.get("files")


POSITION_TYPES: Mapping[str, Any] = {
    **{each.name: int for each in fields(TrainingProgress)},
    "best": float | int | None,
    "best_sha256": str,
    "processes": list,
    "threads": list,
    "log_sha256": str,
}


def _not_weights(*paths: Path) -> list[str]:
    """Those of the files that are not whole, as far as can be seen without a hash."""
    return [path.name for path in paths if not is_safetensors(path)]


@contextmanager
def written(part: Path, what: str) -> Iterator[None]:
    """Writing something to ``part``, which goes away if it fails.

    Raises:
        UserError: it fails, for want of room as a rule.
    """
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, SafetensorError) as error:
        shutil.rmtree(part, ignore_errors=True)
        part.unlink(missing_ok=True)
        raise UserError(
            f"cannot save {what} in {part.parent}",
            f"{getattr(error, 'strerror', None) or error}; the last good state is kept",
            "make room, then run the same command again: it continues",
        ) from error


def _check_seen(state: Path) -> None:
    """Refuse to go on from a state that this process does not see.

    Raises:
        UserError: it is not there.
    """
    if not (state / POSITION).is_file():
        raise UserError(
            f"{state} is not there",
            "the main process has saved it; every machine needs to see the same folder",
            "put --out on a file system that all machines share",
        )


def weights_of(model: torch.nn.Module, keep: bool = True) -> Tensors:
    """Every parameter once, though several heads hold the same encoder; nothing if they are not to be kept."""
    return gather(dict(model.named_parameters()), keep)


def load_weights(model: torch.nn.Module, path: Path) -> None:
    """The inverse of :func:`weights_of`."""
    from safetensors.torch import load_file

    set_weights(model, load_file(path))


def set_weights(model: torch.nn.Module, weights: Tensors) -> None:
    """Bring a model, sharded or not, to these weights.

    Raises:
        UserError: they are those of another model.
    """
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name not in weights or weights[name].shape != parameter.shape:
                raise _of_another(name)
            parameter.copy_(like(weights[name], parameter))


def _of_another(name: str) -> UserError:
    return UserError(
        "a saved state is of another model",
        f"its {name} is missing or of another shape",
        "delete the folder to start again",
    )


def _moments(model: torch.nn.Module, optimizer: torch.optim.Optimizer, keep: bool) -> Tensors:
    """The optimizer's tensors by name of parameter."""
    found: Tensors = {}
    for name, parameter in model.named_parameters():
        state: Mapping[str, Any] = optimizer.state.get(parameter, {})
        found |= {f"{name}|{key}": value for key, value in state.items()}
    return gather(found, keep)


def _set_moments(model: torch.nn.Module, optimizer: torch.optim.Optimizer, path: Path) -> None:
    """The inverse of :func:`_moments`."""
    from safetensors.torch import load_file

    parameters = dict(model.named_parameters())
    for joined, value in load_file(path).items():
        name, _, key = joined.rpartition("|")
        if name not in parameters or value.shape not in (parameters[name].shape, torch.Size()):
            raise _of_another(name)
        parameter = parameters[name]
        optimizer.state[parameter][key] = like(value, parameter)


def _sync(folder: Path) -> None:
    """Wait until every file of a folder is on disk."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
