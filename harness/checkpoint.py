"""What a checkpoint is, read without torch; refused with a reason before any weight is loaded."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.models.hub import HubModel, locate, origin
from tasks.errors import UserError, suggestion
from tasks.files import sha256

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
TEXT_ENCODERS = {"t5", "mt5", "umt5"}  # encoder-decoders whose encoder transformers can load alone
POSITION_OFFSET = {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "xmod", "mpnet"}


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
        max_positions: Longest input in tokens that the position embeddings allow; None if the config has no bound.
    """

    path: Path
    config: dict[str, Any]
    head: Head
    labels: tuple[str, ...]
    blocks: int
    max_positions: int | None
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
    def weights_hash(self) -> str:
        """sha256 over config and weights."""
        return sha256([self.path / "config.json", *self.weights])

    @cached_property
    def tokenizer_hash(self) -> str:
        """sha256 over the tokenizer's files."""
        return sha256(self.tokenizer_files)

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
        value = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        where = f" line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise UserError(f"cannot read {path}", f"broken JSON{where}: {error}", "restore the file") from error
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
    tokenizer_files = tuple(file for file in _tokenizer_candidates(path) if file.is_file())
    if not any(file.name in TOKENIZER_FILES for file in tokenizer_files):
        raise UserError(
            f"no tokenizer in {path}",
            f"none of {', '.join(TOKENIZER_FILES)} is there, and a model is of no use without its own tokenizer",
            "copy the tokenizer files of the model that it was trained from into the folder",
        )
    weights, pickled = _weights(path, allow_pickle)
    try:
        head, labels, blocks, positions = _head(config), _labels(config), _blocks(config), _max_positions(config)
    except (TypeError, ValueError, AttributeError) as error:
        raise UserError(f"cannot read {path / 'config.json'}", f"a value is not one: {error}", "restore it") from error
    return Checkpoint(
        path=path,
        config=config,
        head=head,
        labels=labels,
        blocks=blocks,
        max_positions=positions,
        weights=weights,
        tokenizer_files=tokenizer_files,
        pickled=pickled,
    )


def check_own_code(config: Mapping[str, Any], name: str) -> None:
    """Refuse a model that would run code from beside its weights."""
    if "model_type" not in config or config.get("auto_map"):
        raise UserError(
            f"{name} needs code of its own",
            "its config.json " + ("asks for remote code (auto_map)" if config.get("auto_map") else "has no model_type"),
            "xharness runs only architectures that transformers has; convert the checkpoint to one of them",
        )


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


def _max_positions(config: dict[str, Any]) -> int | None:
    """Longest input in tokens; RoBERTa and its kin count positions from after the padding id, 1 unless told."""
    positions = int(config.get("max_position_embeddings") or config.get("n_positions") or 0)
    offset = int(config.get("pad_token_id", 1)) + 1 if config["model_type"] in POSITION_OFFSET else 0
    return positions - offset if positions > 0 else None


def _tokenizer_candidates(path: Path) -> list[Path]:
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
    return tuple(index.parent / name for name in sorted(set(names.values())))


def _check_safetensors(path: Path) -> None:
    """Compare the length that the header promises with the length of the file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length)) if length < size else None
        ends = [entry["data_offsets"][1] for name, entry in (header or {}).items() if name != "__metadata__"]
        whole = header is not None and 8 + length + max(ends, default=0) == size
    except (OSError, struct.error, ValueError, LookupError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise UserError(
            f"{path} is damaged",
            "it is missing, truncated or no safetensors file: its length is not what its header says",
            "copy or download it again",
        )
