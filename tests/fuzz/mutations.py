"""What can happen to a file: bytes, lines, columns, values of JSON, names in archives, and what lies in its place."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

FIELDS = (
    "", " ", "nan", "inf", "-7", "99999", "1e400", "9" * 5000, "Banana", "١", "Ⅷ", "../x", "/etc/passwd", "=1+1",
    "\x1b[31m", "\0", "\ufeff", "\u2028", "\x85", "\r", '"', "a" * 70_000, "O", "en", "_", "1-2", "1.1", "true",
)  # fmt: skip
DEEP = "[" * 100_000
JSON_VALUES = (
    "null", "[]", "{}", "NaN", "Infinity", "-Infinity", "9" * 5000, "-" + "9" * 5000, "1e308", "1e999", "-1", "0",
    "1.5", "true", '""', '"x"', '"\\ud800"', '"\\u0000"', '"../../x"', '"/etc/passwd"', '"\\u001b[31m"', "[[]]",
    '{"a": [1]}', DEEP, DEEP + "]" * 100_000, '{"a":' * 50_000, '"' + "x" * 70_000 + '"', "[1, 2, 3]", '["a"]',
    "2147483648",
)  # fmt: skip
PIECES = (
    b"\0", b"\xff", b"\xef\xbb\xbf", "\u2028".encode(), "\x85".encode(), b"\xed\xa0\x80", b"\r", b"\n\n", b"\t",
    b"\x1b[2J",
    b"\x0c", b"\x1c", b"\n", b"\r\n", b"PK\x03\x04", b"9" * 5000,
)  # fmt: skip
PLACE = "\ue000"  # stands where a literal goes that no JSON writer would write

Mutation = Callable[[bytes, Random], bytes]


# --- bytes -----------------------------------------------------------------------------------------------------------


def flip(data: bytes, rng: Random) -> bytes:
    """One to eight bits."""
    changed = bytearray(data or b"\0")
    for _ in range(rng.choice((1, 1, 1, 8))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def truncate(data: bytes, rng: Random) -> bytes:
    """What a full disk leaves."""
    return data[: rng.choice((0, 1, len(data) // 2, max(0, len(data) - 1), rng.randrange(len(data) + 1)))]


def insert(data: bytes, rng: Random) -> bytes:
    """A piece that should not be there: at the start, at the end, or between."""
    at = rng.choice((0, len(data), rng.randrange(len(data) + 1)))
    return data[:at] + rng.choice(PIECES) + data[at:]


def repeat(data: bytes, rng: Random) -> bytes:
    """A stretch twice."""
    start = rng.randrange(len(data) + 1)
    end = min(len(data), start + rng.choice((1, 10, 1000)))
    return data[:end] + data[start:]


def encode(data: bytes, rng: Random) -> bytes:
    """In another encoding, or with other ends of lines."""
    text = data.decode("utf-8", "replace")
    name = rng.choice(("utf-16", "utf-8-sig", "latin-1", "cp1256", "utf-32-be", "crlf", "cr"))
    if name in ("crlf", "cr"):
        return text.replace("\n", {"crlf": "\r\n", "cr": "\r"}[name]).encode()
    return text.encode(name, "replace")


BYTES: tuple[Mutation, ...] = (flip, truncate, insert, repeat)


# --- lines and columns -----------------------------------------------------------------------------------------------


def lines(data: bytes, rng: Random) -> bytes:
    """A line doubled, removed, swapped with another, emptied, or another separator in it."""
    rows = data.split(b"\n")
    at, other = rng.randrange(len(rows)), rng.randrange(len(rows))
    match rng.randrange(6):
        case 0:
            rows.insert(at, rows[other])
        case 1:
            del rows[at]
        case 2:
            rows[at], rows[other] = rows[other], rows[at]
        case 3:
            rows.insert(at, rng.choice((b"", b" ", b"\t", b"#", b"# x", b"-DOCSTART- O")))
        case 4:
            rows[at] = rows[at].replace(b"\t", rng.choice((b" ", b"    ", b",", b"\t\t")))
        case _:
            rows = rows[:at] + rows[at + 1 :] * 2
    return b"\n".join(rows)


def columns(data: bytes, rng: Random) -> bytes:
    """In one line a column doubled, removed, swapped with another, or replaced."""
    rows = data.split(b"\n")
    at = rng.randrange(len(rows))
    fields = rows[at].split(b"\t")
    one, other = rng.randrange(len(fields)), rng.randrange(len(fields))
    match rng.randrange(5):
        case 0:
            fields.insert(one, fields[other])
        case 1:
            del fields[one]
        case 2:
            fields[one], fields[other] = fields[other], fields[one]
        case _:
            fields[one] = rng.choice(FIELDS).encode()
    rows[at] = b"\t".join(fields)
    return b"\n".join(rows)


LINES: tuple[Mutation, ...] = (*BYTES, encode, lines, lines, columns, columns)


# --- JSON ------------------------------------------------------------------------------------------------------------


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something is in a value, itself first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for name, child in inner for place in places(child, (*at, name)))]


def swap_value(data: bytes, rng: Random) -> bytes:
    """One value replaced by another kind of value, or removed, doubled or renamed."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return flip(data, rng)
    where = rng.choice(_one_of_each_kind(places(value), rng))
    if not where:
        return rng.choice(JSON_VALUES).encode()
    parent = value
    for step in where[:-1]:
        parent = parent[step]
    action = rng.randrange(8)
    if action == 0:
        del parent[where[-1]]
    elif action == 1 and isinstance(parent, list):
        parent.append(parent[where[-1]])
    elif action == 1:
        parent[rng.choice(("", "../x", "\x1b[31m", "new", "NaN"))] = parent.pop(where[-1])
    else:
        parent[where[-1]] = PLACE
    return json.dumps(value, indent=rng.choice((None, 1))).replace(json.dumps(PLACE), rng.choice(JSON_VALUES)).encode()


