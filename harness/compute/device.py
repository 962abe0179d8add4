"""Where and how precisely a model runs."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xharness.tasks.common.errors import UserError, suggestion

if TYPE_CHECKING:
    import torch

PRECISIONS = ("auto", "fp32", "bf16", "fp16")
DEVICES = ("auto", "cpu", "cuda", "mps")
ALL_CARDS = "cuda:all"
FORESEEN = tuple(("cuda", precision) for precision in PRECISIONS if precision != "auto")
BF16_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16")  # of x86, x86 and ARM, by torch's names


@dataclass(frozen=True)
class Device:
    """A torch device and the precision of weights and activations on it.

    Attributes:
        others: Further devices that share the work.
    """

    name: str
    precision: str
    others: tuple[Device, ...] = ()

    @property
    def dtype(self) -> torch.dtype:
        """The torch type of the precision."""
        import torch

        return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[self.precision]

    @property
    def batch_tokens(self) -> int:
        """Tokens a batch by default: small enough for the cache of a processor, large enough to fill a GPU."""
        return 1024 if self.name == "cpu" else 32768

    def doubt(self) -> str:
        """What speaks against the precision here, in one line; empty if nothing does."""
        on_processor = "cpu" in (self.name, *(other.name for other in self.others))
        if self.precision != "bf16" or not on_processor or computes_bf16():
            return ""
        return "this processor has no instructions for bf16, which takes several times as long as fp32 on it"


def check_names(device: str, precision: str) -> None:
    """Refuse unknown names without importing torch."""
    if precision not in PRECISIONS:
        raise UserError(f"unknown precision '{precision}'", "no such number format", suggestion(precision, PRECISIONS))
    for each in device.split(","):
        _check_name(each)


def _check_name(device: str) -> None:
    """Refuse an unknown name of one device."""
    kind, _, number = device.partition(":")
    if kind not in DEVICES:
        likely = "cuda" if kind == "gpu" else kind  # "cpu" is closer in letters
        raise UserError(f"unknown device '{device}'", "no such kind of device", suggestion(likely, DEVICES))
    numbered = number == "all" or (number.isascii() and number.isdigit())
    if kind != device and not (kind == "cuda" and numbered):
        raise UserError(
            f"unknown device '{device}'", "only CUDA devices have numbers", "for example cuda:0 or cuda:all"
        )


def resolve(device: str = "auto", precision: str = "auto") -> Device:
    """The device to run on: ``auto`` takes a GPU if there is one, and bf16 where that GPU computes in it.

    On a processor ``auto`` is fp32. Several names with commas between them, or ``cuda:all``, share the work; the first
    one decides the precision of all. Of cards with numbers the first one becomes the current one, where searches run.
    """
    import torch

    check_names(device, precision)
    if device == ALL_CARDS:
        device = ",".join(f"cuda:{number}" for number in range(torch.cuda.device_count())) or "cuda"
    first, *others = device.split(",")
    name = _available(first)
    if name.startswith("cuda:"):
        torch.cuda.set_device(name)  # before it is asked what it computes in: cards may differ
    precision = _computed_in(name, precision)
    if precision == "fp32":
        torch.backends.cudnn.allow_tf32 = False  # which torch allows for convolutions, not for products
    further = [_available(other) for other in others]
    return Device(name, precision, tuple(Device(other, _computed_in(other, precision)) for other in further))


def foreseen(device: str, precision: str) -> Device:
    """The device of a machine that is not this one, as far as it is named fully: it need not be here."""
    return Device(device, precision) if (device, precision) in FORESEEN else resolve(device, precision)


def for_cards(device: str, precision: str) -> tuple[str, str]:
    """Device and precision of work that will have cards: as those of this machine, or bf16 if it has none."""
    import torch

    if device not in ("auto", "cuda"):
        return device, precision
    if torch.cuda.is_available():
        return "cuda", resolve("cuda", precision).precision
    return "cuda", "bf16" if precision == "auto" else precision


def send(tensor: torch.Tensor, device: str | torch.device) -> torch.Tensor:
    """A tensor of the processor on a device; a card gets it when it has come so far, and nobody waits for that."""
    if str(device).startswith("cuda"):
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


def release_memory() -> None:
    """Give back what a training held: models and optimizers end in circles that only the collector finds."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def computes_bf16() -> bool:
    """Whether this processor has instructions for bf16; True where torch, before 2.10, does not tell."""
    import torch

    told = getattr(torch.cpu, "get_capabilities", None)
    return told is None or any(told().get(name) for name in BF16_INSTRUCTIONS)


def _available(device: str) -> str:
    """The name of a device that is here. Raises UserError if it is not."""
    import torch

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    kind, _, number = device.partition(":")
    available = {
        "cuda": torch.cuda.device_count() > int(number or 0),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if not available[kind]:
        raise UserError(
            f"device '{device}' is not available", "torch sees no such device here", "use --device cpu or --device auto"
        )
    return device


def _computed_in(device: str, precision: str) -> str:
    """The precision that a device computes in. Raises UserError for one that makes no sense on it."""
    import torch

    if precision == "auto":
        computes = device.startswith("cuda") and torch.cuda.is_bf16_supported(including_emulation=False)
        return "bf16" if computes else "fp32"
    if precision == "fp16" and device == "cpu":
        raise UserError(
            "precision fp16 on a processor", "processors compute fp16 many times slower than fp32", "use fp32 or bf16"
        )
    return precision
