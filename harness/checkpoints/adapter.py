"""An adapter of peft and the model that it was trained on, as one checkpoint: merged once, kept by content.

A folder of an adapter holds ``adapter_config.json`` and ``adapter_model.safetensors`` and no model. What comes out lies
beside the cache of fetched models: a standard checkpoint, and ``merged.json`` that says what it was made of. It may be
deleted at any time, then it is made anew. The base's ``xharness.json`` goes along, so that what the base has seen is
known of the whole; that its weights are no longer those is what a look at the hashes says.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from xharness.checkpoints.config import read_json
from xharness.checkpoints.hub import cache, locate, origin
from xharness.checkpoints.weights import is_safetensors
from xharness.tasks.common.errors import UserError, first_line
from xharness.tasks.common.files import hash_file, render_json, write_atomic
from xharness.tasks.common.json_files import as_list
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.common.keys import content_key

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
LABELS = "labels.json"  # what the head's outputs are called, where xharness wrote the adapter
MARK = "merged.json"
FOLDER = "adapter"  # in a checkpoint that was trained so, beside the merged weights
MODELS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")
VERSION = 1  # of how they are merged
CLASSES = {
    "SEQ_CLS": "AutoModelForSequenceClassification",
    "TOKEN_CLS": "AutoModelForTokenClassification",
    "QUESTION_ANS": "AutoModelForQuestionAnswering",
    "FEATURE_EXTRACTION": "AutoModel",
}
"""Peft's task types; another head is known by the class that the adapter was trained in."""
OUTPUTS = re.compile(r"(?:.*\.)?(?:classifier|score)(?:\.out_proj)?\.weight")
TOKENIZER = re.compile(r"(special_tokens_map|added_tokens|tokenizer.*|vocab)\.(json|txt|model)|merges\.txt|.+\.model")
PROVENANCE = "xharness.json"
INSTALL = "pip install 'xharness[peft]'"


def is_adapter(path: Path) -> bool:
    """Whether a folder holds an adapter and no model of its own."""
    return (path / CONFIG).is_file() and not any((path / name).is_file() for name in MODELS)


def base_of(path: Path) -> Path:
    """The folder of the model that an adapter was trained on.

    Raises:
        UserError: the adapter is not one that can be merged, or its model is not here.
    """
    config = read_json(path / CONFIG)
    _check(config, path)
    name = Path(str(config["base_model_name_or_path"]))
    try:
        found = locate(name)
    except UserError as error:
        raise _no_base(path, name, error.fix) from error
    if not (found / "config.json").is_file() or is_adapter(found):
        raise _no_base(path, name, f"bring the model there, or correct base_model_name_or_path in {path / CONFIG}")
    return found


def merged(path: Path, base: Path, base_fingerprint: str, *, pickled: bool) -> Path:
    """The folder of adapter and base as one model, made if it is not there yet. Imports torch only then.

    Raises:
        UserError: peft is not installed; weights are missing or do not belong together; no room.
    """
    files = {name: hash_file(path / name) for name in _files(path)}
    told = hash_file(base / PROVENANCE) if (base / PROVENANCE).is_file() else None
    key = content_key({"version": VERSION, "adapter": dict(files), "base": base_fingerprint, "provenance": told})
    folder = cache().parent / "xharness" / "merged" / key[:32]
    if (folder / MARK).is_file():
        return folder
    if find_spec("peft") is None:
        raise UserError(f"{path} is an adapter", "merging it with its model needs the package peft", INSTALL)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        _merge(path, base, part, pickled=pickled)
        write_atomic(part / MARK, render_json(_described(path, base, base_fingerprint, files)))
        if not folder.exists():  # another process may have been faster
            part.rename(folder)
    except OSError as error:
        raise UserError(f"cannot merge {path}", error.strerror or str(error), "make room, and try again") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def merged_from(folder: Path) -> JsonObject | None:
    """What a merged model was made of; None for every other folder."""
    return read_json(folder / MARK) if (folder / MARK).is_file() else None


def _files(path: Path) -> list[str]:
    """What of an adapter's folder counts: a trainer may have left its states there as well."""
    return sorted(file.name for file in path.iterdir() if file.name in (CONFIG, WEIGHTS, LABELS) or _is_tokenizer(file))


def _is_tokenizer(file: Path) -> bool:
    return file.is_file() and TOKENIZER.fullmatch(file.name) is not None


def _check(config: JsonObject, path: Path) -> None:
    """Refuse what is not a low-rank adapter in safetensors, and what asks for code of other packages."""
    kind = config.get("peft_type")
    what = f"cannot use the adapter {path}"
    if kind != "LORA":
        raise UserError(what, f"its peft_type is {kind!r:.40}", "xharness merges LORA; merge it by peft, and save it")
    if config.get("megatron_config") or not isinstance(config.get("base_model_name_or_path"), str):
        why = "it asks for another package" if config.get("megatron_config") else "it does not name its model"
        raise UserError(what, why, f"correct {path / CONFIG}, or merge it by peft, and save it")
    if not is_safetensors(path / WEIGHTS):
        raise UserError(what, f"there is no whole {WEIGHTS}", "save it again, as safetensors")


