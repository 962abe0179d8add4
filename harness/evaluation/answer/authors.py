"""Embedding models are used as their authors mean them: which pooling, prompt and length ``auto`` stands for."""

from __future__ import annotations

import json
import re
from pathlib import Path

from xharness.checkpoints.checkpoint import Checkpoint
from xharness.checkpoints.provenance import is_dual_encoder
from xharness.checkpoints.sentence_model import PROMPTS, SentenceModel
from xharness.compute.loading import Loaded
from xharness.predict.layers import AS_TRAINED, AUTO, POOLINGS, Pooling, resolve_pooling
from xharness.predict.room import Remedies
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion

NO_PROMPT = "none"
NAME = re.compile(r"[\w.-]*")


def meant_pooling(word: str, task: Task, checkpoint: Checkpoint) -> str:
    """The user's word for pooling, or what ``as-trained`` stands for: the files of a dual encoder that ranks."""
    if word != AS_TRAINED:
        return word
    return AUTO if task.ranking and is_dual_encoder(checkpoint.provenance) else "mean"


def pooling_of(word: str, authors: SentenceModel | None, folder: Path) -> Pooling:
    """The pooling that a user's word means for a checkpoint.

    Raises:
        UserError: unknown, or ``auto`` for an embedding model with a module that is not offered here.
    """
    if word != AUTO:
        return resolve_pooling(word)
    if authors is None:
        return "mean"
    if authors.refused:
        raise UserError(
            f"cannot make vectors as {folder} says",
            authors.refused,
            f"choose a pooling of the encoder's own tokens, without its other modules: --pooling {', '.join(POOLINGS)}",
        )
    return resolve_pooling(authors.pooling)


def prompt_of(word: str, authors: SentenceModel, folder: Path) -> str:
    """The text that goes before every text: ``auto``, ``none``, the name of a prompt, or a text that is not a name.

    Raises:
        UserError: a name that the checkpoint does not have.
    """
    if word == AUTO:
        return authors.prompts.get(authors.default_prompt, "")
    if word in authors.prompts:
        return authors.prompts[word]
    if word in ("", NO_PROMPT):
        return ""
    if not NAME.fullmatch(word):
        return word
    itself = f"a text of your own has a space or a colon in it: --prompt '{word}: '"
    if authors.prompts:
        why = f"{folder / PROMPTS} has {', '.join(map(ascii, authors.prompts))}"
        raise UserError(f"no prompt '{word}'", why, f"{suggestion(word, (*authors.prompts, NO_PROMPT))}; {itself}")
    raise UserError(f"no prompt '{word}'", f"{folder} names none", itself)


def check_width(authors: SentenceModel, checkpoint: Checkpoint) -> None:
    """Refuse layers that are not of this encoder. An encoder that does not tell its width is believed.

    Raises:
        UserError: the first layer takes vectors of another width.
    """
    config = checkpoint.config
    width = next((config[name] for name in ("hidden_size", "d_model", "dim") if name in config), None)
    if authors.dense and width is not None and authors.dense[0].inputs != width:
        raise UserError(
            f"{authors.dense[0].weights.parent} does not belong to {checkpoint.path}",
            f"it takes vectors of {authors.dense[0].inputs}, and the encoder gives {width}",
            "restore the folder, or choose a pooling without it: --pooling mean",
        )


def room_beside_prompt(loaded: Loaded, task: Task, prompt: str, max_length: int, remedies: Remedies) -> None:
    """Refuse a prompt that leaves no room for a text, before a model is loaded.

    Raises:
        UserError: with what the prompt takes.
    """
    limit = min(max_length, loaded.max_tokens)
    taken = len(loaded.tokenizer([prompt], truncation=False, padding=False, verbose=False)["input_ids"][0])
    if prompt and taken >= limit:
        raise UserError(
            f"no room for the text of {task.name}",
            f"the longest input is {limit} pieces, and special tokens and prompt take {taken} of them",
            f"{remedies.longer}, or shorten --prompt",
        )


def prompt_length(loaded: Loaded, prompt: str) -> int:
    """Leading tokens of an input that are not of its text: special ones and those of the prompt.

    As sentence-transformers counts them: of the prompt alone, without a special token behind it.
    """
    (ids,) = loaded.tokenizer([prompt], truncation=False, padding=False, verbose=False)["input_ids"]
    return len(ids) - (bool(ids) and ids[-1] in loaded.tokenizer.all_special_ids)


def shown(prompt: str) -> str:
    """A prompt as signatures and messages name it: in quotes, so that its last space is seen; without a bar."""
    return json.dumps(prompt).replace("|", "\\u007c")
