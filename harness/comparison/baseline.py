"""A baseline: the statistics of a run in one small file that is committed beside the code it guards.

An xz stream around an npz file with a ``header`` (JSON) and, for each task, its cells one after the other:

    names                 every id and cluster, once (JSON)
    <task>.ids            index into names; absent where ids are 0, 1, 2, ...
    <task>.clusters       index into names; absent where every item is its own cluster
    <task>.<k>.values     the distinct values of column k
    <task>.<k>.which      the value of each item

The same run gives the same bytes. Nothing in it is text of the data.
"""

from __future__ import annotations

import io
import json
import lzma
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xharness.comparison.source import Measured, Source, in_order
from xharness.runs.items import MOST_BYTES, NpzError, read_npz
from xharness.runs.verify import NOT_KNOWN, CellName
from xharness.submissions.measuring import fault
from xharness.tasks.base import Items
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.json_files import JsonError, parse_json
from xharness.tasks.common.outputs import write_output
from xharness.tasks.common.shapes import Each, misfit
from xharness.tasks.common.version import VERSION
from xharness.tasks.registry import BENCHMARKS, Registry

FOLDER = Path(".xharness") / "baselines"
SUFFIX = ".npz.xz"
KIND = "xharness baseline"
FORMAT = 1
HEADER: dict[str, Any] = {
    "run": str, "version": str, "benchmark": str, "seed": (int, None), "models": Each(str), "left_out": [[str]],
    "tasks": Each([list]),
}  # fmt: skip

Names = dict[str, int]


@dataclass(frozen=True)
class Facts:
    """What is known of a baseline without its statistics.

    Attributes:
        run: Name of the run that it was made from.
        version: Of xharness that made it.
    """

    run: str
    version: str
    benchmark: str
    seed: int | None
    models: Mapping[str, str]
    left_out: Sequence[Sequence[str]]


# --- by name ---------------------------------------------------------------------------------------------------------


def baseline_path(name: str, folder: Path = FOLDER) -> Path:
    """Where the baseline of that name lies. Raises UserError for what can be no file name."""
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise UserError(
            f"'{name}' cannot name a baseline", "a name has letters, digits, and . _ - inside", "for example main"
        )
    return folder / f"{name}{SUFFIX}"


def baselines(folder: Path = FOLDER) -> dict[str, Path]:
    """All baselines by name."""
    return {path.name.removesuffix(SUFFIX): path for path in sorted(folder.glob(f"*{SUFFIX}"))}


def resolve(text: str, folder: Path = FOLDER) -> Path:
    """The path that ``@NAME`` or a plain path stands for. Raises UserError for an unknown baseline."""
    if not text.startswith("@"):
        return Path(text)
    known = baselines(folder)
    if text[1:] not in known:
        fix = suggestion(text[1:], known) if known else "make one with xharness baseline set RUN --name NAME"
        raise UserError(f"no baseline '{text}'", f"there is no {folder / (text[1:] + SUFFIX)}", fix)
    return known[text[1:]]


# --- writing ---------------------------------------------------------------------------------------------------------


def write_baseline(source: Source, path: Path) -> None:
    """Write the statistics of a source into one file."""
    write_output(path, pack_baseline(source))


def pack_baseline(source: Source) -> bytes:
    """The bytes of the file; the same for the same source."""
    names: Names = {}
    arrays: dict[str, Any] = {}
    tasks: dict[str, list[Measured]] = {}
    for (task, _), cell in source.cells.items():
        tasks.setdefault(task, []).append(cell)
    for task, cells in tasks.items():
        arrays |= {f"{task}.{key}": value for key, value in _pack_task(cells, names).items()}
    left_out = [[*name, why] for name, why in source.left_out.items()]
    facts = Facts(source.name, VERSION, source.benchmark, source.seed, source.models, left_out)
    described = {
        task: [[cell.language, cell.signature, cell.split, cell.n, len(cell.items.ids)] for cell in cells]
        for task, cells in tasks.items()
    }
    header = {"kind": KIND, "format": FORMAT, **asdict(facts), "tasks": described}
    arrays = {"header": _json_array(header), "names": _json_array(list(names)), **arrays}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return lzma.compress(buffer.getvalue(), preset=6)