def _no_base(path: Path, name: Path, fix: str) -> UserError:
    return UserError(f"no model for the adapter {path}", f"it was trained on {name}, which is not here", fix)


def _described(path: Path, base: Path, fingerprint: str, files: Mapping[str, str]) -> JsonObject:
    """What is kept of how it came to be."""
    config, hub = read_json(path / CONFIG), origin(base)
    told: JsonObject = {name: config.get(name) for name in ("peft_type", "r", "lora_alpha", "target_modules")}
    where: JsonObject = {"hub": {"id": hub.id, "revision": hub.revision}} if hub else {}
    return {
        "adapter": {"path": str(path.resolve()), "files": dict(files), **told},
        "base": {"path": str(base), "fingerprint": fingerprint, **where},
    }


def _merge(path: Path, base: Path, out: Path, *, pickled: bool) -> None:
    """Write model and tokenizer of both."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        whole = _with_adapter(_base_model(path, base, pickled=pickled), path)
    except UserError:
        raise
    except Exception as error:  # transformers and peft raise many types here, all of them about the files
        why = first_line(error)
        raise UserError(f"cannot merge {path}", why, f"check that it was trained on {base}") from error
    whole.save_pretrained(out)
    for folder in (base, path):  # the adapter's own tokenizer, if it has one, in the place of the base's
        for file in folder.iterdir():
            if _is_tokenizer(file):
                shutil.copyfile(file, out / file.name)
    if (base / PROVENANCE).is_file():
        shutil.copyfile(base / PROVENANCE, out / PROVENANCE)


def _base_model(path: Path, base: Path, *, pickled: bool) -> Any:
    """The base with the head that the adapter in ``path`` was trained with, of as many outputs."""
    import transformers

    names = _shapes(path / WEIGHTS)
    config = transformers.AutoConfig.from_pretrained(base, local_files_only=True, trust_remote_code=False)
    if (count := _outputs(names)) is not None and count != config.num_labels:
        config.num_labels = count
    if labels := _labels(path, config.num_labels):
        config.id2label, config.label2id = dict(enumerate(labels)), {name: at for at, name in enumerate(labels)}
    model, report = getattr(transformers, _class(read_json(path / CONFIG))).from_pretrained(
        base,
        config=config,
        dtype="float32",
        use_safetensors=not pickled,
        local_files_only=True,
        trust_remote_code=False,
        output_loading_info=True,
    )
    _require_whole(path, report["missing_keys"], names)
    return model


def _labels(path: Path, count: int) -> list[str]:
    """Names of the head's outputs; none where the adapter does not tell.

    Raises:
        UserError: they are not those of this head.
    """
    if not (path / LABELS).is_file():
        return []
    names = [name for name in as_list(read_json(path / LABELS).get("labels")) if isinstance(name, str)]
    if len(set(names)) != count:
        why = f"the head has {count} outputs, and it names {len(set(names))}"
        raise UserError(f"cannot use {path / LABELS}", why, "delete it, and give --label-names")
    return names


def _with_adapter(model: Any, path: Path) -> Any:
    """The model with the adapter's weights in its own."""
    from peft import PeftModel

    found: Any = PeftModel.from_pretrained(model, path, is_trainable=False, torch_device="cpu")
    return found.merge_and_unload(safe_merge=True)


def _class(config: JsonObject) -> str:
    """The Auto class of the head that an adapter was trained with."""
    trained: Any = config.get("auto_mapping") or {}
    name = str(trained.get("base_model_class", "")) if isinstance(trained, Mapping) else ""
    if name.endswith("ForMultipleChoice"):
        return "AutoModelForMultipleChoice"
    return CLASSES.get(str(config.get("task_type")), "AutoModel")


def _shapes(file: Path) -> dict[str, Sequence[int]]:
    """Names and shapes of an adapter's tensors."""
    from safetensors import safe_open

    with safe_open(file, framework="numpy") as opened:
        return {name: opened.get_slice(name).get_shape() for name in opened.keys()}  # noqa: SIM118  # no mapping


def _outputs(names: Mapping[str, Sequence[int]]) -> int | None:
    """How many outputs the head in an adapter has; None where there is no head for labels in it."""
    found = [shape[0] for name, shape in names.items() if OUTPUTS.fullmatch(name) and ".lora_" not in name]
    return min(found) if found else None


def _require_whole(path: Path, missing: Sequence[str], names: Mapping[str, Sequence[int]]) -> None:
    """Refuse weights that neither the base nor the adapter has: they would be random."""
    given = {name.removeprefix("base_model.model.") for name in names}
    if lost := sorted(name for name in missing if name not in given and ".pooler." not in f".{name}"):
        raise UserError(
            f"the adapter {path} lacks weights ({', '.join(lost[:3])}{', ...' if len(lost) > 3 else ''})",
            f"{len(lost)} are neither in it nor in its model: they would be random",
            "save it again with its head (modules_to_save)",
        )
