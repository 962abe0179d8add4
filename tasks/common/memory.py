"""Whether an error says that memory is short."""

from __future__ import annotations

from xharness.tasks.common.errors import UserError, first_line

# CUDA and Apple; cuBLAS and cuDNN; processors under Linux and macOS; under Windows. In lower case.
MEMORY_IS_SHORT = ("out of memory", "_status_alloc_failed", "can't allocate memory", "not enough memory")


def out_of_memory(error: BaseException) -> bool:
    """True for the ways in which torch says that memory is short, on every device."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(phrase in text for phrase in MEMORY_IS_SHORT)


def of_memory(error: Exception) -> UserError:
    """What to tell people of a shortage that nothing smaller can be tried for."""
    fix = "use a smaller model or --batch-tokens, --precision bf16, or a device with more memory"
    return UserError("memory is short", first_line(error), fix)
