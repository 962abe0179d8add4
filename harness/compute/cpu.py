"""Settings of the processor's libraries that their defaults leave slow. They change the speed, never an answer."""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from pathlib import Path

MMAP_MAX, TRIM_THRESHOLD, TOP_PAD = -4, -1, -2  # parameters of glibc's mallopt(3)
NEVER, KEPT, GROWTH = 0, 2**31 - 1, 1 << 28
AVX512 = "SkylakeX"  # OpenBLAS' name for its kernels with AVX-512


@functools.cache
def keep_freed_memory() -> bool:
    """Let glibc keep large blocks for the next batch, instead of handing them back and faulting every page in again.

    Returns:
        False where the C library is another one.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return all(mallopt(*setting) for setting in ((MMAP_MAX, NEVER), (TRIM_THRESHOLD, KEPT), (TOP_PAD, GROWTH)))


def choose_blas_kernels() -> None:
    """Point the OpenBLAS inside FAISS at AVX-512 where the processor has it. To be called before FAISS is imported.

    The release that FAISS' wheels carry does not know newer processors and falls back to SSE on them, four times
    slower.
    """
    if sys.platform == "linux" and "faiss" not in sys.modules and "avx512f" in _flags():
        os.environ["OPENBLAS_CORETYPE"] = AVX512


def _flags() -> list[str]:
    """What the first core can do, by Linux' names."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n")
    except OSError:
        return []
    return next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])