def _pack_task(cells: Sequence[Measured], names: Names) -> dict[str, Any]:
    """Arrays of one task; ids and clusters become indices into ``names``, which grows."""
    arrays: dict[str, Any] = {}
    if any(cell.items.ids != _numbers(len(cell.items.ids)) for cell in cells):
        arrays["ids"] = _indices([name for cell in cells for name in cell.items.ids], names)
    if any(cell.items.ids != cell.items.clusters for cell in cells):
        arrays["clusters"] = _indices([name for cell in cells for name in cell.items.clusters], names)
    for index, column in enumerate(np.concatenate([cell.items.counts for cell in cells]).T):
        values, which = np.unique(column, return_inverse=True)
        arrays[f"{index}.values"] = values
        arrays[f"{index}.which"] = which.astype(np.min_scalar_type(max(0, len(values) - 1)))
    return arrays


def _indices(keys: Sequence[str], names: Names) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.array([names.setdefault(key, len(names)) for key in keys], dtype=np.uint32)


def _numbers(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


def _json_array(value: Any) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer(json.dumps(value, ensure_ascii=False, sort_keys=True).encode(), dtype=np.uint8)


# --- reading ---------------------------------------------------------------------------------------------------------


def read_facts(path: Path) -> Facts:
    """What a baseline was made from. Raises UserError as :func:`read_baseline`."""
    header, _ = _open(path)
    return _facts(header)


def read_baseline(path: Path, registry: Registry) -> Source:
    """The source that was written.

    Raises:
        UserError: the file is no baseline, one of a newer version, or one whose parts do not fit each other.
    """
    header, arrays = _open(path)
    try:
        cells, left_out = _cells(header, arrays, registry)
    except NpzError as error:
        raise _damaged(path, str(error)) from error
    facts = _facts(header)
    return Source(
        name=f"@{path.name.removesuffix(SUFFIX)}",
        path=path,
        cells=in_order(cells),
        benchmark=facts.benchmark,
        left_out={(task, language): why for task, language, why in facts.left_out} | left_out,
        models=facts.models,
        seed=facts.seed,
    )


def _cells(
    header: Mapping[str, Any], arrays: Mapping[str, Any], registry: Registry
) -> tuple[dict[CellName, Measured], dict[CellName, str]]:
    """The cells, and those of tasks that are not known here with the reason."""
    names = _json(arrays, "names", [str])
    cells: dict[CellName, Measured] = {}
    left_out: dict[CellName, str] = {}
    for name, described in header["tasks"].items():
        if (task := registry.tasks.get(name)) is None:
            left_out |= {(name, language): NOT_KNOWN for language, *_ in described}
            continue
        parts = _unpack_task({key: arrays[f"{name}.{key}"] for key in _keys(arrays, name)}, described, names)
        for (language, signature, split, n, count), items in zip(described, parts, strict=True):
            if why := fault(task.metric, items) or ("" if n == count else f"it has {count} items, and says {n}"):
                raise NpzError(f"{name} {language}: metric {task.metric.name}: {why}")
            cells[name, language] = Measured(task, language, items, signature, split, n)
    return cells, left_out


def _facts(header: Mapping[str, Any]) -> Facts:
    return Facts(**{name: header[name] for name in Facts.__dataclass_fields__})


def _open(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and arrays of a baseline file."""
    try:
        arrays = read_npz(_unpacked(path))
        header = _json(arrays, "header", {"kind": str, "format": int, "version?": str})
    except (OSError, NpzError) as error:
        raise _damaged(path, str(error)) from error
    if header["kind"] != KIND:
        raise _damaged(path, "it is of another kind")
    if header["format"] != FORMAT:
        raise UserError(
            f"cannot read {path}",
            f"xharness {header.get('version')} wrote it, in format {header['format']}; this is {VERSION}",
            "make it again with this version: xharness baseline set RUN",
        )
    wrong = misfit(header, HEADER) or ("" if header["benchmark"] in BENCHMARKS else "its benchmark is not known")
    wrong = wrong or next((f"{row} does not describe a cell" for row in _rows(header) if not _describes(row)), "")
    wrong = wrong or next((f"{row} is not a cell with a reason" for row in header["left_out"] if len(row) != 3), "")
    if wrong:
        raise _damaged(path, wrong)
    return header, arrays


def _rows(header: Mapping[str, Any]) -> list[list[Any]]:
    return [row for described in header["tasks"].values() for row in described]


def _describes(row: Sequence[Any]) -> bool:
    """Language, signature, split, number of examples and of items."""
    texts = len(row) == 5 and all(isinstance(text, str) for text in row[:3])
    return texts and all(type(number) is int and number >= 0 for number in row[3:])


def _unpacked(path: Path) -> bytes:
    """What is inside the xz stream; its end is checked, and its size bounded."""
    stream = lzma.LZMADecompressor(memlimit=MOST_BYTES)
    try:
        content = stream.decompress(path.read_bytes(), max_length=MOST_BYTES)
    except (lzma.LZMAError, EOFError, MemoryError) as error:
        raise NpzError(f"it is not an xz file, or it was changed ({error})") from error
    if not stream.eof or stream.unused_data:
        raise NpzError("it was truncated, or something stands behind its end")
    return content


def _json(arrays: Mapping[str, Any], name: str, shape: Any) -> Any:
    """A JSON value that is kept as an array of bytes."""
    if name not in arrays or arrays[name].dtype != np.uint8:
        raise NpzError(f"it has no {name}")
    try:
        value = parse_json(arrays[name].tobytes().decode())
    except (JsonError, UnicodeDecodeError) as error:
        raise NpzError(f"{name}: {error}") from error
    if wrong := misfit(value, shape, name):
        raise NpzError(wrong)
    return value


def _damaged(path: Path, why: str) -> UserError:
    return UserError(
        f"{path} is no baseline", f"xharness baseline set never wrote it, or it is damaged: {why}",
        "give a run folder, or make a baseline with xharness baseline set RUN",
    )  # fmt: skip


def _keys(arrays: Mapping[str, Any], task: str) -> list[str]:
    return [key.removeprefix(f"{task}.") for key in arrays if key.startswith(f"{task}.")]


def _unpack_task(arrays: Mapping[str, Any], described: Sequence[Sequence[Any]], names: Sequence[str]) -> list[Items]:
    """The items of each cell of one task."""
    ends = list(accumulate(row[-1] for row in described))
    total = ends[-1] if ends else 0
    columns = sum(key.endswith(".values") for key in arrays)
    if not columns:
        raise NpzError("a task has no counts")
    values = [_column(arrays, f"{k}.values", "f") for k in range(columns)]
    counts = np.column_stack(
        [column[_indices_of(arrays, f"{k}.which", total, len(column))] for k, column in enumerate(values)]
    ).astype(np.float64)
    ids, clusters = (_named(arrays, part, names, total) for part in ("ids", "clusters"))
    found = []
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        own = ids[start:end] or _numbers(end - start)
        found.append(Items(own, clusters[start:end] or own, counts[start:end]))
    return found


def _named(arrays: Mapping[str, Any], part: str, names: Sequence[str], total: int) -> tuple[str, ...]:
    """Ids or clusters of all items of a task; empty if there are none, because they are numbers or the ids."""
    if part not in arrays:
        return ()
    return tuple(names[index] for index in _indices_of(arrays, part, total, len(names)).tolist())


def _column(arrays: Mapping[str, Any], name: str, kinds: str) -> NDArray[Any]:
    found = arrays.get(name)
    if found is None or found.ndim != 1 or found.dtype.kind not in kinds:
        raise NpzError(f"{name} is missing, or of another type")
    return np.asarray(found)


def _indices_of(arrays: Mapping[str, Any], name: str, total: int, of: int) -> NDArray[Any]:
    found = _column(arrays, name, "u")
    if len(found) != total or (total and int(found.max()) >= of):
        raise NpzError(f"{name} does not point to {total} values")
    return found
