"""What a ``config.json`` may say: values of the right types and sizes, and no code but that of transformers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xharness.tasks.common import json_files
from xharness.tasks.common.errors import UserError, printable
from xharness.tasks.common.json_files import as_object
from xharness.tasks.common.json_types import Json, JsonObject

BLOCK_KEYS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
CONFIG_TYPES: Mapping[str, tuple[type, ...]] = {
    "model_type": (str,),
    "architectures": (list,),
    "id2label": (dict,),
    "is_encoder_decoder": (bool,),
    **dict.fromkeys(("vocab_size", "num_labels", "pad_token_id", *BLOCK_KEYS), (int,)),
    **dict.fromkeys(("max_position_embeddings", "n_positions"), (int,)),
}
"""Of what is read here; everything else is for the architecture's own class in transformers to judge."""

LARGEST = 2**31 - 1  # of a number in a config
MOST = 100_000  # labels or blocks
IMPLEMENTATION = re.compile(r"_?(attn|experts)_implementation(_internal)?")
TORCHS_OWN = ("eager", "sdpa", "flex_attention", "batched_mm", "grouped_mm")
SIZES = ("max_position_embeddings", "n_positions", "vocab_size")  # numbers that others rely on
FOREIGN = ("quantization_config", "kernel_config", "use_kernels")  # what other packages than torch compute


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file; ``Any``, because whoever reads it knows its fields.

    Raises:
        UserError: it is not there, or broken; with the line.
    """
    try:
        value = json_files.read_json(path)
    except (OSError, json_files.JsonError) as error:
        why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise UserError(f"cannot read {path}", why, "restore the file") from error
    if not isinstance(value, dict):
        raise UserError(f"cannot read {path}", "it holds no JSON object", "restore the file")
    return value


def check_values(config: JsonObject, path: Path) -> None:
    """Refuse what no config holds, whatever the architecture: it would be asked of memory, or end in a traceback."""
    types = {name: kinds for name, kinds in CONFIG_TYPES.items() if config.get(name) is not None}
    wrong = [name for name, kinds in types.items() if type(config[name]) not in kinds]
    wrong += [name for name, value in config.items() if type(value) is int and abs(value) > LARGEST]
    numbers = {name: config.get(name) for name in ("num_labels", *BLOCK_KEYS) if name not in wrong}
    wrong += [name for name, value in numbers.items() if isinstance(value, int) and not 0 <= value <= MOST]
    if wrong:
        shown = f"{config[wrong[0]]!r:.60}"
        raise UserError(f"cannot read {path}", f"{wrong[0]} cannot be {shown}", "restore the file")


def check_own_code(config: JsonObject, name: str) -> None:
    """Refuse a model that would run code from beside its weights, from a hub, or from other packages than torch."""
    if "model_type" not in config or config.get("auto_map"):
        raise UserError(
            f"{name} needs code of its own",
            "its config.json " + ("asks for remote code (auto_map)" if config.get("auto_map") else "has no model_type"),
            "xharness runs only architectures that transformers has; convert the checkpoint to one of them",
        )
    for key, value in _asked_for(config):
        raise UserError(
            f"{name} needs code of its own",
            printable(f"its config.json asks for {key} {value!r:.80}, which is not one of torch's own"),
            f"take {key} out of config.json if the model works without it: then torch's own is used",
        )


def _asked_for(config: JsonObject) -> Iterator[tuple[str, Json]]:
    """Implementations, at any depth of a config, that transformers would take from a hub or from another package."""
    left: list[tuple[str, Json]] = list(config.items())
    while left:
        key, value = left.pop()
        named = IMPLEMENTATION.fullmatch(key)
        if isinstance(value, Mapping):  # a part of the model, or one implementation for each part
            left += [(key if named else str(inner), each) for inner, each in value.items()]
        if isinstance(value, list):
            left += [(key, each) for each in value if isinstance(each, Mapping | list)]
        elif named and not isinstance(value, Mapping) and value is not None and value not in TORCHS_OWN:
            yield key, value
        if key in FOREIGN and value:
            yield key, value


def check_sizes(config: JsonObject) -> None:
    """Raise TypeError or ValueError where a number that others rely on is none."""
    for name in SIZES:
        _whole(config.get(name) or 0)


def labels_of(config: JsonObject) -> tuple[str, ...]:
    """Label names by id; transformers leaves the default two out of the file."""
    named = as_object(config.get("id2label"))
    if not named:
        return tuple(f"LABEL_{index}" for index in range(_whole(config.get("num_labels", 2))))
    return tuple(str(named[key]) for key in sorted(named, key=int))


def blocks_of(config: JsonObject) -> int:
    """Number of transformer blocks; 0 if the config does not say."""
    return next((_whole(config[key]) for key in BLOCK_KEYS if key in config), 0)


def _whole(value: Json) -> int:
    return int(value)  # type: ignore[arg-type]  # raises TypeError for what is not a number
