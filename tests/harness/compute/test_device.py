"""Where a model runs and how precisely."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any, cast

import pytest

from xharness.compute.device import Device, check_names, computes_bf16, resolve, send
from xharness.tasks.common.errors import UserError


def test_a_processor_computes_in_fp32_unless_told() -> None:
    assert resolve("cpu") == Device("cpu", "fp32")
    assert resolve("cpu", "bf16") == Device("cpu", "bf16")


def test_torch_types_and_batch_sizes() -> None:
    import torch

    assert [Device("cpu", precision).dtype for precision in ("fp32", "bf16", "fp16")] == [
        torch.float32,
        torch.bfloat16,
        torch.float16,
    ]
    assert (
        Device("cpu", "fp32").batch_tokens < Device("cuda:1", "bf16").batch_tokens == Device("mps", "fp32").batch_tokens
    )


@pytest.mark.parametrize(
    ("device", "precision", "message"),
    [
        (
            "cpu",
            "fp8",
            "unknown precision 'fp8'\n  why: no such number format\n  fix: choose from: auto, bf16, fp16, fp32",
        ),
        (
            "gpu",
            "auto",
            "unknown device 'gpu'\n  why: no such kind of device\n  fix: did you mean 'cuda'?",
        ),
        (
            "tpu:0",
            "auto",
            "unknown device 'tpu:0'\n  why: no such kind of device\n  fix: did you mean 'cpu'?",
        ),
        (
            "cuda:x",
            "auto",
            "unknown device 'cuda:x'\n  why: only CUDA devices have numbers\n  fix: for example cuda:0 or cuda:all",
        ),
        (
            "cuda:",
            "auto",
            "unknown device 'cuda:'\n  why: only CUDA devices have numbers\n  fix: for example cuda:0 or cuda:all",
        ),
        (
            "cpu:1",
            "auto",
            "unknown device 'cpu:1'\n  why: only CUDA devices have numbers\n  fix: for example cuda:0 or cuda:all",
        ),
    ],
)
def test_unknown_names(device: str, precision: str, message: str) -> None:
    with pytest.raises(UserError) as error:
        check_names(device, precision)
    assert str(error.value) == message


def test_names_are_checked_without_torch() -> None:
    code = (
        "import sys; from xharness.compute.device import check_names as check; "
        "check('cuda:3', 'bf16'); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_half_precision_on_a_processor_is_refused() -> None:
    with pytest.raises(UserError) as error:
        resolve("cpu", "fp16")
    assert str(error.value) == (
        "precision fp16 on a processor\n"
        "  why: processors compute fp16 many times slower than fp32\n"
        "  fix: use fp32 or bf16"
    )


@pytest.mark.parametrize(("feature", "quick"), [("avx512_bf16", True), ("amx_bf16", True), ("bf16", True), ("", False)])
def test_half_precision_without_instructions_for_it_is_doubted(
    feature: str, quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    known = {"avx2": True, "avx512_bf16": False, "amx_bf16": False, feature: True}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known)
    assert computes_bf16() is quick
    assert resolve("cpu", "auto").precision == "fp32"
    assert (resolve("cpu", "bf16").doubt() == "") is quick
    assert (resolve("cpu,cpu", "bf16").doubt() == "") is quick
    assert "no instructions for bf16" in Device("cuda", "bf16", (Device("cpu", "bf16"),)).doubt() or quick
    assert resolve("cpu", "fp32").doubt() == Device("cuda", "bf16").doubt() == ""
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert computes_bf16()


Machine = Callable[..., None]
CURRENT: list[str] = []
"""The cards that became the current one, one after the other."""


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """``machine(gpus, bf16, apple)`` pretends to be one."""
    import torch

    def pretend(gpus: int = 0, bf16: bool = False, apple: bool = False) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
        monkeypatch.setattr(torch.cuda, "set_device", CURRENT.append)
        monkeypatch.setattr(
            torch.cuda, "is_bf16_supported", lambda including_emulation=True: bf16 or including_emulation
        )
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: apple)

    return pretend


def test_auto_takes_what_is_there(machine: Machine) -> None:
    machine()
    assert resolve() == Device("cpu", "fp32")
    machine(apple=True)
    assert resolve() == Device("mps", "fp32")
    assert resolve("auto", "fp16") == Device("mps", "fp16")
    machine(gpus=1, bf16=True, apple=True)
    assert resolve() == Device("cuda", "bf16")
    assert resolve("cuda:0", "fp16") == Device("cuda:0", "fp16")
    machine(gpus=1, bf16=False)  # such as a V100, on which torch only emulates bf16
    assert resolve() == Device("cuda", "fp32")


def test_several_devices_share_the_work_in_one_precision(machine: Machine) -> None:
    import torch

    machine(gpus=3, bf16=True)
    two = resolve("cuda:0,cuda:2")
    assert (two.name, two.others) == ("cuda:0", (Device("cuda:2", "bf16"),))
    assert [two.name, *(other.name for other in resolve("cuda:all").others)] == ["cuda:0", "cuda:1", "cuda:2"]
    assert resolve("cpu,cpu").others == (Device("cpu", "fp32"),)
    CURRENT.clear()
    torch.backends.cudnn.allow_tf32 = True  # torch's default
    assert resolve("cuda:1,cuda:2", "fp32").name == "cuda:1"
    assert CURRENT == ["cuda:1"]
    assert not torch.backends.cudnn.allow_tf32
    with pytest.raises(UserError, match="device 'cuda:3' is not available"):
        resolve("cuda:0,cuda:3")
    with pytest.raises(UserError, match="unknown device 'gpu'"):
        check_names("cuda:0,gpu", "auto")


def test_the_card_that_is_named_is_asked_what_it_computes_in(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(gpus=2)
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda including_emulation: CURRENT[-1] == "cuda:1")
    for first, second, precision in (("cuda:0", "cuda:1", "fp32"), ("cuda:1", "cuda:0", "bf16")):
        assert resolve(f"{first},{second}") == Device(first, precision, (Device(second, precision),))


@pytest.mark.parametrize(("device", "gpus"), [("cuda", 0), ("cuda:0", 0), ("cuda:1", 1), ("mps", 1)])
def test_a_device_that_is_not_there(machine: Machine, device: str, gpus: int) -> None:
    machine(gpus=gpus)
    with pytest.raises(UserError) as error:
        resolve(device)
    assert str(error.value) == (
        f"device '{device}' is not available\n"
        "  why: torch sees no such device here\n"
        "  fix: use --device cpu or --device auto"
    )


class Told:
    """A tensor as far as sending it goes: what is done with it, in order."""

    def __init__(self) -> None:
        self.done: list[Any] = []

    def pin_memory(self) -> Told:
        self.done.append("pinned")
        return self

    def to(self, device: object, **more: bool) -> Told:
        self.done.append((str(device), more))
        return self


def test_only_a_card_gets_tensors_without_being_waited_for() -> None:
    import torch

    for device, wanted in (
        ("cuda:1", ["pinned", ("cuda:1", {"non_blocking": True})]),
        (torch.device("cuda"), ["pinned", ("cuda", {"non_blocking": True})]),
        ("mps", [("mps", {})]),
        (torch.device("cpu"), [("cpu", {})]),
    ):
        told = Told()
        sent: Any = send(cast("Any", told), device)
        assert sent is told
        assert told.done == wanted
    here = torch.ones(2)
    assert send(here, "cpu") is here
