"""The parent's config as a phase trains it, and whether its dropout is drawn by training instances. No torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xharness.checkpoints.architecture import read_config
from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.tasks.recipe import Recipe

if TYPE_CHECKING:
    from transformers import PretrainedConfig

    from xharness.train.objectives import Objective

DROPOUTS = {
    "dropout": (
        "hidden_dropout_prob", "hidden_dropout", "classifier_dropout", "classifier_dropout_prob", "embedding_dropout",
        "mlp_dropout", "resid_pdrop", "embd_pdrop", "pooler_dropout", "dropout", "dropout_rate",
    ),
    "attention": ("attention_probs_dropout_prob", "attention_dropout", "attn_pdrop"),
}  # fmt: skip
# Architectures of which every dropout is a layer's whose input has the texts first, or is that of attention: it goes
# through transformers' interface for some, where on a GPU it is fused with the products, and is a layer for others.
BY_INTERFACE = (
    "albert", "bert", "camembert", "distilbert", "electra", "ernie", "modernbert", "mt5", "roberta", "t5",
    "xlm-roberta", "xlm-roberta-xl",
)  # fmt: skip
BY_LAYER = ("deberta-v2", "mpnet", "rembert")


def configured(parent: Checkpoint, recipe: Recipe, pad_id: int, objective: Objective | None = None) -> PretrainedConfig:
    """The parent's config as :func:`trained_config` has it, with the labels of one task."""
    config = trained_config(parent, recipe)
    config.pad_token_id = pad_id
    labels = objective.labels if objective else ()
    if labels:
        config.id2label = dict(enumerate(labels))
        config.label2id = {label: number for number, label in enumerate(labels)}
    elif objective and objective.head is Head.SPAN:
        config.num_labels = 2
    return config


def trained_config(parent: Checkpoint, recipe: Recipe) -> PretrainedConfig:
    """The parent's config with the recipe's dropout."""
    config = read_config(parent)
    changes = {"dropout": recipe.dropout, "attention": recipe.attention_dropout}
    for name in list(config.to_dict()):
        for part, value in changes.items():
            if value is not None and name in DROPOUTS[part]:
                setattr(config, name, value)
    return config


def by_micro_batch(config: PretrainedConfig, device: str, compiled: bool) -> str | None:
    """Why masks of dropout are drawn for a micro-batch, in words; None if each instance has its own, or there are none.

    Args:
        config: From :func:`trained_config`.
        device: ``cpu``, ``cuda``, or one of several.
        compiled: Whether the encoder is.
    """
    shares = [name for name, value in config.to_dict().items() if "drop" in name and _is_some(value)]
    if not shares:
        return None
    if compiled:
        return "--compile makes code of its own for dropout"
    if config.model_type in BY_LAYER:
        return None
    if config.model_type not in BY_INTERFACE:
        return f"{config.model_type} drops where xharness does not reach"
    attention = {"dropout_rate", *DROPOUTS["attention"]}.intersection(shares)
    return "attention on a GPU is fused with its dropout" if attention and not device.startswith("cpu") else None


def _is_some(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
