"""From a checkpoint folder to a model that is ready to answer, with every weight accounted for."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict

from xharness.checkpoints.architecture import TEXT_ENCODERS, auto_class
from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.compute.device import Device
from xharness.compute.inputs import inputs_of
from xharness.compute.replicas import Replica
from xharness.compute.special_tokens import SpecialTokenTemplate, pair_template, single_template
from xharness.tasks.common.collection import without_collection
from xharness.tasks.common.errors import UserError, first_line

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

UNBOUNDED = 10**6  # tokenizers without a limit of their own store an astronomically large one


class LoadingReport(TypedDict):
    """What transformers says of the weights that it loaded; of another size are (name, shape there, shape here)."""

    missing_keys: Collection[str]
    unexpected_keys: Collection[str]
    mismatched_keys: Collection[tuple[str, Sequence[int], Sequence[int]]]


@dataclass(frozen=True)
class Loaded:
    """A model in evaluation mode on its device, with its tokenizer.

    Attributes:
        model: A transformers model of the class that ``head`` names.
        tokenizer: Its fast tokenizer.
        max_tokens: Longest input in tokens, special tokens included, that model and tokenizer allow.
        pad_id: Token id for padding; any id will do where the tokenizer has none, because padding is masked.
        replicas: The same model on further devices.
        words: Ids of tokens that the model has a vector for.
    """

    model: Any  # a PreTrainedModel; None where it is not asked for
    tokenizer: PreTrainedTokenizerFast
    device: Device
    max_tokens: int
    pad_id: int
    replicas: tuple[Replica, ...] = ()
    words: int = UNBOUNDED


def load(
    checkpoint: Checkpoint, head: Head, device: Device, tokenizer: PreTrainedTokenizerFast | None = None
) -> Loaded:
    """Load tokenizer and weights, on every device that ``device`` names.

    Args:
        tokenizer: The checkpoint's, where it has been read before: a large vocabulary takes longer than the weights.

    Raises:
        UserError: weights are missing, left over or of other sizes; the tokenizer has no fast version.
    """
    tokenizer = tokenizer or load_tokenizer(checkpoint)
    model, report = _read_weights(checkpoint, head, device)
    _check_weights(checkpoint, head, type(model).__name__, report)
    loaded = without_model(checkpoint, tokenizer, type(model), device)
    model.config.pad_token_id = loaded.pad_id  # decoder-style sequence heads find the last real token by it
    model = model.eval().to(device.name)
    if head is Head.SPAN:
        _check_question(checkpoint, model, loaded)
    if device.name == "cpu":
        from xharness.compute import cpu, kernels

        cpu.keep_freed_memory()
        kernels.speed_up(model)
    return replace(loaded, model=model, replicas=_replicas(checkpoint, head, device))


def _replicas(checkpoint: Checkpoint, head: Head, device: Device) -> tuple[Replica, ...]:
    """One for every further device; threads are shared out."""
    import torch

    threads = max(1, torch.get_num_threads() // (1 + len(device.others)))
    return tuple(Replica(partial(load, checkpoint, head, other), other, threads) for other in device.others)


def _read_weights(checkpoint: Checkpoint, head: Head, device: Device) -> tuple[Any, LoadingReport]:
    """The model, and what transformers says of its weights."""
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    try:
        model, report = getattr(transformers, auto_class(checkpoint, head)).from_pretrained(
            checkpoint.path,
            dtype=device.dtype,
            use_safetensors=not checkpoint.pickled,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # they are in the report
        )
    except Exception as error:  # transformers raises many types here, all of them about the files
        raise UserError(
            f"cannot load {checkpoint.path} as {head.value}",
            first_line(error),
            "check that config.json and weights belong together and are whole",
        ) from error
    return model, report


def without_model(
    checkpoint: Checkpoint, tokenizer: PreTrainedTokenizerFast, model_class: type[PreTrainedModel], device: Device
) -> Loaded:
    """Everything about a model but the model: enough to encode texts for it. Narrows the tokenizer to its inputs.

    Raises:
        UserError: the tokenizer gives tokens that the model has no vector for, or cannot be put to use.
    """
    inputs = inputs_of(checkpoint)
    words = UNBOUNDED if inputs.words is None else inputs.words
    known = range(words)
    taken = inspect.signature(model_class.forward).parameters
    tokenizer.model_input_names = [name for name in tokenizer.model_input_names if name in taken]
    templates = single_template(tokenizer), pair_template(tokenizer)
    if inputs.types is not None and max(map(_highest_type, templates)) >= inputs.types:
        tokenizer.model_input_names = [name for name in tokenizer.model_input_names if name != "token_type_ids"]
    _check_vocabulary(checkpoint, tokenizer, words, templates)
    if tokenizer.unk_token_id not in known:
        tokenizer.unk_token = None  # transformers adds the one of the family where the files have none
    padding: tuple[Any, ...] = (inputs.counted_from, tokenizer.pad_token_id, tokenizer.eos_token_id)
    pad_id = next((i for i in padding if i in known), 0)
    limits = [inputs.positions, tokenizer.model_max_length]
    max_tokens = min((int(limit) for limit in limits if limit and limit < UNBOUNDED), default=UNBOUNDED)
    return Loaded(None, tokenizer, device, max_tokens, int(pad_id), words=words)


def _highest_type(template: SpecialTokenTemplate) -> int:
    """The highest token type in inputs of a template; -1 if they have none."""
    return max(template.token_types(1, 1) or [-1])


def _check_vocabulary(
    checkpoint: Checkpoint, tokenizer: PreTrainedTokenizerFast, words: int, templates: Sequence[SpecialTokenTemplate]
) -> None:
    """Refuse a tokenizer that can give an id beyond the word embeddings.

    Special tokens beyond them may have been added for padding, or by transformers; they count if the tokenizer puts
    them around texts or in the place of what it does not know.
    """
    ids: dict[str, int] = tokenizer.get_vocab()
    if all(i < words for i in ids.values()):
        return
    used = {i for template in templates for i in (*template.before, *template.between, *template.after)}
    if tokenizer.unk_token in tokenizer.backend_tokenizer.get_vocab(with_added_tokens=False):
        used.add(tokenizer.unk_token_id)
    special = {i for i, token in tokenizer.added_tokens_decoder.items() if token.special} - used
    beyond = [token for token, i in ids.items() if i >= words and i not in special]
    if beyond:
        shown = ", ".join(sorted(beyond, key=ids.__getitem__)[:3]) + (", ..." if len(beyond) > 3 else "")
        raise UserError(
            f"the tokenizer in {checkpoint.path} has tokens that the model does not know ({shown})",
            f"its ids go up to {max(ids[token] for token in beyond)}, and the model has vectors for {words}",
            "copy the tokenizer of the model that it was trained from, or train it with embeddings for these tokens",
        )


def _check_question(checkpoint: Checkpoint, model: PreTrainedModel, loaded: Loaded) -> None:
    """Refuse a model that cannot take a question in the tokenizer's template: Longformer's counts its separators."""
    import torch

    template = pair_template(loaded.tokenizer)
    plain = next(i for i in range(loaded.words) if i not in (*template.ids([]), loaded.pad_id))
    inputs: dict[str, Any] = {"input_ids": template.ids([plain], [plain]), "token_type_ids": template.token_types(1, 1)}
    tensors = {name: torch.tensor([row], device=model.device) for name, row in inputs.items() if row is not None}
    try:
        with torch.inference_mode():
            model(**tensors, attention_mask=torch.ones_like(tensors["input_ids"]))
    except (AssertionError, IndexError, ValueError) as error:
        raise UserError(
            f"{checkpoint.path} cannot take a question and its context",
            first_line(error),
            "use the tokenizer that it was trained with, and the sep_token_id of that tokenizer in config.json",
        ) from error


def encoder_class(checkpoint: Checkpoint) -> type:
    """The class of transformers that holds the bare encoder of a checkpoint."""
    return inputs_of(checkpoint).encoder


def _check_weights(checkpoint: Checkpoint, head: Head, model: str, report: LoadingReport) -> None:
    """Refuse weights that are missing, of another shape than the model's, or of blocks that the model lacks."""
    # A pooler is not read by any head of ours but the sequence heads, which have weights of their own for it.
    missing = [key for key in report["missing_keys"] if head is not Head.ENCODER or "pooler" not in key]
    resized = [f"{key} is {list(there)}, not {list(ours)}" for key, there, ours in report["mismatched_keys"]]
    left = [key for key in report["unexpected_keys"] if not (key.startswith("decoder.") and _is_cut(checkpoint))]
    surplus = [key for key in left if re.search(r"\blayers?\.\d+\.", key)]
    for names, what, why in (
        (missing, "lacks weights", f"of {model} missing from the file: they would be random"),
        (resized, "has weights of other sizes", f"of another shape than {model} has by its config.json"),
        (surplus, "has weights without a place", f"of blocks that {model} does not have by its config.json"),
    ):
        if names:
            shown = ", ".join(sorted(names)[:3]) + (", ..." if len(names) > 3 else "")
            raise UserError(
                f"{checkpoint.path} {what} ({shown})",
                f"{len(names)} weight{'s' if len(names) > 1 else ''} {why}",
                "check that config.json and weights belong together",
            )


