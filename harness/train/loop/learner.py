"""The model while it learns: on its device, sharded or compiled if that is wanted, with the optimizer that updates it.

Masks of dropout belong to instances where :func:`xharness.train.configured.by_micro_batch` has nothing to say, so that
they do not depend on how a step is cut.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, cast

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from xharness.compute import dropout, kernels
from xharness.compute.device import Device, send
from xharness.compute.loading import Loaded
from xharness.predict.stream import pad
from xharness.tasks.recipe import Recipe
from xharness.train.adversarial import Adversary
from xharness.train.configured import by_micro_batch
from xharness.train.loop.micro_batches import MicroBatch, rows_of
from xharness.train.loop.settings import TrainingSettings
from xharness.train.loop.state_tensors import set_weights, weights_of
from xharness.train.model import SharedModel, WordGradient, parameter_groups
from xharness.train.packed import Packing, packed, packing_for
from xharness.train.parallel import ProcessGroup
from xharness.train.sharding import shard

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def _accelerator(device: Device, alone: bool) -> Accelerator:
    """Accelerate in the precision of this training: in one process it keeps to the kind of device that it had first.

    Nothing is placed by it: it knows no number of a card where one process trains.
    """
    precision = {"bf16": "bf16", "fp16": "fp16"}.get(device.precision, "no")
    if AcceleratorState._shared_state:
        before = AcceleratorState()
        if (before.mixed_precision, before.device.type) != (precision, torch.device(device.name).type):
            AcceleratorState._reset_state(reset_partial_state=alone)
    return Accelerator(mixed_precision=precision, cpu=device.name == "cpu", device_placement=False)


class LossScale:
    """The factor of fp16's losses, which grows and shrinks as gradients overflow; nothing in other precisions."""

    def __init__(self, scaler: torch.amp.GradScaler | None, device: torch.device) -> None:
        self._scaler = scaler
        if scaler:  # clipping wants that something was scaled, which a process without a micro-batch never does
            scaler.scale(torch.zeros((), device=device))

    def state(self) -> dict[str, float]:
        """What a saved state keeps."""
        return self._scaler.state_dict() if self._scaler else {}

    def load(self, state: Mapping[str, float]) -> None:
        """Continue with what a saved state kept; with the factor at the start if it is of before."""
        if self._scaler and state:
            self._scaler.load_state_dict(dict(state))


