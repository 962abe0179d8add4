"""Training state on disk: everything that the next step depends on, written whole or not at all, without pickle.

Random numbers need no state: every optimizer step seeds its own generator, and the mixture is a function of the step.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from tasks.errors import UserError
from tasks.files import render_json

PREFIX = "step-"


@dataclass
class Position:
    """Where training stands.

    Attributes:
        step: Optimizer steps done.
        best: Best dev score so far, from 0 to 100; None before the first.
        best_step: The step of it.
        waited: Evaluations since then.
        examples: Units seen.
        tokens: Their tokens.
    """

    step: int = 0
    best: float | None = None
    best_step: int = 0
    waited: int = 0
    examples: int = 0
    tokens: int = 0


class StateFolder:
    """Saved states of one training: ``<folder>/step-000500/``, the newest counts, and ``<folder>/best.safetensors``."""

    def __init__(self, folder: Path, keep: int = 1) -> None:
        self.folder, self.keep = folder, max(1, keep)

    def newest(self) -> Path | None:
        """The newest whole state."""
        found = sorted(self.folder.glob(f"{PREFIX}*/position.json"))
        return found[-1].parent if found else None

    def save(self, model: torch.nn.Module, optimizer: torch.optim.Optimizer, position: Position) -> None:
        """Write a state beside the others and rename it into place; then drop the oldest."""
        from safetensors.torch import save_file

        target = self.folder / f"{PREFIX}{position.step:09d}"
        part = self.folder / f".{target.name}.partial"
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            save_file(weights_of(model), part / "weights.safetensors")
            save_file(_moments(model, optimizer), part / "optimizer.safetensors")
            (part / "position.json").write_text(render_json(asdict(position)), encoding="utf-8")
            _sync(part)
            shutil.rmtree(target, ignore_errors=True)
            part.rename(target)
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            raise UserError(
                f"cannot save the state of step {position.step} in {self.folder}",
                f"{error.strerror or error}; the last good state is kept",
                "make room, then run the same command again: it continues",
            ) from error
        for old in sorted(self.folder.glob(f"{PREFIX}*"))[: -self.keep]:
            shutil.rmtree(old)

    def load(self, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> Position:
        """Bring model and optimizer to the newest state; the start if there is none."""
        newest = self.newest()
        if newest is None:
            return Position()
        load_weights(model, newest / "weights.safetensors")
        _set_moments(model, optimizer, newest / "optimizer.safetensors")
        return Position(**json.loads((newest / "position.json").read_text(encoding="utf-8")))

    def save_best(self, model: torch.nn.Module) -> None:
        """Keep the weights with the best dev score."""
        from safetensors.torch import save_file

        part = self.folder / ".best.partial"
        self.folder.mkdir(parents=True, exist_ok=True)
        save_file(weights_of(model), part)
        part.replace(self.folder / "best.safetensors")

    def load_best(self, model: torch.nn.Module) -> None:
        """Bring the model to the weights with the best dev score."""
        load_weights(model, self.folder / "best.safetensors")


def weights_of(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Every parameter once, though several heads hold the same encoder."""
    return {name: parameter.detach().cpu().contiguous() for name, parameter in model.named_parameters()}


def load_weights(model: torch.nn.Module, path: Path) -> None:
    """The inverse of :func:`weights_of`."""
    from safetensors.torch import load_file

    stored = load_file(path)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(stored[name])


def _moments(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """The optimizer's tensors by name of parameter."""
    found: dict[str, torch.Tensor] = {}
    for name, parameter in model.named_parameters():
        state: Mapping[str, Any] = optimizer.state.get(parameter, {})
        found |= {f"{name}|{key}": torch.as_tensor(value).detach().cpu().contiguous() for key, value in state.items()}
    return found


def _set_moments(model: torch.nn.Module, optimizer: torch.optim.Optimizer, path: Path) -> None:
    """The inverse of :func:`_moments`. The step counter stays where the optimizer had it."""
    from safetensors.torch import load_file

    parameters = dict(model.named_parameters())
    for joined, value in load_file(path).items():
        name, _, key = joined.rpartition("|")
        parameter = parameters[name]
        optimizer.state[parameter][key] = value.to(parameter.device)


def _sync(folder: Path) -> None:
    """Wait until every file of a folder is on disk."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