def _is_cut(checkpoint: Checkpoint) -> bool:
    """True for an encoder that is loaded out of a file that may hold its decoder, too."""
    return checkpoint.model_type in TEXT_ENCODERS


def load_tokenizer(checkpoint: Checkpoint) -> PreTrainedTokenizerFast:
    """The checkpoint's fast tokenizer. Raises UserError if its files cannot be read."""
    from transformers import AutoTokenizer

    try:
        with without_collection():
            tokenizer = AutoTokenizer.from_pretrained(checkpoint.path, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # transformers raises many types here, all of them about the files
        raise UserError(
            f"cannot read the tokenizer in {checkpoint.path}",
            first_line(error),
            "copy the tokenizer files of the original model again",
        ) from error
    if not tokenizer.is_fast:
        raise UserError(
            f"the tokenizer in {checkpoint.path} has no fast version",
            "xharness maps answers back to the text by the fast tokenizer's offsets",
            "save it once with a tokenizer.json",
        )
    if type(tokenizer.model_max_length) not in (int, float):
        raise UserError(
            f"cannot read the tokenizer in {checkpoint.path}",
            f"its model_max_length is {str(tokenizer.model_max_length)[:40]!r}, not a number",
            "copy the tokenizer files of the original model again",
        )
    return tokenizer
