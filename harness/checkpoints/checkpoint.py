"""What a checkpoint is, read without torch; refused with a reason before any weight is loaded."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from xharness.checkpoints.hub import HubModel, locate, origin
from xharness.checkpoints.sentence_model import is_sentence_model
from xharness.tasks.common import json_files
from xharness.tasks.common.errors import UserError, printable, suggestion
from xharness.tasks.common.files import hash_file, joined

TOKENIZER_FILES = (
    "tokenizer.json",
    "sentencepiece.bpe.model",
    "sentencepiece.model",
    "spiece.model",
    "spm.model",
    "tokenizer.model",
    "vocab.txt",
    "vocab.json",
)
TOKENIZER_EXTRAS = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "merges.txt")
BLOCK_KEYS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
OTHER_JSON = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "generation_config.json")
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
FAR = 4  # times as large as the weights: not a matter of heads and tied matrices any more
WEIGHTS = (".safetensors", ".bin")
TEXT_ENCODERS = {"t5", "mt5", "umt5"}  # encoder-decoders whose encoder transformers can load alone
IMPLEMENTATION = re.compile(r"_?(attn|experts)_implementation(_internal)?")
TORCHS_OWN = ("eager", "sdpa", "flex_attention", "batched_mm", "grouped_mm")
FOREIGN = ("quantization_config", "kernel_config", "use_kernels")  # what other packages than torch compute
SIZES = ("max_position_embeddings", "n_positions", "vocab_size")  # numbers of a config that others rely on


class Head(StrEnum):
    """What stands on the encoder; the name of the Auto class that loads it."""

    ENCODER = "AutoModel"
    SEQUENCE = "AutoModelForSequenceClassification"
    TOKEN = "AutoModelForTokenClassification"
    SPAN = "AutoModelForQuestionAnswering"
    CHOICE = "AutoModelForMultipleChoice"
    MASKED = "AutoModelForMaskedLM"  # trained, never asked: for answering it counts as a bare encoder


DECODER_HEADS = (Head.SEQUENCE, Head.SPAN, Head.CHOICE)  # of the T5 family: trained through the decoder

HEAD_ENDINGS = {
    "ForSequenceClassification": Head.SEQUENCE,
    "ForTokenClassification": Head.TOKEN,
    "ForQuestionAnswering": Head.SPAN,
    "ForQuestionAnsweringSimple": Head.SPAN,
    "ForMultipleChoice": Head.CHOICE,
}


@dataclass(frozen=True)
class Checkpoint:
    """A Hugging Face folder as its files describe it.

    Attributes:
        head: Read from ``architectures``; everything without a task head is a bare encoder.
        labels: Label names by id, as the config has them.
        blocks: Number of transformer blocks.
    """

    path: Path
    config: dict[str, Any]
    head: Head
    labels: tuple[str, ...]
    blocks: int
    weights: tuple[Path, ...]
    tokenizer_files: tuple[Path, ...]
    pickled: bool

    @property
    def model_type(self) -> str:
        """The architecture's name in transformers."""
        return str(self.config["model_type"])

    @property
    def hub(self) -> HubModel | None:
        """Id and commit of a model that was fetched from a hub; None for a folder of the user's own."""
        return origin(self.path)

    @property
    def name(self) -> str:
        """What to call it: its id on the hub, or the name of its folder."""
        return self.hub.id if self.hub else self.path.name

    @cached_property
    def digests(self) -> dict[str, str]:
        """The hash of every file that can change an answer, by name; read from disk once."""
        return {path.name: hash_file(path) for path in self._hashed}

    @property
    def weights_hash(self) -> str:
        """sha256 over config and weights."""
        return joined(self.digests[path.name] for path in (self.path / "config.json", *self.weights))

    @property
    def tokenizer_hash(self) -> str:
        """sha256 over the tokenizer's files."""
        return joined(self.digests[path.name] for path in self.tokenizer_files)

    @property
    def _hashed(self) -> list[Path]:
        return [self.path / "config.json", *self.weights, *self.tokenizer_files]

    @cached_property
    def fingerprint(self) -> str:
        """One hash over everything of the checkpoint that can change an answer."""
        return hashlib.sha256((self.weights_hash + self.tokenizer_hash).encode()).hexdigest()

    @cached_property
    def provenance(self) -> dict[str, Any] | None:
        """``xharness.json`` of a checkpoint that xharness made, else None."""
        path = self.path / "xharness.json"
        return read_json(path) if path.is_file() else None


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file. Raises UserError with the line for broken ones."""
    try:
        value = json_files.read_json(path)
    except (OSError, json_files.JsonError) as error:
        why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise UserError(f"cannot read {path}", why, "restore the file") from error
    if not isinstance(value, dict):
        raise UserError(f"cannot read {path}", "it holds no JSON object", "restore the file")
    return value


def inspect(path: Path, *, allow_pickle: bool = False) -> Checkpoint:
    """Read what can be known of a checkpoint from its files. No torch, no weights in memory.

    Raises:
        UserError: no config, tokenizer or weights; pickle weights (unless allowed); a truncated file; remote code.
    """
    config = read_json(path / "config.json")
    check_own_code(config, str(path))
    _check_values(config, path / "config.json")
    for name in OTHER_JSON:
        if (path / name).is_file():
            read_json(path / name)
    tokenizer_files = tuple(file for file in tokenizer_candidates(path) if file.is_file())
    if not any(file.name in TOKENIZER_FILES for file in tokenizer_files):
        raise UserError(
            f"no tokenizer in {path}",
            f"none of {', '.join(TOKENIZER_FILES)} is there, and a model is of no use without its own tokenizer",
            "copy the tokenizer files of the model that it was trained from into the folder",
        )
    weights, pickled = _weights(path, allow_pickle)
    try:
        head, labels, blocks = _head(config), _labels(config), _blocks(config)
        for name in SIZES:
            int(config.get(name) or 0)
    except (TypeError, ValueError, AttributeError) as error:
        raise UserError(f"cannot read {path / 'config.json'}", f"a value is not one: {error}", "restore it") from error
    return Checkpoint(
        path=path,
        config=config,
        head=head,
        labels=labels,
        blocks=blocks,
        weights=weights,
        tokenizer_files=tokenizer_files,
        pickled=pickled,
    )


def _check_values(config: Mapping[str, Any], path: Path) -> None:
    """Refuse what no config holds, whatever the architecture: it would be asked of memory, or end in a traceback."""
    types = {name: kinds for name, kinds in CONFIG_TYPES.items() if config.get(name) is not None}
    wrong = [name for name, kinds in types.items() if type(config[name]) not in kinds]
    wrong += [name for name, value in config.items() if type(value) is int and abs(value) > LARGEST]
    wrong += [
        name for name in ("num_labels", *BLOCK_KEYS) if name not in wrong and not 0 <= (config.get(name) or 0) <= MOST
    ]
    if wrong:
        shown = f"{config[wrong[0]]!r:.60}"
        raise UserError(f"cannot read {path}", f"{wrong[0]} cannot be {shown}", "restore the file")


def check_own_code(config: Mapping[str, Any], name: str) -> None:
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


def _asked_for(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Implementations, at any depth of a config, that transformers would take from a hub or from another package."""
    left: list[tuple[str, Any]] = list(config.items())
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


