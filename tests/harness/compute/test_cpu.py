from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

from xharness.compute import cpu as processor

PROBE = """
import os, sys
from xharness.compute import cpu as processor
processor._flags = lambda: {flags!r}
from xharness.retrieve.search import faiss_module
faiss_module()
print(os.environ.get("OPENBLAS_CORETYPE", ""))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator and Linux' names of processor features")
@pytest.mark.parametrize(("flags", "kernels"), [(["avx2", "avx512f"], "SkylakeX"), (["avx2"], "Haswell")])
def test_faiss_gets_the_kernels_of_the_processor(flags: list[str], kernels: str) -> None:
    environment = {**os.environ, "OPENBLAS_CORETYPE": "Haswell"}
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(flags=flags)], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == kernels


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator and Linux' names of processor features")
def test_memory_is_kept() -> None:
    assert processor.keep_freed_memory() is True


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    processor.keep_freed_memory.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert processor.keep_freed_memory() is False
    processor.keep_freed_memory.cache_clear()
