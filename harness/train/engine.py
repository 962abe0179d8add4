"""The training loop: one optimizer step after the other, each a function of the state before it and its number.

An optimizer step sees exactly the examples that the mixture gives it. How they are cut into micro-batches (by length,
under a token budget) changes the gradient by rounding only, because losses are summed and divided by the weight of the
whole step. For the same reason several processes may share them (:mod:`harness.train.parallel`).
"""

from __future__ import annotations

import copy
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator

from harness import batches, kernels
from harness.loading import Loaded
from harness.predict.stream import pad
from harness.train.adversarial import Adversary
from harness.train.board import Board
from harness.train.cut import cut, overhead_on
from harness.train.develop import DevScores
from harness.train.interruption import Interruption
from harness.train.mixture import Mixture
from harness.train.model import SharedModel, WordGradient, parameter_groups
from harness.train.objectives import Unit
from harness.train.parallel import Team, quiet
from harness.train.recipes import TrainRecipe
from harness.train.sharding import shard
from harness.train.state import Position, StateFolder, set_weights, weights_of
from harness.train.unpadded import fits, unpadded
from tasks.errors import UserError
from tasks.files import write_atomic

LOG_EVERY = 10


@dataclass(frozen=True)
class Settings:
    """How to train, as far as it changes no result but rounding.

    Attributes:
        batch_tokens: Tokens that are computed in a micro-batch, at most.
        save_every: Optimizer steps between saved states.
        keep: Saved states that are kept.
        task_weights: Factor on the loss of a task; 1 where not named.
        gradient_checkpointing: Compute activations twice instead of keeping them.
        compile: Use torch.compile for the encoder.
        fsdp: Leave each process a part of every weight only.
        board: Folder for TensorBoard's event files; None writes none.
    """

    batch_tokens: int
    save_every: int = 500
    keep: int = 1
    task_weights: Mapping[str, float] = field(default_factory=dict)
    gradient_checkpointing: bool = False
    compile: bool = False
    fsdp: bool = False
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
        padding: Whether the blocks of the encoder compute its padding, too.
    """

    task: str
    units: list[Unit]
    share: float
    padding: bool = True

    @property
    def tokens(self) -> int:
        """Tokens, padding not counted."""
        return sum(len(row) for unit in self.units for row in unit.rows)

    @property
    def padded(self) -> int:
        """Tokens that are computed: with padding, unless the blocks leave it out."""
        rows = [len(row) for unit in self.units for row in unit.rows]
        return max(rows) * len(rows) if self.padding else sum(rows)


@dataclass
class Sums:
    """What the micro-batches of one step add up to, in this process or in all.

    Attributes:
        loss: Of the whole step.
        tokens: Padding not counted.
        padded: Computed, so with padding where that is computed.
    """

    loss: float = 0.0
    tokens: int = 0
    padded: int = 0


class Engine:
    """Trains a :class:`SharedModel`.

    Attributes:
        trained: The model as it is evaluated and saved. Where weights are sharded, a whole one that gets them when it
            needs them, on the processor of the main process.
    """

    def __init__(
        self,
        model: SharedModel,
        loaded: Loaded,
        mixture: Mixture,
        recipe: TrainRecipe,
        total: int,
        settings: Settings,
        folder: Path,
        team: Team | None = None,
    ) -> None:
        self.team = team or Team()
        precision = {"bf16": "bf16", "fp16": "fp16"}.get(loaded.device.precision, "no")
        self.accelerator = Accelerator(mixed_precision=precision, cpu=loaded.device.name == "cpu")
        self.loaded, self.mixture, self.recipe, self.total, self.settings = loaded, mixture, recipe, total, settings
        if settings.gradient_checkpointing:
            new_name = getattr(model.encoder, "activation_checkpointing_enable", None)  # of transformers 5.x, some x
            (new_name or model.encoder.gradient_checkpointing_enable)()
        if settings.compile:
            model.encoder.compile(dynamic=True)
        if settings.fsdp:
            self.trained = copy.deepcopy(model, {id(model.objectives): model.objectives}) if self.team.main else model
            shard(model, self.accelerator.device.type)
        else:
            self.trained = model.to(self.accelerator.device)
        self.raw = model
        self.adversary = Adversary(model.encoder, recipe) if recipe.adversarial_epsilon else None
        on_processor = self.accelerator.device.type == "cpu"
        self.words = WordGradient(self.raw, on_processor and not (settings.fsdp or settings.compile))
        optimizer = torch.optim.AdamW(
            parameter_groups(self.raw, recipe.weight_decay),
            lr=recipe.learning_rate,
            betas=(recipe.adam_beta1, recipe.adam_beta2),
            eps=recipe.adam_epsilon,
            fused=self.accelerator.device.type in ("cpu", "cuda"),
        )
        # Without accelerate's wrapper for several processes: gradients are summed once a step, not averaged.
        self.model = self.accelerator.prepare_model(self.raw, evaluation_mode=True)
        self.optimizer = self.accelerator.prepare_optimizer(optimizer)
        self.states = StateFolder(folder / "state", settings.keep, self.team)
        self.log = folder / "log.jsonl"
        self.board: Board | None = None
        self.interruption, self._stop = Interruption(alone=self.team.size == 1), False
        self.padding = not fits(model.encoder)
        self.budget, self.overhead = settings.batch_tokens, overhead_on(self.accelerator.device.type)
        self.position = Position()

    def run(self, hooks: Hooks) -> Position:
        """Train to the end, or on from the newest saved state.

        Raises:
            UserError: a loss that is not finite (its examples are written down first), or an interruption.
        """
        with self.interruption, self.faster():
            return self._run(hooks)

    @contextmanager
    def faster(self) -> Iterator[None]:
        """Faster arithmetic for the time of a training, where the device has it."""
        with kernels.faster_training(self.raw.encoder, self.raw), unpadded(self.raw.encoder):
            yield

    def _run(self, hooks: Hooks) -> Position:
        self.position = self.states.load(self.raw, self.optimizer)
        if self.position.processes[-1:] != [self.team.size]:
            self.position.processes.append(self.team.size)
        self.team.by_main(self._trim_log)
        self.raw.train()  # the encoder comes from its file in evaluation mode, without dropout
        if self.settings.board and self.team.main:
            self.board = Board(self.settings.board, self.log)
        every = self.recipe.eval_every or max(1, self._epoch())
        try:
            self._develop_if_due(every, hooks)  # that is where an earlier process may have been interrupted
            while self.position.step < self.total and not self._patience_is_over():
                self._step(hooks)
                self._develop_if_due(every, hooks)
                step = self.position.step
                if step % self.settings.save_every == 0 and step < self.total:
                    self._save()
        except KeyboardInterrupt:
            self.interruption.hold_back()
            self._save()
            error = UserError(
                f"interrupted after step {self.position.step} of {self.total}",
                "the state is saved",
                "run the same command again: it continues",
            )
            raise (error if self.team.main else quiet(error)) from None
        self._save()
        if self.board:
            self.board.close()
        self._gather()
        if self.position.best is not None and self.team.main:
            self.states.load_best(self.trained)
        return self.position

    # -- one step -----------------------------------------------------------------------------------------------------

    def _step(self, hooks: Hooks) -> None:
        """One optimizer step; when memory runs out it is done again in smaller pieces."""
        started = time.perf_counter()
        while (sums := self._summed_gradient()) is None:
            self.budget //= 2
            self.optimizer.zero_grad()
            hooks.note(f"out of memory: micro-batches halved to {self.budget} tokens; the step stays the same")
        rate = self.recipe.learning_rate_at(self.position.step, self.total)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        with self.interruption.held_back():
            self.accelerator.clip_grad_norm_(self.model.parameters(), self.recipe.max_grad_norm)
            self.optimizer.step()
            self.optimizer.zero_grad()
            self.position.step += 1
            self.position.tokens += sums.tokens
            self._record(sums.loss, rate, sums.tokens, sums.padded, time.perf_counter() - started, hooks)
        if self._stop:
            raise KeyboardInterrupt

    def _summed_gradient(self) -> Sums | None:
        """The gradient of the whole step, accumulated and summed over the processes.

        Returns:
            The step's sums over all processes; None if memory was short in any of them.
        """
        sums, error = Sums(), None
        try:
            self._accumulate(sums)
        except Exception as caught:
            if self.settings.fsdp:  # the others wait within a pass; they cannot be told
                raise _in_the_middle(caught) from caught
            error = caught
        short = error is not None and batches.out_of_memory(error) and self.budget >= 16
        parameters = [parameter for parameter in self.raw.parameters() if parameter.requires_grad]
        has = [parameter.grad is not None for parameter in parameters]
        failed = error is not None and not short
        said = [failed, short, self.interruption.asked, sums.loss, sums.tokens, sums.padded, *has]
        everyone = self.team.gathered(torch.tensor(said, dtype=torch.float64))
        if everyone[:, 0].any():
            self.team.together(lambda: _raise(error if failed else None))
        if everyone[:, 1].any():
            return None
        self._stop = self.team.size > 1 and bool(everyone[:, 2].any())
        if not self.settings.fsdp:  # which has summed them already
            anywhere = everyone[:, 6:].any(dim=0).tolist()
            self.team.sum_gradients([p for p, some in zip(parameters, anywhere, strict=True) if some])
        loss, tokens, padded = everyone[:, 3:6].sum(dim=0).tolist()
        return Sums(loss, int(tokens), int(padded))

    def _accumulate(self, sums: Sums) -> None:
        """Compute the micro-batches of this process, one backward pass each."""
        number = self.position.step
        for place, piece, counts in self._own(list(self.pieces(number))):
            torch.manual_seed(_seed(self.recipe.seed, number, place))
            part = self.loss(piece, number)
            if not torch.isfinite(part):
                self._refuse(piece)
            if self.settings.fsdp:
                part = part * (self.team.size if counts else 0)  # it averages over the processes
            self.accelerator.backward(part)
            if counts:
                sums.loss += float(part.detach()) / (self.team.size if self.settings.fsdp else 1)
                sums.tokens += piece.tokens
                sums.padded += piece.padded
        self.words.fill()

    def _own(self, pieces: Sequence[Piece]) -> Iterator[tuple[int, Piece, bool]]:
        """The micro-batches of this process, with their place in the step and whether they count."""
        if self.settings.fsdp:
            dealt = self.team.in_rounds([piece.task for piece in pieces])
        else:
            dealt = [(place, True) for place in self.team.dealt([piece.padded + self.overhead for piece in pieces])]
        for place, counts in dealt:
            yield place, pieces[place], counts

    def pieces(self, number: int) -> Iterator[Piece]:
        """The micro-batches of step ``number``: its examples by task, cut by length under the token budget."""
        views: dict[str, list[Unit]] = {}
        drawn = self.mixture.step(number)
        for task, index in drawn:
            views.setdefault(task, []).append(self.raw.objectives[task].view(index, number))
        groups = [  # those with choices have another shape
            (task, alike)
            for task, units in views.items()
            for choices in (False, True)
            if (alike := [unit for unit in units if (len(unit.rows) > 1) is choices])
        ]
        lengths = [[unit.length for unit in alike] for _, alike in groups]
        budget = self.team.budget(lengths, self.budget, self.padding)
        for (task, alike), sizes in zip(groups, lengths, strict=True):
            units = views[task]
            weight = sum(unit.weight for unit in units)
            share = len(units) / len(drawn) * self.settings.task_weights.get(task, 1.0) / weight
            for batch in cut(sizes, budget, self.overhead, self.padding):
                yield Piece(task, [alike[index] for index in batch], share, self.padding)

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
        write_atomic(path, json.dumps({"task": piece.task, "ids": [unit.id for unit in piece.units]}))
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

    def _develop_if_due(self, every: int, hooks: Hooks) -> None:
        """Evaluate on dev where a step calls for it that was not evaluated yet."""
        step = self.position.step
        due = step > 0 and (step % every == 0 or step == self.total) and step != self.position.developed
        if hooks.develop and self.recipe.select == "dev" and due:
            self._gather()
            self.trained.to(self.accelerator.device).eval()
            found = self.team.by_main(hooks.develop)
            self.trained.train()
            if self.trained is not self.raw:
                self.trained.cpu()
            with self.interruption.held_back():
                self._note_dev(found, hooks)

    def _gather(self) -> None:
        """Bring :attr:`trained` up to date."""
        if self.settings.fsdp:
            weights = weights_of(self.raw, self.team.main)
            if self.team.main:
                set_weights(self.trained, weights)

    def _note_dev(self, found: DevScores, hooks: Hooks) -> None:
        """Keep the best weights; strictly greater wins, as in the reference."""
        score, position = found.mean, self.position
        position.developed = position.step
        if position.best is None or score > position.best:
            position.best, position.best_step, position.waited = score, position.step, 0
            self.team.by_main(lambda: self.states.save_best(self.trained))
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
        with self.interruption.held_back():
            self.states.save(self.raw, self.optimizer, self.position)

    def _record(self, loss: float, rate: float, tokens: int, padded: int, seconds: float, hooks: Hooks) -> None:
        """A line of the log now and then, and progress always."""
        step, speed = self.position.step, tokens / max(seconds, 1e-9)
        if step % LOG_EVERY == 0 or step in (1, self.total):
            numbers = {"tokens_per_second": round(speed), "padding_share": round(1 - tokens / max(1, padded), 4)}
            self._write({"step": step, "loss": loss, "learning_rate": rate, **numbers})
        hooks.progress(f"step {step}/{self.total} loss {loss:.3f} {speed:.0f} tokens/s", step / self.total)

    def _write(self, entry: Mapping[str, Any]) -> None:
        if not self.team.main:
            return
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


def _seed(seed: int, step: int, place: int) -> int:
    """Of the dropout of one micro-batch, whoever computes it. Hashed, because processors use 32 bits of a seed only."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0{step}\0{place}".encode()).digest()[:8])


def _raise(error: Exception | None) -> None:
    if error:
        raise error


def _in_the_middle(error: Exception) -> Exception:
    """An error that ends this process in the middle of a pass of all of them."""
    if not batches.out_of_memory(error):
        return error
    return UserError(
        "memory is short", "with --fsdp a step cannot be done again in smaller pieces", "give a smaller --batch-tokens"
    )