def find(path: Path, *, allow_pickle: bool = False) -> dict[str, Checkpoint]:
    """A checkpoint under the name ``""``, or a suite: its sub-folders by name.

    Args:
        path: A folder, or the id of a model that was fetched: ``org/name`` or ``org/name@revision``.

    Raises:
        UserError: nothing there, or nothing that looks like a checkpoint.
    """
    path = locate(path)
    if not path.is_dir():
        missing = not path.exists()
        fetch = "check the path, or fetch a model by its id: xharness models fetch xlm-roberta-base"
        raise UserError(
            f"no checkpoint at {path}",
            "--model takes a folder or the id of a fetched model, and this is " + ("neither" if missing else "a file"),
            fetch if missing else f"name the folder, for example: --model {path.parent}",
        )
    if (path / "config.json").is_file():
        return {"": inspect(path, allow_pickle=allow_pickle)}
    if is_sentence_model(path):
        raise UserError(
            f"{path} has modules.json and no config.json",
            "old versions of sentence-transformers put the encoder in a folder of its own",
            f"save it again with a newer one, or give the encoder alone: --model {path / '0_Transformer'}",
        )
    members = sorted(child for child in path.iterdir() if (child / "config.json").is_file())
    if not members:
        found = ", ".join(sorted(child.name for child in path.iterdir())[:5]) or "nothing"
        raise UserError(
            f"no checkpoint at {path}",
            f"it holds no config.json and no sub-folder with one (found: {found})",
            "give a Hugging Face folder, or a suite: a folder of them named after tasks (xnli/, udpos/, encoder/, ...)",
        )
    return {member.name: inspect(member, allow_pickle=allow_pickle) for member in members}


