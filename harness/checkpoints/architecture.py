"""What transformers can make of a checkpoint: its architecture, a head on it, and a model of the size of its weights.

Functions that need transformers, or torch, import them when they are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.checkpoints.weights import size_of_weights
from xharness.tasks.common.errors import UserError, suggestion

if TYPE_CHECKING:
    from transformers import PretrainedConfig

FAR = 4  # times as large as the weights: not a matter of heads and tied matrices any more
TEXT_ENCODERS = {"t5", "mt5", "umt5"}  # encoder-decoders whose encoder transformers can load alone
DECODER_HEADS = (Head.SEQUENCE, Head.SPAN, Head.CHOICE)  # of the T5 family: trained through the decoder


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


def read_config(checkpoint: Checkpoint) -> PretrainedConfig:
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

    tensors, numbers = size_of_weights(() if checkpoint.pickled else checkpoint.weights)
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