class Learner:
    """A :class:`SharedModel` and its optimizer.

    Attributes:
        raw: The model itself; with ``fsdp`` this process holds a part of every weight only.
        model: The same as accelerate calls it, in the precision of the device.
        trained: The model as it is evaluated and saved. Where weights are sharded, a whole one that gets them when it
            needs them, on the processor of the main process.
        parameters: Those that learn.
        loss_scale: Of fp16.
        by_instance: Whether masks of dropout belong to instances, not to micro-batches.
        packing: How the blocks of the encoder leave out padding; None if they compute it.
    """

    def __init__(
        self,
        model: SharedModel,
        loaded: Loaded,
        recipe: Recipe,
        settings: TrainingSettings,
        processes: ProcessGroup,
    ) -> None:
        self.accelerator = _accelerator(loaded.device, alone=processes.size == 1)
        self.loaded, self.recipe, self.settings, self.processes = loaded, recipe, settings, processes
        self.device = torch.device(loaded.device.name)
        self.raw, self.trained = model, self._placed(model)
        self.adversary = Adversary(model.encoder, recipe) if recipe.adversarial_epsilon else None
        self.packing = self._agreed()
        self.words = WordGradient(model, self.device.type == "cpu" and not (settings.fsdp or settings.compile))
        # Without accelerate's wrapper for several processes: gradients are summed once a step, not averaged.
        self.model = self.accelerator.prepare_model(model, evaluation_mode=True)
        self.optimizer = self.accelerator.prepare_optimizer(self._adamw())
        self.loss_scale = LossScale(self.accelerator.scaler, self.device)
        self.parameters = [parameter for parameter in self.raw.parameters() if parameter.requires_grad]
        self.by_instance = not by_micro_batch(model.encoder.config, self.device.type, settings.compile)

    @property
    def heads(self) -> Mapping[str, PreTrainedModel]:
        """The head of each task in :attr:`trained`."""
        return cast("Mapping[str, PreTrainedModel]", self.trained.heads)  # a ModuleDict has no type of its values

    def _placed(self, model: SharedModel) -> SharedModel:
        """Bring the model to its device, as the settings want it; what is evaluated and saved."""
        if self.settings.gradient_checkpointing:
            new_name = getattr(model.encoder, "activation_checkpointing_enable", None)  # of transformers 5.x, some x
            (new_name or model.encoder.gradient_checkpointing_enable)()
        if self.settings.compile:
            model.encoder.compile(dynamic=True)
        if not self.settings.fsdp:
            return model.to(self.device)
        whole = copy.deepcopy(model, {id(model.objectives): model.objectives}) if self.processes.main else model
        shard(model, self.device.type)
        return whole

    def _agreed(self) -> Packing | None:
        """The packing that every process has: all have to cut a step alike."""
        packing = self.processes.together(lambda: packing_for(self.raw.encoder, self.loaded.device.precision))
        has = self.processes.gathered(torch.tensor([packing is not None], dtype=torch.float64))
        return packing if has.all() else None

    def _adamw(self) -> torch.optim.Optimizer:
        recipe = self.recipe
        return torch.optim.AdamW(
            parameter_groups(self.raw, recipe.weight_decay),
            lr=recipe.learning_rate,
            betas=(recipe.adam_beta1, recipe.adam_beta2),
            eps=recipe.adam_epsilon,
            fused=self.device.type in ("cpu", "cuda"),
        )

    @contextmanager
    def faster(self) -> Iterator[None]:
        """Faster arithmetic for the time of a training, where the device has it."""
        own = self.by_instance and self.device.type != "cpu"  # where it is faster in any case
        layers = dropout.own_dropout(self.raw) if own else nullcontext()
        rows = packed(self.raw.encoder, self.packing)
        with kernels.faster_training(self.raw.encoder, self.raw), rows, layers:
            yield

    def seeded(self, batch: MicroBatch, step: int, place: int) -> AbstractContextManager[None]:
        """Seed the dropout of a micro-batch: by its instances, or by its place in the step."""
        seed = self.recipe.seed
        self._seed(dropout_seed(seed, step, -1 if self.by_instance else place))
        if not self.by_instance:
            return nullcontext()
        rows = [
            (at, row)
            for at, instance in zip(batch.places, batch.instances, strict=True)
            for row in range(len(instance.rows))
        ]
        keys = torch.tensor([dropout_seed(seed, step, *row) - 2**63 for row in rows])
        return dropout.instances(send(keys, self.device))

    def _seed(self, seed: int) -> None:
        """As ``torch.manual_seed``, which also seeds devices that are not there, in two milliseconds."""
        if self.device.type == "cpu":
            torch.default_generator.manual_seed(seed)
        else:
            torch.manual_seed(seed)

    def loss(self, batch: MicroBatch, step: int) -> torch.Tensor:
        """The part of the loss of a step that a micro-batch is."""
        inputs = pad(
            self.loaded, rows_of(batch.instances), [types for instance in batch.instances for types in instance.types]
        )
        if self.raw.objectives[batch.task].chooses:
            inputs = {name: value.unsqueeze(1) for name, value in inputs.items()}

        def compute() -> torch.Tensor:
            return self.model(batch.task, inputs, batch.instances) * batch.share  # type: ignore[no-any-return]

        return self.adversary.adversarial_loss(compute, batch.instances, step) if self.adversary else compute()

    def clip(self) -> None:
        """Bound the norm of the gradient."""
        self.accelerator.clip_grad_norm_(self.parameters, self.recipe.max_grad_norm)

    def update(self, rate: float) -> None:
        """Move the weights along the gradient, and forget it."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad()

    @contextmanager
    def evaluable(self) -> Iterator[None]:
        """:attr:`trained` as the weights are now, in evaluation mode, on the device."""
        self.gather()
        with self.answering():
            yield

    @contextmanager
    def answering(self) -> Iterator[None]:
        """:attr:`trained` as it is, in evaluation mode, on the device."""
        self.trained.to(self.device).eval()
        yield
        self.trained.train()
        if self.trained is not self.raw:
            self.trained.cpu()

    def gather(self) -> None:
        """Bring :attr:`trained` up to date."""
        if self.settings.fsdp:
            weights = weights_of(self.raw, self.processes.main)
            if self.processes.main:
                set_weights(self.trained, weights)


def dropout_seed(*numbers: int) -> int:
    """Of the dropout of a step, a part of it or an instance. Hashed, as processors use 32 bits of a seed only."""
    return int.from_bytes(hashlib.sha256("\0".join(map(str, numbers)).encode()).digest()[:8])
