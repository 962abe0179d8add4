"""Training state on disk: everything that the next step depends on, written whole or not at all, without pickle.

Random numbers need no state: every optimizer step seeds its own generator, and the mixture is a function of the step.
Of several processes the main one writes, and all read.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import torch

from xharness.checkpoints.weights import is_safetensors
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import hash_file, render_json
from xharness.tasks.common.sealed import FORMAT, damaged, files_below, seal
from xharness.train.loop.dynamics import STATE as DYNAMICS
from xharness.train.loop.state_tensors import Tensors, load_weights, moments, set_moments, weights_of
from xharness.train.loop.training_progress import POSITION, TrainingProgress, read_position
from xharness.train.parallel import ProcessGroup

PREFIX = "step-"
WEIGHTS, OPTIMIZER = "weights.safetensors", "optimizer.safetensors"
OLD_BEST = "best.safetensors"  # of states without hashes


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

    def save(
        self,
        model: torch.nn.Module,
        optimizer: torch.optim.Optimizer,
        position: TrainingProgress,
        dynamics: Tensors | None = None,
    ) -> None:
        """Write a state beside the others and rename it into place; then drop the oldest."""
        weights, found = weights_of(model, self.processes.main), moments(model, optimizer, self.processes.main)
        files = {WEIGHTS: weights, OPTIMIZER: found} | ({DYNAMICS: dynamics} if dynamics else {})
        self.processes.by_main(lambda: self._write(files, position))

    def _write(self, files: Mapping[str, Tensors], position: TrainingProgress) -> None:
        from safetensors.torch import save_file

        newest = self.newest()
        if newest and read_position(newest)[0] == position:
            return
        target = self._place(position.step)
        part = self.folder / f".{target.name}.partial"
        with written(part, f"the state of step {position.step}"):
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            for name, tensors in files.items():
                save_file(tensors, part / name)
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
        set_moments(model, optimizer, found / OPTIMIZER)
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
            position, files = read_position(state)
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
        known = [found for state in self._states() if (found := read_position(state)[0])]
        wanted = {self._best(each) for each in [*known, position]}
        for path in set(self.folder.glob("best*.safetensors")) - wanted:
            path.unlink()


def _best_name(step: int) -> str:
    return f"best-{step:09d}.safetensors"


def _order(state: Path) -> tuple[str, int]:
    """States by step, then by number."""
    name, _, number = state.name.partition("+")
    return name, int(number) if number.isdecimal() else 0


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
    except Exception as error:
        if not isinstance(error, OSError | SafetensorError) and "os error" not in str(error):  # as tokenizers says it
            raise
        shutil.rmtree(part, ignore_errors=True)
        part.unlink(missing_ok=True)
        raise UserError(
            f"cannot save {what} in {part.parent}",
            f"{getattr(error, 'strerror', None) or error}; the last good state is kept",
            "make room, then run the same command again: it continues",
        ) from error


def _check_seen(state: Path) -> None:
    """Refuse to continue from a state that this process does not see.

    Raises:
        UserError: it is not there.
    """
    if not (state / POSITION).is_file():
        raise UserError(
            f"{state} is not there",
            "the main process has saved it; every machine needs to see the same folder",
            "put --out on a file system that all machines share",
        )


def _sync(folder: Path) -> None:
    """Wait until every file of a folder is on disk."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
