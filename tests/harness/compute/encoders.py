"""Random encoders of many families, as small as they can be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.models import tiny_tokenizer
from xharness.checkpoints.checkpoint import Checkpoint, find
from xharness.compute.loading import load_tokenizer

SIZES = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64,
    "max_position_embeddings": 50, "initializer_range": 0.3,
}  # fmt: skip
FROM_PADDING: dict[str, dict[str, Any]] = {
    "roberta": {}, "xlm-roberta": {}, "camembert": {}, "longformer": {"attention_window": [8, 8]}, "mpnet": {},
    "luke": {}, "ibert": {}, "data2vec-text": {}, "xlm-roberta-xl": {}, "roberta-prelayernorm": {}, "esm": {},
    "xmod": {"languages": ["en_XX"], "default_language": "en_XX"},
}  # fmt: skip
LABELS = ("contradiction", "entailment", "neutral")


def config_of(family: str, **more: Any) -> Any:
    from transformers import AutoConfig

    options: dict[str, Any] = {**SIZES, "vocab_size": 120, "pad_token_id": 1, **FROM_PADDING.get(family, {}), **more}
    return AutoConfig.for_model(family, **options)


def save(folder: Path, config: Any, tokenizer: str = "bert") -> Checkpoint:
    """A random classifier with the tokenizer of a family of its own."""
    import torch
    import transformers

    made = tiny_tokenizer(folder, tokenizer)
    config.vocab_size, config.id2label = len(made), dict(enumerate(LABELS))
    config.label2id = {label: number for number, label in enumerate(LABELS)}
    torch.manual_seed(0)
    transformers.AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    return find(folder)[""]


def with_token(folder: Path, token: str, *, special: bool = False) -> Checkpoint:
    """A BERT whose tokenizer was given one token more than the model has."""
    from tokenizers import AddedToken

    save(folder, config_of("bert"))
    tokenizer = load_tokenizer(find(folder)[""])
    tokenizer.add_tokens([AddedToken(token, special=special)], special_tokens=special)
    tokenizer.save_pretrained(folder)
    return find(folder)[""]
