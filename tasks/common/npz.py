"""npz files: arrays that others wrote, read with care, and arrays as bytes that are the same every time.

``np.load`` allocates what a header claims before it looks at the file. Here a member counts only if its bytes are as
many as its header says, all members together stay under :data:`MOST_BYTES`, and nothing in them is a Python object.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

MOST_BYTES = 500_000_000  # of one file when unpacked; the statistics of a million items take a fifth
MOST_KEPT = 1 << 17  # bytes of the names of a cell that are kept as texts for the next cell with the same names
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
    start = _header_size(data)
    shape, by_column, kind = _header(data[:start])
    count = math.prod(shape)
    if kind.hasobject or kind.names or min(shape, default=0) < 0 or count * kind.itemsize != len(data) - start:
        raise NpzError(f"{member.filename} is not what its header says")
    return np.frombuffer(data, kind, count, start).reshape(shape, order="F" if by_column else "C")


def _header_size(data: bytes) -> int:
    """Bytes before the first number: magic and version, the length of the text in 2 or 4 bytes, the text."""
    length = 2 if data[6:7] == b"\x01" else 4
    return 8 + length + int.from_bytes(data[8 : 8 + length], "little")


@lru_cache(maxsize=1024)
def _header(head: bytes) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    """Shape, order and type. The text is a Python literal, slow to read, and that of most cells of a task."""
    file = io.BytesIO(head)
    shape, by_column, kind = HEADERS[np.lib.format.read_magic(file)](file)
    return shape, by_column, kind


def pack_npz(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Arrays by name as the bytes of an npz file; the same for the same arrays."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]  # its other keyword is a bool
    return buffer.getvalue()


def texts_of(array: NDArray[np.generic]) -> tuple[str, ...]:
    """The strings of an array; numpy takes any 32 bits for a character.

    Raises:
        NpzError: one is not text.
    """
    content = array.tobytes()
    return (_kept_texts if len(content) <= MOST_KEPT else _texts)(array.dtype.str, content)


def _texts(kind: str, content: bytes) -> tuple[str, ...]:
    """The strings of the content of an array of that type."""
    try:
        texts: list[str] = np.frombuffer(content, kind).tolist() if content else []
        "".join(texts).encode()
    except (ValueError, UnicodeError, SystemError) as error:  # the last for characters with a sign
        raise NpzError("a name in it is not text") from error
    return tuple(texts)


_kept_texts = lru_cache(maxsize=64)(_texts)
"""The same tuple for the same content: most cells of a task have the same names, and clusters that are their names."""
