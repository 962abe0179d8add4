"""Training state on disk: everything that the next step depends on, written whole or not at all, without pickle.

Random numbers need no state: every optimizer step seeds its own generator, and the mixture is a function of the step.
Of several processes the main one writes, and all read.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from harness.train.parallel import Team
from harness.train.sharding import gather, like
from tasks.errors import UserError
from tasks.files import render_json

PREFIX = "step-"
Tensors = dict[str, torch.Tensor]


@dataclass
class Position:
    """Where training stands.

    Attributes:
        step: Optimizer steps done.
        best: Best dev score so far, from 0 to 100; None before the first.
        best_step: The step of it.
        waited: Evaluations since then.
        developed: The last step that was evaluated on dev.
        examples: Units seen.
        tokens: Their tokens.
        processes: How many processes trained together, one number after the other if training went on with others.
    """

    step: int = 0
    best: float | None = None
    best_step: int = 0
    waited: int = 0
    developed: int = 0
    examples: int = 0
    tokens: int = 0
    processes: list[int] = field(default_factory=list)


class StateFolder:
    """Saved states of one training: ``<folder>/step-000500/``, the newest counts, and ``<folder>/best.safetensors``."""

    def __init__(self, folder: Path, keep: int = 1, team: Team | None = None) -> None:
        self.folder, self.keep, self.team = folder, max(1, keep), team or Team()

    def newest(self) -> Path | None:
        """The newest whole state."""
        found = sorted(self.folder.glob(f"{PREFIX}*/position.json"))
        return found[-1].parent if found else None

    def save(self, model: torch.nn.Module, optimizer: torch.optim.Optimizer, position: Position) -> None:
        """Write a state beside the others and rename it into place; then drop the oldest."""
        weights, moments = weights_of(model, self.team.main), _moments(model, optimizer, self.team.main)
        self.team.by_main(lambda: self._write(weights, moments, position))

    def _write(self, weights: Tensors, moments: Tensors, position: Position) -> None:
        from safetensors.torch import save_file

        words = render_json(asdict(position))
        newest = self.newest()
        if newest and (newest / "position.json").read_text(encoding="utf-8") == words:
            return
        target = self._place(position.step)
        part = self.folder / f".{target.name}.partial"
        with written(part, f"the state of step {position.step}"):
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            save_file(weights, part / "weights.safetensors")
            save_file(moments, part / "optimizer.safetensors")
            (part / "position.json").write_text(words, encoding="utf-8")
            _sync(part)
            part.rename(target)
        for old in sorted(self.folder.glob(f"{PREFIX}*"))[: -self.keep]:
            shutil.rmtree(old)

    def _place(self, step: int) -> Path:
        """A name after all others: a state of the same step, from before its dev score was known, stays meanwhile."""
        name = f"{PREFIX}{step:09d}"
        same = sorted(self.folder.glob(f"{name}*"))
        return self.folder / (f"{name}+{int(same[-1].name.partition('+')[2] or 0) + 1}" if same else name)

    def load(self, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> Position:
        """Bring model and optimizer to the newest state; the start if there is none."""
        newest = self.team.by_main(self.newest)
        if newest is None:
            return Position()
        self.team.together(lambda: _check_seen(newest))
        load_weights(model, newest / "weights.safetensors")
        _set_moments(model, optimizer, newest / "optimizer.safetensors")
        stored = json.loads((newest / "position.json").read_text(encoding="utf-8"))
        return Position(**{"developed": stored["step"], **stored})  # earlier versions did not write it

    def save_best(self, model: torch.nn.Module) -> None:
        """Keep the weights with the best dev score."""
        from safetensors.torch import save_file

        part = self.folder / ".best.partial"
        with written(part, "the best weights"):
            self.folder.mkdir(parents=True, exist_ok=True)
            save_file(weights_of(model), part)
            part.replace(self.folder / "best.safetensors")

    def load_best(self, model: torch.nn.Module) -> None:
        """Bring the model to the weights with the best dev score."""
        load_weights(model, self.folder / "best.safetensors")


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
    if not (state / "position.json").is_file():
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
    """Bring a model, sharded or not, to these weights."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(like(weights[name], parameter))


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
        parameter = parameters[name]
        optimizer.state[parameter][key] = like(value, parameter)


def _sync(folder: Path) -> None:
    """Wait until every file of a folder is on disk."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
