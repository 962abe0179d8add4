"""Reading large files without looking for circles among the objects that are made of them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """Leave Python's search for circles of objects until afterwards.

    It looks at every list and dictionary again and again while many are made: a quarter of the time of reading a
    vocabulary of 250,000 pieces, a tenth of that of scoring a submission. Objects that nobody holds go as always.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
