"""The training loop: one optimizer step after the other, each a function of the state before it and its number.

An optimizer step sees exactly the examples that the mixture gives it. How they are cut into micro-batches (by length,
under a token budget) changes the gradient by rounding only, because losses are summed and divided by the weight of the
whole step.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator

from harness import batches
from harness.loading import Loaded
from harness.predict.stream import pad
from harness.train.adversarial import Adversary
from harness.train.board import Board
from harness.train.cut import cut, overhead_on
from harness.train.develop import DevScores
from harness.train.mixture import Mixture
from harness.train.model import SharedModel, parameter_groups
from harness.train.objectives import Unit
from harness.train.recipes import TrainRecipe
from harness.train.state import Position, StateFolder
from tasks.errors import UserError

LOG_EVERY = 10


@dataclass(frozen=True)
class Settings:
    """How to train, as far as it changes no result but rounding.

    Attributes:
        batch_tokens: Padded tokens in a micro-batch.
        save_every: Optimizer steps between saved states.
        keep: Saved states that are kept.
        task_weights: Factor on the loss of a task; 1 where not named.
        gradient_checkpointing: Compute activations twice instead of keeping them.
        compile: Use torch.compile for the encoder.
        board: Folder for TensorBoard's event files; None writes none.
    """

    batch_tokens: int
    save_every: int = 500
    keep: int = 1
    task_weights: Mapping[str, float] = field(default_factory=dict)
    gradient_checkpointing: bool = False
    compile: bool = False
    board: Path | None = None


@dataclass(frozen=True)
class Hooks:
    """What the loop tells and asks.

    Attributes:
        develop: Evaluates on dev; None if there is no dev set.
        progress: Told a line of words and the fraction of steps done.
        note: Told facts worth a line.
    """

    develop: Callable[[], DevScores] | None = None
    progress: Callable[[str, float], None] = lambda _what, _fraction: None
    note: Callable[[str], None] = lambda _text: None


@dataclass(frozen=True)
class Piece:
    """A micro-batch of one task.

    Attributes:
        share: Factor on its summed loss, so that the losses of a step's pieces add up to the step's.
    """

    task: str
    units: list[Unit]
    share: float

    @property
    def tokens(self) -> int:
        """Tokens, padding not counted."""
        return sum(len(row) for unit in self.units for row in unit.rows)

    @property
    def padded(self) -> int:
        """Tokens, padding counted."""
        rows = [len(row) for unit in self.units for row in unit.rows]
        return max(rows) * len(rows)


class Engine:
    """Trains a :class:`SharedModel`."""

    def __init__(
        self,
        model: SharedModel,
        loaded: Loaded,
        mixture: Mixture,
        recipe: TrainRecipe,
        total: int,
        settings: Settings,
        folder: Path,
    ) -> None:
        precision = {"bf16": "bf16", "fp16": "fp16"}.get(loaded.device.precision, "no")
        self.accelerator = Accelerator(mixed_precision=precision, cpu=loaded.device.name == "cpu")
        if self.accelerator.num_processes > 1:
            raise UserError(
                "training on several devices", "it is not supported yet", "start one process, on one device"
            )
        self.loaded, self.mixture, self.recipe, self.total, self.settings = loaded, mixture, recipe, total, settings
        if settings.gradient_checkpointing:
            new_name = getattr(model.encoder, "activation_checkpointing_enable", None)  # of transformers 5.x, some x
            (new_name or model.encoder.gradient_checkpointing_enable)()
        if settings.compile:
            model.encoder.compile(dynamic=True)
        self.raw = model.to(self.accelerator.device)
        self.adversary = Adversary(model.encoder, recipe) if recipe.adversarial_epsilon else None
        optimizer = torch.optim.AdamW(
            parameter_groups(self.raw, recipe.weight_decay),
            lr=recipe.learning_rate,
            betas=(recipe.adam_beta1, recipe.adam_beta2),
            eps=recipe.adam_epsilon,
            fused=self.accelerator.device.type in ("cpu", "cuda"),
        )
        self.model, self.optimizer = self.accelerator.prepare(self.raw, optimizer)
        self.states = StateFolder(folder / "state", settings.keep)
        self.log = folder / "log.jsonl"
        self.board: Board | None = None
        self.budget, self.overhead = settings.batch_tokens, overhead_on(self.accelerator.device.type)
        self.position = Position()

    def run(self, hooks: Hooks) -> Position:
        """Train to the end, or on from the newest saved state.

        Raises:
            UserError: a loss that is not finite (its examples are written down first), or an interruption.
        """
        self.position = self.states.load(self.raw, self.optimizer)
        self._trim_log()
        self.raw.train()  # the encoder comes from its file in evaluation mode, without dropout
        if self.settings.board:
            self.board = Board(self.settings.board, self.log)
        every = self.recipe.eval_every or max(1, self._epoch())
        try:
            while self.position.step < self.total and not self._patience_is_over():
                self._step(hooks)
                step = self.position.step
                if hooks.develop and self.recipe.select == "dev" and (step % every == 0 or step == self.total):
                    self._develop(hooks)
                if step % self.settings.save_every == 0 and step < self.total:
                    self._save()
        except KeyboardInterrupt:
            self._save()
            raise UserError(
                f"interrupted after step {self.position.step} of {self.total}",
                "the state is saved",
                "run the same command again: it continues",
            ) from None
        self._save()
        if self.board:
            self.board.close()
        if self.position.best is not None:
            self.states.load_best(self.raw)
        return self.position

    # -- one step -----------------------------------------------------------------------------------------------------

    def _step(self, hooks: Hooks) -> None:
        """One optimizer step; when memory runs out it is done again in smaller pieces."""
        started = time.perf_counter()
        while True:
            try:
                loss, tokens, padded = self._gradient()
                break
            except (RuntimeError, MemoryError) as error:
                if not batches.out_of_memory(error) or self.budget < 16:
                    raise
                self.budget //= 2
                self.optimizer.zero_grad()
                hooks.note(f"out of memory: micro-batches halved to {self.budget} tokens; the step stays the same")
        rate = self.recipe.learning_rate_at(self.position.step, self.total)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.accelerator.clip_grad_norm_(self.model.parameters(), self.recipe.max_grad_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.position.step += 1
        self.position.tokens += tokens
        self._record(loss, rate, tokens, padded, time.perf_counter() - started, hooks)

    def _gradient(self) -> tuple[float, int, int]:
        """Loss of the whole step with its gradient accumulated; tokens, and tokens with padding."""
        number = self.position.step
        torch.manual_seed((self.recipe.seed << 32) + number)
        loss, tokens, padded = 0.0, 0, 0
        for piece in self.pieces(number):
            part = self.loss(piece, number)
            if not torch.isfinite(part):
                self._refuse(piece)
            self.accelerator.backward(part)
            loss += float(part.detach())
            tokens += piece.tokens
            padded += piece.padded
        return loss, tokens, padded

    def pieces(self, number: int) -> Iterator[Piece]:
        """The micro-batches of step ``number``: its examples by task, cut by length under the token budget."""
        views: dict[str, list[Unit]] = {}
        drawn = self.mixture.step(number)
        for task, index in drawn:
            views.setdefault(task, []).append(self.raw.objectives[task].view(index, number))
        for task, units in views.items():
            weight = sum(unit.weight for unit in units)
            share = len(units) / len(drawn) * self.settings.task_weights.get(task, 1.0) / weight
            for choices in (False, True):
                alike = [unit for unit in units if (len(unit.rows) > 1) is choices]
                for batch in cut([unit.length for unit in alike], self.budget, self.overhead):
                    yield Piece(task, [alike[index] for index in batch], share)

    def loss(self, piece: Piece, number: int) -> torch.Tensor:
        """The part of step ``number``'s loss that a micro-batch is."""
        rows = [row for unit in piece.units for row in unit.rows]
        inputs = pad(self.loaded, rows, [types for unit in piece.units for types in unit.types])
        if len(piece.units[0].rows) > 1:
            inputs = {name: value.unsqueeze(1) for name, value in inputs.items()}

        def compute() -> torch.Tensor:
            return self.model(piece.task, inputs, piece.units) * piece.share  # type: ignore[no-any-return]

        return self.adversary.worst(compute, piece.units, number) if self.adversary else compute()

    def _refuse(self, piece: Piece) -> None:
        """Write down the examples whose loss is not finite, and stop."""
        path = self.log.with_name(f"not-finite-step-{self.position.step}.json")
        path.write_text(json.dumps({"task": piece.task, "ids": [unit.id for unit in piece.units]}), encoding="utf-8")
        raise UserError(
            f"the loss of step {self.position.step} is not finite",
            f"on {len(piece.units)} examples of {piece.task}, listed in {path}",
            "lower the learning rate, or look at these examples",
        )

    # -- around a step ------------------------------------------------------------------------------------------------

    def _epoch(self) -> int:
        """Optimizer steps in one pass over all units."""
        units = sum(len(objective.units) for objective in self.raw.objectives.values())
        return units // self.recipe.batch_size

    def _develop(self, hooks: Hooks) -> None:
        """Evaluate on dev, keep the best weights; strictly greater wins, as in the reference."""
        assert hooks.develop is not None
        self.raw.eval()
        found = hooks.develop()
        self.raw.train()
        score = found.mean
        position = self.position
        if position.best is None or score > position.best:
            position.best, position.best_step, position.waited = score, position.step, 0
            self.states.save_best(self.raw)
        else:
            position.waited += 1
        best = {"best": position.best, "best_step": position.best_step}
        self._write({"step": position.step, "dev": score, "parts": dict(found.parts), **best})
        parts = "".join(f", {name} {part:.2f}" for name, part in found.parts.items()) if len(found.parts) > 1 else ""
        hooks.note(
            f"step {position.step}: dev {score:.2f} (best {position.best:.2f} at step {position.best_step}{parts})"
        )

    def _patience_is_over(self) -> bool:
        return 0 < self.recipe.patience <= self.position.waited

    def _save(self) -> None:
        self.states.save(self.raw, self.optimizer, self.position)

    def _record(self, loss: float, rate: float, tokens: int, padded: int, seconds: float, hooks: Hooks) -> None:
        """A line of the log now and then, and progress always."""
        step, speed = self.position.step, tokens / max(seconds, 1e-9)
        if step % LOG_EVERY == 0 or step in (1, self.total):
            numbers = {"tokens_per_second": round(speed), "padding_share": round(1 - tokens / max(1, padded), 4)}
            self._write({"step": step, "loss": loss, "learning_rate": rate, **numbers})
        hooks.progress(f"step {step}/{self.total} loss {loss:.3f} {speed:.0f} tokens/s", step / self.total)

    def _write(self, entry: Mapping[str, Any]) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        if self.board:
            self.board.write(entry)

    def _trim_log(self) -> None:
        """Forget lines after the state that training goes on from."""
        if self.log.is_file():
            lines = self.log.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= self.position.step]
            self.log.write_text("".join(kept), encoding="utf-8")
