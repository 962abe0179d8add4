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
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness import __version__
from harness.compare.source import CellName, Measured, Source, in_order
from tasks.base import Items
from tasks.errors import UserError, suggestion
from tasks.files import write_atomic
from tasks.registry import Registry

FOLDER = Path(".xharness") / "baselines"
SUFFIX = ".npz.xz"
KIND = "xharness baseline"
FORMAT = 1

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
    write_atomic(path, pack_baseline(source))


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
    facts = Facts(source.name, __version__, source.benchmark, source.seed, source.models, left_out)
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
    """What a baseline was made from."""
    header, _ = _open(path)
    return _facts(header)


def read_baseline(path: Path, registry: Registry) -> Source:
    """The source that was written. Raises UserError if the file is no baseline, or one of a newer version."""
    header, arrays = _open(path)
    facts = _facts(header)
    names = json.loads(bytes(arrays["names"]))
    cells: dict[CellName, Measured] = {}
    left_out: dict[CellName, str] = {(task, language): why for task, language, why in facts.left_out}
    for task, described in header["tasks"].items():
        if task not in registry.tasks:
            why = "the task is not known here; --tasks-from names the file that declares it"
            left_out |= {(task, language): why for language, *_ in described}
            continue
        parts = _unpack_task({key: arrays[f"{task}.{key}"] for key in _keys(arrays, task)}, described, names)
        for (language, signature, split, n, _), items in zip(described, parts, strict=True):
            cells[task, language] = Measured(registry.tasks[task], language, items, signature, split, n)
    return Source(
        name=f"@{path.name.removesuffix(SUFFIX)}",
        path=path,
        cells=in_order(cells),
        benchmark=facts.benchmark,
        left_out=left_out,
        models=facts.models,
        seed=facts.seed,
    )


def _facts(header: Mapping[str, Any]) -> Facts:
    return Facts(**{name: header[name] for name in Facts.__dataclass_fields__})


def _open(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and arrays of a baseline file."""
    try:
        with np.load(io.BytesIO(lzma.decompress(path.read_bytes())), allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        header = json.loads(bytes(arrays["header"]))
        known = header["kind"] == KIND
    except (lzma.LZMAError, EOFError, zipfile.BadZipFile, ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise UserError(
            f"{path} is no baseline", "it is a file that xharness baseline set never wrote, or it is damaged",
            "give a run folder, or make a baseline with xharness baseline set RUN",
        )  # fmt: skip
    if header["format"] != FORMAT:
        raise UserError(
            f"cannot read {path}",
            f"xharness {header.get('version')} wrote it, in format {header['format']}; this is {__version__}",
            "make it again with this version: xharness baseline set RUN",
        )
    return header, arrays


def _keys(arrays: Mapping[str, Any], task: str) -> list[str]:
    return [key.removeprefix(f"{task}.") for key in arrays if key.startswith(f"{task}.")]


def _unpack_task(arrays: Mapping[str, Any], described: Sequence[Sequence[Any]], names: Sequence[str]) -> list[Items]:
    """The items of each cell of one task."""
    columns = sum(key.endswith(".values") for key in arrays)
    counts = np.column_stack([arrays[f"{k}.values"][arrays[f"{k}.which"]] for k in range(columns)]).astype(np.float64)
    ends = np.cumsum([count for *_, count in described])
    found = []
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        ids = _named(arrays.get("ids"), names, start, end) or _numbers(end - start)
        clusters = _named(arrays.get("clusters"), names, start, end) or ids
        found.append(Items(ids, clusters, counts[start:end]))
    return found


def _named(indices: Any, names: Sequence[str], start: int, end: int) -> tuple[str, ...]:
    return () if indices is None else tuple(names[index] for index in indices[start:end])
