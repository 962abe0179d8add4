"""What says that memory is short, and what people are told of it."""

from __future__ import annotations

import pytest

from xharness.tasks.common.memory import of_memory, out_of_memory
from xharness.tasks.own_code import told_of

MESSAGES = [
    "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 15.00 GiB",
    "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate",
    "[enforce fail at alloc_cpu.cpp:80] data. DefaultCPUAllocator: not enough memory: you tried to allocate",
    "MPS backend out of memory (MPS allocated: 9.06 GB)",
    "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
]


@pytest.mark.parametrize("message", MESSAGES)
def test_messages_of_memory(message: str) -> None:
    assert out_of_memory(RuntimeError(message))


def test_real_errors_of_torch_and_python() -> None:
    import torch

    with pytest.raises(RuntimeError) as error:
        torch.empty(2**55)
    assert out_of_memory(error.value)
    assert out_of_memory(torch.OutOfMemoryError("CUDA out of memory."))
    assert out_of_memory(MemoryError())
    assert not out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not out_of_memory(RuntimeError("CUDA error: device-side assert triggered"))


def test_people_are_told_in_one_line() -> None:
    told = told_of(RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.\nSee the documentation"))
    assert told is not None
    assert (told.what, told.why) == ("memory is short", "CUDA out of memory. Tried to allocate 2.00 GiB.")
    assert of_memory(MemoryError()).why == "MemoryError"
    assert told_of(RuntimeError("a bug of ours")) is None