def _one_of_each_kind(found: list[tuple[Any, ...]], rng: Random) -> list[tuple[Any, ...]]:
    """Of many places that differ in numbers only one, so that rare fields get their turn."""
    rng.shuffle(found)
    return list({tuple(0 if isinstance(step, int) else step for step in place[-4:]): place for place in found}.values())


def json_line(data: bytes, rng: Random) -> bytes:
    """The same in one line of JSON lines."""
    rows = data.split(b"\n")
    at = rng.randrange(len(rows))
    rows[at] = swap_value(rows[at], rng)
    return b"\n".join(rows)


JSON: tuple[Mutation, ...] = (*BYTES, encode, swap_value, swap_value, swap_value, swap_value)
JSON_LINES: tuple[Mutation, ...] = (*BYTES, encode, lines, json_line, json_line, json_line)


# --- containers ------------------------------------------------------------------------------------------------------

UNREADABLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, KeyError, SyntaxError,
    NotImplementedError, RuntimeError,
)  # fmt: skip
"""What the standard library and numpy raise on containers that an earlier mutation broke."""


def safetensors(data: bytes, rng: Random) -> bytes:
    """The header of weights as JSON, with its length put right, or a length that lies."""
    size = int.from_bytes(data[:8], "little")
    if rng.random() < 0.2:
        return rng.choice((0, 1, 2**63, 2**64 - 1, len(data))).to_bytes(8, "little") + data[8:]
    header = swap_value(data[8 : 8 + size], rng)
    return len(header).to_bytes(8, "little") + header + data[8 + size :]