def check_architecture(checkpoint: Checkpoint) -> None:
    """Refuse an architecture that the installed transformers does not have, or that answers by a decoder.

    Imports transformers.
    """
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

    if checkpoint.model_type not in CONFIG_MAPPING_NAMES:
        raise UserError(
            f"unknown architecture '{checkpoint.model_type}' in {checkpoint.path / 'config.json'}",
            "the installed transformers has none of this name",
            f"{suggestion(checkpoint.model_type, CONFIG_MAPPING_NAMES)[:80]}; or update transformers",
        )
    if checkpoint.config.get("is_encoder_decoder") and checkpoint.model_type not in TEXT_ENCODERS:
        raise UserError(
            f"{checkpoint.path} is an encoder-decoder ({checkpoint.model_type})",
            f"transformers loads the encoder alone only for {', '.join(sorted(TEXT_ENCODERS))}",
            "give an encoder, or one of these; see: xharness models list",
        )
    check_head(checkpoint, checkpoint.head)
    _check_size(checkpoint)


def read_config(checkpoint: Checkpoint) -> Any:
    """The config as transformers has it. Imports transformers.

    Raises:
        UserError: a value is not what the architecture takes.
    """
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(checkpoint.path, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # of many types, all of them about the file
        raise _no_model(checkpoint, error) from error


def _no_model(checkpoint: Checkpoint, error: Exception) -> UserError:
    why = " ".join(str(error).split())[:300] or type(error).__name__
    return UserError(f"cannot read {checkpoint.path / 'config.json'}", why, "restore the file")


def _check_size(checkpoint: Checkpoint) -> None:
    """Refuse a config of a far larger model than the weights are of, before that much memory is asked for.

    Raises:
        UserError: it is; or no model can be made of it.
    """
    import torch
    import transformers

    tensors, numbers = _held(checkpoint)
    larger = f"cannot load {checkpoint.path}"
    fix = "check that config.json and weights belong together"
    if checkpoint.blocks > FAR * max(tensors, 100):
        raise UserError(larger, f"config.json has {checkpoint.blocks} blocks, and there are {tensors} weights", fix)
    config = read_config(checkpoint)
    try:
        with torch.device("meta"):
            model = getattr(transformers, auto_class(checkpoint, checkpoint.head)).from_config(config)
    except Exception as error:  # of many types, all of them about the config
        raise _no_model(checkpoint, error) from error
    wanted = sum(tensor.numel() for tensor in (*model.parameters(), *model.buffers()))
    if not checkpoint.pickled and wanted > FAR * max(numbers, 1_000_000):
        why = f"config.json is of a model of {wanted:,} numbers, and the weights are {numbers:,}"
        raise UserError(larger, why, fix)


def _held(checkpoint: Checkpoint) -> tuple[int, int]:
    """How many tensors and numbers the files with weights hold; nothing of pickles, which are not read here."""
    from safetensors import safe_open

    tensors, numbers = 0, 0
    for path in () if checkpoint.pickled else checkpoint.weights:
        with safe_open(path, framework="numpy") as file:
            shapes = [file.get_slice(name).get_shape() for name in file.keys()]  # noqa: SIM118  # it is no mapping
        tensors, numbers = tensors + len(shapes), numbers + sum(math.prod(shape) for shape in shapes)
    return tensors, numbers


def check_head(checkpoint: Checkpoint, head: Head) -> None:
    """Refuse a head that an architecture does not have, or that reads its decoder. Imports transformers."""
    import transformers

    classes = getattr(transformers, auto_class(checkpoint, head))._model_mapping
    has_class = transformers.CONFIG_MAPPING[checkpoint.model_type] in classes
    if has_class and not (checkpoint.model_type in TEXT_ENCODERS and head in DECODER_HEADS):
        return
    raise UserError(
        f"{checkpoint.model_type} cannot answer as {head.removeprefix('AutoModelFor')} ({checkpoint.path})",
        "transformers' head for it reads the decoder" if has_class else "transformers has no such head for it",
        "use it for tagging and retrieval" if has_class else "choose another architecture; see: xharness models list",
    )


def auto_class(checkpoint: Checkpoint, head: Head) -> str:
    """Name of the Auto class that loads a checkpoint under a head: of the T5 family without its decoder."""
    return "AutoModelForTextEncoding" if head is Head.ENCODER and checkpoint.model_type in TEXT_ENCODERS else head.value


def _head(config: dict[str, Any]) -> Head:
    """The head named by ``architectures``."""
    for architecture in config.get("architectures") or ():
        for ending, head in HEAD_ENDINGS.items():
            if str(architecture).endswith(ending):
                return head
    return Head.ENCODER


def _labels(config: dict[str, Any]) -> tuple[str, ...]:
    """Label names by id; transformers leaves the default two out of the file."""
    named = config.get("id2label")
    if not named:
        return tuple(f"LABEL_{index}" for index in range(int(config.get("num_labels", 2))))
    return tuple(str(named[key]) for key in sorted(named, key=int))


def _blocks(config: dict[str, Any]) -> int:
    """Number of transformer blocks; 0 if the config does not say."""
    return next((int(config[key]) for key in BLOCK_KEYS if key in config), 0)


def tokenizer_candidates(path: Path) -> list[Path]:
    """Every file that can change what the tokenizer does, in a fixed order."""
    return [path / name for name in (*TOKENIZER_FILES, *TOKENIZER_EXTRAS)]


def _weights(path: Path, allow_pickle: bool) -> tuple[tuple[Path, ...], bool]:
    """The files with weights, and whether they are pickles."""
    whole, index = path / "model.safetensors", path / "model.safetensors.index.json"
    if whole.is_file() or index.is_file():
        files = (whole,) if whole.is_file() else _shards(index)  # transformers prefers the one file, too
        for file in files:
            _check_safetensors(file)
        return files, False
    pickles = tuple(sorted(path.glob("pytorch_model*.bin")))
    if not pickles:
        raise UserError(f"no weights in {path}", "there is no model.safetensors", "restore or download the weights")
    if not allow_pickle:
        raise UserError(
            f"{path} has only pickle weights ({pickles[0].name})",
            "loading a pickle runs whatever code its author put in it",
            "convert it to safetensors, or pass --allow-pickle if you trust it",
        )
    return pickles, True


def _shards(index: Path) -> tuple[Path, ...]:
    """The files that an index names."""
    names = read_json(index).get("weight_map")
    if not isinstance(names, dict) or not names:
        raise UserError(f"cannot read {index}", "it names no weights (weight_map)", "restore the file")
    files = list(names.values())
    if not all(isinstance(name, str) and Path(name).name == name for name in files):
        raise UserError(f"cannot read {index}", "its weight_map names no files in its folder", "restore the file")
    return tuple(index.parent / name for name in sorted(set(files)))


def is_safetensors(path: Path) -> bool:
    """True for a file whose header is whole and describes exactly the bytes that follow. Reads the header only."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy"):
            return True
    except (OSError, SafetensorError):
        return False


def _check_safetensors(path: Path) -> None:
    """Refuse a file of weights that is not whole."""
    if not is_safetensors(path):
        raise UserError(
            f"{path} is damaged",
            "it is missing, truncated or no safetensors file: its length is not what its header says",
            "copy or download it again",
        )
