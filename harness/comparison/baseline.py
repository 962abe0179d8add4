"""A baseline: the statistics of a run in one small file that is committed beside the code it guards.

An xz stream around an npz file with a ``header`` (JSON), ``names`` (every id and cluster, once; JSON) and the arrays of
:mod:`xharness.comparison.baseline_arrays` for each task, its cells one after the other. The same run gives the same
bytes. Nothing in it is text of the data.
"""

from __future__ import annotations

import io
import json
import lzma
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xharness.comparison.baseline_arrays import Arrays, NameIndex, pack_task, unpack_task
from xharness.comparison.baseline_header import (
    KIND,
    OF_ANY_VERSION,
    BaselineFacts,
    BaselineHeader,
    CellFacts,
    header_fault,
    version_fault,
)
from xharness.comparison.baseline_names import SUFFIX
from xharness.comparison.source import Measured, Source, benchmark_order
from xharness.runs.verify import NOT_KNOWN, CellName
from xharness.submissions.measuring import fault
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.json_files import JsonError, parse_json
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.common.npz import MOST_BYTES, NpzError, read_npz
from xharness.tasks.common.outputs import write_output
from xharness.tasks.common.shapes import Shape, misfit
from xharness.tasks.common.version import VERSION
from xharness.tasks.registry import Registry

# --- writing ---------------------------------------------------------------------------------------------------------


def write_baseline(source: Source, path: Path) -> None:
    """Write the statistics of a source into one file."""
    write_output(path, pack_baseline(source))


def pack_baseline(source: Source) -> bytes:
    """The bytes of the file; the same for the same source."""
    tasks: dict[str, list[Measured]] = {}
    for (task, _), cell in source.cells.items():
        tasks.setdefault(task, []).append(cell)
    names: NameIndex = {}
    arrays: dict[str, NDArray[np.generic]] = {}
    for task, cells in tasks.items():
        packed = pack_task([cell.items for cell in cells], names)
        arrays |= {f"{task}.{key}": value for key, value in packed.items()}
    arrays = {"header": _json_array(_header_of(source, tasks)), "names": _json_array(list(names)), **arrays}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]  # its other keyword is a bool
    return lzma.compress(buffer.getvalue(), preset=6)


def _header_of(source: Source, tasks: Mapping[str, list[Measured]]) -> JsonObject:
    left_out = [[*name, why] for name, why in source.left_out.items()]
    facts = BaselineFacts(source.name, VERSION, source.benchmark, source.seed, source.models, left_out)
    cells = {
        task: [CellFacts(cell.language, cell.signature, cell.split, cell.n, len(cell.items.ids)) for cell in cells]
        for task, cells in tasks.items()
    }
    return BaselineHeader(facts, cells).content()


def _json_array(value: Json) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value, ensure_ascii=False, sort_keys=True).encode(), dtype=np.uint8)


# --- reading ---------------------------------------------------------------------------------------------------------


def read_facts(path: Path) -> BaselineFacts:
    """What a baseline was made from. Raises UserError as :func:`read_baseline`."""
    return _open(path)[0].facts


def read_baseline(path: Path, registry: Registry) -> Source:
    """The source that was written.

    Raises:
        UserError: the file is not a baseline, one of a newer version, or one whose parts do not fit each other.
    """
    header, arrays = _open(path)
    cells: dict[CellName, Measured] = {}
    unknown: dict[CellName, str] = {}
    try:
        names = _names(arrays)
        for name, described in header.tasks.items():
            if (task := registry.tasks.get(name)) is None:
                unknown |= {(name, cell.language): NOT_KNOWN for cell in described}
            else:
                cells |= {(name, cell.language): cell for cell in _read_task(task, described, arrays, names)}
    except NpzError as error:
        raise _damaged(path, str(error)) from error
    facts = header.facts
    return Source(
        name=f"@{path.name.removesuffix(SUFFIX)}",
        path=path,
        cells=benchmark_order(cells),
        benchmark=facts.benchmark,
        left_out={(task, language): why for task, language, why in facts.left_out} | unknown,
        models=facts.models,
        seed=facts.seed,
    )


def _read_task(task: Task, described: Sequence[CellFacts], arrays: Arrays, names: Sequence[str]) -> Iterator[Measured]:
    """The cells of one task. Raises NpzError for one whose statistics are not those of the task's metric."""
    own = {key.removeprefix(f"{task.name}."): value for key, value in arrays.items() if key.startswith(f"{task.name}.")}
    for cell, items in zip(described, unpack_task(own, [cell.items for cell in described], names), strict=True):
        wrong = "" if cell.n == cell.items else f"it has {cell.items} items, and says {cell.n}"
        if why := fault(task.metric, items) or wrong:
            raise NpzError(f"{task.name} {cell.language}: metric {task.metric.name}: {why}")
        yield Measured(task, cell.language, items, cell.signature, cell.split, cell.n)


def _open(path: Path) -> tuple[BaselineHeader, Arrays]:
    """Header and arrays of a baseline file."""
    try:
        arrays = read_npz(_unpack(path))
        header = _parse_array(arrays, "header", OF_ANY_VERSION)
    except (OSError, NpzError) as error:
        raise _damaged(path, str(error)) from error
    assert isinstance(header, Mapping)
    if header["kind"] != KIND:
        raise _damaged(path, "it is of another kind")
    if why := version_fault(header):
        raise UserError(f"cannot read {path}", why, "make it again with this version: xharness baseline set RUN")
    if wrong := header_fault(header):
        raise _damaged(path, wrong)
    return BaselineHeader.parse(header), arrays


def _unpack(path: Path) -> bytes:
    """What is inside the xz stream; its end is checked, and its size bounded."""
    stream = lzma.LZMADecompressor(memlimit=MOST_BYTES)
    try:
        content = stream.decompress(path.read_bytes(), max_length=MOST_BYTES)
    except (lzma.LZMAError, EOFError, MemoryError) as error:
        raise NpzError(f"it is not an xz file, or it was changed ({error})") from error
    if not stream.eof or stream.unused_data:
        raise NpzError("it was truncated, or something stands behind its end")
    return content


def _names(arrays: Arrays) -> list[str]:
    """Every id and cluster."""
    found = _parse_array(arrays, "names", [str])
    assert isinstance(found, list)
    return found


def _parse_array(arrays: Arrays, name: str, shape: Shape) -> Json:
    """A JSON value of that shape, which is kept as an array of bytes."""
    if name not in arrays or arrays[name].dtype != np.uint8:
        raise NpzError(f"it has no {name}")
    try:
        value: Json = parse_json(arrays[name].tobytes().decode())
    except (JsonError, UnicodeDecodeError) as error:
        raise NpzError(f"{name}: {error}") from error
    if wrong := misfit(value, shape, name):
        raise NpzError(wrong)
    return value


def _damaged(path: Path, why: str) -> UserError:
    return UserError(
        f"{path} is not a baseline", f"xharness baseline set never wrote it, or it is damaged: {why}",
        "give a run folder, or make a baseline with xharness baseline set RUN",
    )  # fmt: skip
