"""What a checkpoint is, read without torch; refused with a reason before any weight is loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from xharness.checkpoints.adapter import base_of, is_adapter, merged, merged_from
from xharness.checkpoints.config import blocks_of, check_own_code, check_sizes, check_values, labels_of, read_json
from xharness.checkpoints.hub import HubModel, locate, origin
from xharness.checkpoints.sentence_model import is_sentence_model
from xharness.checkpoints.weights import weights_of
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import hash_file, joined
from xharness.tasks.common.json_files import as_list
from xharness.tasks.common.json_types import JsonObject

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
OTHER_JSON = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "generation_config.json")


class Head(StrEnum):
    """What stands on the encoder; the name of the Auto class that loads it."""

    ENCODER = "AutoModel"
    SEQUENCE = "AutoModelForSequenceClassification"
    TOKEN = "AutoModelForTokenClassification"
    SPAN = "AutoModelForQuestionAnswering"
    CHOICE = "AutoModelForMultipleChoice"
    MASKED = "AutoModelForMaskedLM"  # trained, never asked: for answering it counts as a bare encoder


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
        labels_given: The user named the outputs, because the config does not.
    """

    path: Path
    config: Mapping[str, Any]  # of whatever the architecture has
    head: Head
    labels: tuple[str, ...]
    blocks: int
    weights: tuple[Path, ...]
    tokenizer_files: tuple[Path, ...]
    pickled: bool
    labels_given: bool = False

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
        """What to call it: its id on the hub, or the name of its folder; of an adapter that of the adapter's."""
        adapter: Any = (self.merged_from or {}).get("adapter", {})
        return self.hub.id if self.hub else Path(adapter.get("path", self.path)).name

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
    def merged_from(self) -> JsonObject | None:
        """Adapter and base of a model that was merged of them (:mod:`xharness.checkpoints.adapter`), else None."""
        return merged_from(self.path)

    @cached_property
    def provenance(self) -> JsonObject | None:
        """``xharness.json`` of a checkpoint that xharness made, else None."""
        path = self.path / "xharness.json"
        return read_json(path) if path.is_file() else None


def inspect(path: Path, *, allow_pickle: bool = False) -> Checkpoint:
    """Read what can be known of a checkpoint from its files. No torch, no weights in memory.

    Raises:
        UserError: no config, tokenizer or weights; pickle weights (unless allowed); a truncated file; remote code.
    """
    config = read_json(path / "config.json")
    check_own_code(config, str(path))
    check_values(config, path / "config.json")
    for name in OTHER_JSON:
        if (path / name).is_file():
            read_json(path / name)
    tokenizer_files = _tokenizer_files(path)
    weights, pickled = weights_of(path, allow_pickle)
    try:
        head, labels, blocks = _head(config), labels_of(config), blocks_of(config)
        check_sizes(config)
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


def find(path: Path, *, allow_pickle: bool = False) -> dict[str, Checkpoint]:
    """A checkpoint under the name ``""``, or a suite: its sub-folders by name.

    Args:
        path: A folder, or the id of a model that was fetched: ``org/name`` or ``org/name@revision``. An adapter of peft
            stands for itself and its base, merged.

    Raises:
        UserError: nothing there, or nothing that looks like a checkpoint.
    """
    path = locate(path)
    if not path.is_dir():
        raise _no_folder(path)
    if _is_member(path):
        return {"": _inspect_member(path, allow_pickle)}
    members = sorted(child for child in path.iterdir() if _is_member(child))
    if is_sentence_model(path) or not members:
        raise _no_checkpoint_in(path)
    return {member.name: _inspect_member(member, allow_pickle) for member in members}


def _is_member(path: Path) -> bool:
    """Whether a folder holds a model or an adapter itself."""
    return (path / "config.json").is_file() or is_adapter(path)


def _inspect_member(path: Path, allow_pickle: bool) -> Checkpoint:
    return _with_base(path, allow_pickle) if is_adapter(path) else inspect(path, allow_pickle=allow_pickle)


def _no_folder(path: Path) -> UserError:
    """For a path at which there is a file or nothing."""
    missing = not path.exists()
    fetch = "check the path, or fetch a model by its id: xharness models fetch xlm-roberta-base"
    return UserError(
        f"no checkpoint at {path}",
        "--model takes a folder or the id of a fetched model, and this is " + ("neither" if missing else "a file"),
        fetch if missing else f"name the folder, for example: --model {path.parent}",
    )


def _no_checkpoint_in(path: Path) -> UserError:
    """For a folder that is not a checkpoint and has none in it that counts."""
    if is_sentence_model(path):
        return UserError(
            f"{path} has modules.json and no config.json",
            "old versions of sentence-transformers put the encoder in a folder of its own",
            f"save it again with a newer one, or give the encoder alone: --model {path / '0_Transformer'}",
        )
    found = ", ".join(sorted(child.name for child in path.iterdir())[:5]) or "nothing"
    return UserError(
        f"no checkpoint at {path}",
        f"it holds no config.json and no sub-folder with one (found: {found})",
        "give a Hugging Face folder, or a suite: a folder of them named after tasks (xnli/, udpos/, encoder/, ...)",
    )


def _with_base(path: Path, allow_pickle: bool) -> Checkpoint:
    """An adapter merged with the model that it was trained on."""
    base = inspect(base_of(path), allow_pickle=allow_pickle)
    return inspect(merged(path, base.path, base.fingerprint, pickled=base.pickled))


def _tokenizer_files(path: Path) -> tuple[Path, ...]:
    """What a checkpoint's tokenizer is read from. Raises UserError where nothing holds its pieces."""
    files = tuple(file for file in tokenizer_candidates(path) if file.is_file())
    if not any(file.name in TOKENIZER_FILES for file in files):
        raise UserError(
            f"no tokenizer in {path}",
            f"none of {', '.join(TOKENIZER_FILES)} is there, and a model is of no use without its own tokenizer",
            "copy the tokenizer files of the model that it was trained from into the folder",
        )
    return files


def tokenizer_candidates(path: Path) -> list[Path]:
    """Every file that can change what the tokenizer does, in a fixed order."""
    return [path / name for name in (*TOKENIZER_FILES, *TOKENIZER_EXTRAS)]


def _head(config: JsonObject) -> Head:
    """The head named by ``architectures``."""
    for architecture in as_list(config.get("architectures")):
        for ending, head in HEAD_ENDINGS.items():
            if str(architecture).endswith(ending):
                return head
    return Head.ENCODER
