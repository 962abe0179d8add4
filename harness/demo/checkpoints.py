"""Models for the demo world, none of them trained: where pretraining starts, and a suite to try the way with.

Equal worlds and seeds give equal bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from xharness.demo.files import World
from xharness.demo.tokenizer import MAX_LENGTH, SPECIAL, make_tokenizer
from xharness.demo.whole import make_whole
from xharness.tasks import panx, pawsx, udpos, xnli
from xharness.tasks.data import MADE_UP
from xharness.tasks.registry import XTREME, built_in

if TYPE_CHECKING:
    from transformers import PretrainedConfig

Write: TypeAlias = Callable[[Path, World, int], None]

HIDDEN = 64
LAYERS = 3

# Folder of the suite: class of transformers and label names (none: the class's own).
SUITE: dict[str, tuple[str, tuple[str, ...]]] = {
    "encoder": ("XLMRobertaModel", ()),
    "xnli": ("XLMRobertaForSequenceClassification", xnli.TASK.labels),
    "pawsx": ("XLMRobertaForSequenceClassification", pawsx.TASK.labels),
    "udpos": ("XLMRobertaForTokenClassification", udpos.TASK.labels),
    "panx": ("XLMRobertaForTokenClassification", panx.TASK.labels),
    "squad": ("XLMRobertaForQuestionAnswering", ("start", "end")),
    "tydiqa": ("XLMRobertaForQuestionAnswering", ("start", "end")),
    "xcopa": ("XLMRobertaForMultipleChoice", ()),
}


def members(world: World) -> list[str]:
    """The folders of the suite that answer tasks of the world."""
    folders = {folder for name in world.benchmark.languages for folder in built_in()[name].suite_folders}
    return [name for name in SUITE if name in folders]


def _config(vocabulary: int, labels: tuple[str, ...]) -> PretrainedConfig:
    """XLM-R's shape, tiny. Positions start at 2, so 512 pieces need 514 of them."""
    from transformers import XLMRobertaConfig

    named = {"id2label": dict(enumerate(labels)), "label2id": {label: i for i, label in enumerate(labels)}}
    return XLMRobertaConfig(
        vocab_size=vocabulary,
        hidden_size=HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=4,
        intermediate_size=4 * HIDDEN,
        max_position_embeddings=MAX_LENGTH + 2,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        bos_token_id=SPECIAL.index("<s>"),
        pad_token_id=SPECIAL.index("<pad>"),
        eos_token_id=SPECIAL.index("</s>"),
        **(named if labels else {}),
    )


def write_models(folder: Path, data: Path, *, seed: int = 0) -> Path:
    """Write a suite of untrained XLM-R-style checkpoints for the world at ``data`` to ``folder`` and return ``folder``.

    Sub-folders named in :data:`SUITE`, those that answer tasks of the world, share one random encoder under random
    heads, so scores are at chance. Returns at once if the suite for this world and seed is there already.

    Raises:
        UserError: The folder holds something else.
    """
    return _write(folder, data, seed, "suite", _write_suite)


def write_start(folder: Path, data: Path, *, seed: int = 0) -> Path:
    """Write an untrained encoder with a head for masked words, for pretraining to start from, and return ``folder``.

    It is a tiny ModernBERT (Warner et al. 2024): rotary positions and normalisation before each layer learn several
    times as fast as XLM-R's design at this size.

    Raises:
        UserError: The folder holds something else.
    """
    return _write(folder, data, seed, "start", _write_start)


def _write(folder: Path, data: Path, seed: int, what: str, write: Write) -> Path:
    """Write checkpoints for the world at ``data``, once."""
    world = json.loads((data / MADE_UP).read_text(encoding="utf-8"))["made_from"]

    def make(part: Path) -> None:
        version = world.get("version", XTREME.name)  # worlds of earlier versions do not say
        write(part, World(world["seed"], world["size"], version), seed)

    make_whole(folder, {"seed": seed, "world": world, "what": what}, make)
    return folder


def _write_suite(folder: Path, world: World, seed: int) -> None:
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    tokenizer = make_tokenizer(world)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        encoder = transformers.XLMRobertaModel(_config(len(tokenizer), ()))
        for name in members(world):
            class_name, labels = SUITE[name]
            model = getattr(transformers, class_name)(_config(len(tokenizer), labels))
            # Heads without a pooler leave the encoder's aside.
            model.base_model.load_state_dict(encoder.state_dict(), strict=False)
            model.save_pretrained(folder / name)
            tokenizer.save_pretrained(folder / name)


def _write_start(folder: Path, world: World, seed: int) -> None:
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    tokenizer = make_tokenizer(world)
    special = {name: SPECIAL.index(token) for name, token in (("pad", "<pad>"), ("bos", "<s>"), ("eos", "</s>"))}
    config = transformers.ModernBertConfig(
        vocab_size=len(tokenizer),
        hidden_size=96,
        num_hidden_layers=LAYERS,
        num_attention_heads=4,
        intermediate_size=128,
        max_position_embeddings=MAX_LENGTH,
        local_attention=2 * MAX_LENGTH,  # wide enough that every block sees all of a text
        classifier_pooling="cls",
        pad_token_id=special["pad"],
        bos_token_id=special["bos"],
        cls_token_id=special["bos"],
        eos_token_id=special["eos"],
        sep_token_id=special["eos"],
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        transformers.ModernBertForMaskedLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