def zipped(data: bytes, rng: Random) -> bytes:
    """A member of a zip renamed, doubled, changed, or marked as something else."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(info, archive.read(info)) for info in archive.infolist()]
    except UNREADABLE:
        return flip(data, rng)
    at = rng.randrange(len(members)) if members else 0
    out = io.BytesIO()
    kind = rng.randrange(6)
    with zipfile.ZipFile(out, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for number, (info, content) in enumerate(members):
            name, text = info.filename, content
            if number == at and kind == 0:
                name = rng.choice(("../x", "/etc/x", "a/../../x", "x" * 300, "C:\\x", "\x1b[31m", "con", name + "/"))
            elif number == at and kind == 1:
                continue
            elif number == at and kind > 2:
                text = rng.choice(BYTES)(content, rng)
            made = zipfile.ZipInfo(name)
            made.external_attr = (0o120777 if number == at and kind == 2 else 0o100644) << 16
            archive.writestr(made, text)
    return out.getvalue()


def inside_gzip(data: bytes, rng: Random) -> bytes:
    """The bytes within a gzip stream."""
    try:
        return gzip.compress(rng.choice((flip, repeat, insert))(gzip.decompress(data), rng), mtime=0)
    except UNREADABLE:
        return flip(data, rng)


def inside_xz(data: bytes, rng: Random) -> bytes:
    """The bytes within an xz stream, which then knows nothing of the damage."""
    try:
        return lzma.compress(rng.choice((*BYTES, zipped, zipped, npy))(lzma.decompress(data), rng), preset=0)
    except UNREADABLE:
        return flip(data, rng)


def npy(data: bytes, rng: Random) -> bytes:
    """An array in an npz of another type, shape or content."""
    import numpy as np

    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as loaded:
            arrays = {name: loaded[name] for name in loaded.files}
    except UNREADABLE:
        return flip(data, rng)
    name = rng.choice(sorted(arrays))
    array = arrays[name]
    match rng.randrange(8):
        case 0:
            del arrays[name]
        case 1:
            arrays[name] = array[: len(array) // 2] if array.ndim else array
        case 2:
            arrays[name] = (
                array.astype(rng.choice(("U9", "f2", "c16", "?", "i8")), casting="unsafe", copy=True)
                if (array.dtype.kind in "biuf")
                else array[:0]
            )
        case 3:
            arrays[name] = array[None]
        case 4:
            arrays[name] = np.full(array.shape, rng.choice((np.nan, np.inf, -1e308, 1e308)))
        case 5:
            arrays[name] = np.array(7)
        case 6:
            arrays[name] = np.zeros((0, 3))
        case _:
            arrays[name] = array[::-1].copy() if array.ndim else array
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


SAFETENSORS: tuple[Mutation, ...] = (*BYTES, safetensors, safetensors)
ZIP: tuple[Mutation, ...] = (*BYTES, zipped, zipped, zipped)
TAR_GZ: tuple[Mutation, ...] = (*BYTES, inside_gzip, inside_gzip)
BASELINE: tuple[Mutation, ...] = (flip, truncate, insert, inside_xz, inside_xz, inside_xz)
NPZ: tuple[Mutation, ...] = (*BYTES, npy, npy)

BY_SUFFIX = {
    ".json": JSON, ".jsonl": JSON_LINES, ".safetensors": SAFETENSORS, ".zip": ZIP, ".gz": TAR_GZ, ".xz": BASELINE,
    ".npz": NPZ, ".bz2": BYTES,
}  # fmt: skip


# --- in place of the file --------------------------------------------------------------------------------------------


def _folder(path: Path) -> None:
    path.mkdir()


def _gone(path: Path) -> None:
    pass


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere")


REPLACEMENTS = (_folder, _gone, _loop, _dangling)


def mutate(path: Path, rng: Random) -> str:
    """Change a file, or what lies in its place; the names of what was done."""
    if rng.random() < 0.03:
        other = rng.choice(REPLACEMENTS)
        path.unlink()
        other(path)
        return other.__name__.strip("_")
    data = path.read_bytes()
    done = []
    for _ in range(rng.choice((1, 1, 1, 1, 2, 3))):
        how = rng.choice(BY_SUFFIX.get(path.suffix, LINES))
        data = how(data, rng)
        done.append(how.__name__)
    path.write_bytes(data)
    return "+".join(done)
