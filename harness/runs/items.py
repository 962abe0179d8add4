"""Arrays that others wrote, and the statistics of cells as such a file.

``np.load`` allocates what a header claims before it looks at the file. Here a member counts only if its bytes are as
many as its header says, all members together stay under :data:`MOST_BYTES`, and nothing in them is a Python object.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from xharness.tasks.base import Items

SIMILARITY = "similarity"
"""Name beside a cell's statistics, of what was found: by query, or by "source id TAB target id" of a mined pair."""
MOST_BYTES = 500_000_000  # of one file when unpacked; the statistics of a million items take a fifth
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


class NpzError(ValueError):
    """Bytes that are not an npz file, or one that no file of ours may be; the message says in what."""


def read_npz(content: bytes) -> dict[str, NDArray[np.generic]]:
    """Every array of an npz file by name.

    Raises:
        NpzError: for anything else than whole arrays of numbers and texts.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MOST_BYTES:
                raise NpzError("it unpacks to more than any file of ours")
            return {member.filename.removesuffix(".npy"): _array(archive, member) for member in members}
    except NpzError:
        raise
    except Exception as error:  # zipfile, zlib and numpy raise a dozen kinds for bytes that are not theirs
        raise NpzError(f"it is not a whole npz file ({type(error).__name__})") from error


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[np.generic]:
    with archive.open(member) as packed:
        data = packed.read(member.file_size + 1)
    file = io.BytesIO(data)
    shape, by_column, kind = HEADERS[np.lib.format.read_magic(file)](file)
    count = 1
    for size in shape:
        count *= size
    if kind.hasobject or kind.names or min(shape, default=0) < 0 or count * kind.itemsize != len(data) - file.tell():
        raise NpzError(f"{member.filename} is not what its header says")
    return np.frombuffer(data, kind, count, file.tell()).reshape(shape, order="F" if by_column else "C")


def pack_items(items: Mapping[str, Items]) -> bytes:
    """Statistics as the bytes of an npz file; the same for the same statistics."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, value in items.items():
        arrays[f"{name}.ids"] = np.array(value.ids, dtype=np.str_)
        arrays[f"{name}.clusters"] = np.array(value.clusters, dtype=np.str_)
        arrays[f"{name}.counts"] = value.statistics
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]  # its other keyword is a bool
    return buffer.getvalue()


def unpack_items(content: bytes) -> dict[str, Items]:
    """The inverse of :func:`pack_items`.

    Raises:
        NpzError: the file is not one of statistics: another member, type, shape, or a number that is not finite.
    """
    arrays = read_npz(content)
    names = dict.fromkeys(key.rpartition(".")[0] for key in arrays)
    if set(arrays) != {f"{name}.{part}" for name in names for part in ("ids", "clusters", "counts")}:
        raise NpzError("it does not hold ids, clusters and counts")
    return {name: _items(name, *(arrays[f"{name}.{part}"] for part in ("ids", "clusters", "counts"))) for name in names}


def _items(name: str, ids: NDArray[np.generic], clusters: NDArray[np.generic], counts: NDArray[np.generic]) -> Items:
    texts = all(array.dtype.kind == "U" and array.ndim == 1 for array in (ids, clusters))
    if not texts or counts.dtype != np.float64 or counts.ndim != 2 or not len(ids) == len(clusters) == len(counts):
        raise NpzError(f"{name} has not an id, a cluster and a row of counts for each item")
    if not np.isfinite(counts).all():
        raise NpzError(f"{name} holds a count that is not a finite number")
    return Items(_texts(ids), _texts(clusters), counts.astype(np.float64, copy=False))


def _texts(array: NDArray[np.generic]) -> tuple[str, ...]:
    """The strings of an array; numpy takes any 32 bits for a character."""
    try:
        texts: list[str] = array.tolist()
        "".join(texts).encode()
    except (ValueError, UnicodeError) as error:
        raise NpzError("a name in it is not text") from error
    return tuple(texts)
