"""One encoder under any number of heads, and the standard checkpoints that come out of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from harness.checkpoint import Checkpoint, Head, auto_class
from harness.train.masked import vocabulary_of
from harness.train.objectives import Objective, Unit
from harness.train.recipes import TrainRecipe
from harness.train.unpadded import reading
from tasks.errors import UserError

NUMBERED = re.compile(r"(.*?\.)\d+\.")
"""A weight of one of several blocks, and what precedes the block's number."""


class SharedModel(torch.nn.Module):
    """Heads of the Auto classes over one shared encoder.

    Attributes:
        encoder: The encoder; every head calls this one.
        heads: The head model of each task, by task name; each holds the same encoder.
    """

    def __init__(self, encoder: Any, heads: Mapping[str, Any], objectives: Mapping[str, Objective]) -> None:
        super().__init__()
        self.encoder = encoder
        self.heads = torch.nn.ModuleDict(dict(heads))
        self.objectives = objectives

    def forward(self, task: str, inputs: Mapping[str, torch.Tensor], units: Sequence[Unit]) -> torch.Tensor:
        """Summed loss of a micro-batch of one task."""
        objective = self.objectives[task]
        with reading(objective.read(units, inputs["input_ids"].shape[-1])):
            return objective.compute(self.heads[task], inputs, units)


@dataclass(frozen=True)
class Built:
    """A model ready to train.

    Attributes:
        pooler: What became of the pooler: ``loaded``, ``fresh`` (its weights were not there) or ``absent``.
    """

    model: SharedModel
    pooler: str


def build(parent: Checkpoint, objectives: Mapping[str, Objective], recipe: TrainRecipe, pad_id: int) -> Built:
    """The parent's encoder under fresh heads, seeded by the recipe.

    Raises:
        UserError: a weight of the encoder is not in the parent's file.
    """
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(recipe.seed)
    fix = "check that config.json and weights belong together"
    try:
        encoder, report = getattr(transformers, auto_class(parent, Head.ENCODER)).from_pretrained(
            parent.path,
            config=_config(parent, recipe, pad_id, None),
            dtype=torch.float32,
            use_safetensors=not parent.pickled,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except RuntimeError as error:  # what transformers raises if shapes differ, with a table of several lines
        raise UserError(
            f"the weights of {parent.path} do not fit", "they have other shapes than its config.json says", fix
        ) from error
    missing = set(report["missing_keys"])
    lost = sorted(key for key in missing if "pooler" not in key)
    for keys, what in ((lost, "are not in the file"), (_left(encoder, report), "have no place in the model")):
        if keys:
            named = f"{', '.join(keys[:3])}{', ...' if len(keys) > 3 else ''}"
            raise UserError(f"the encoder of {parent.path} is not whole", f"{len(keys)} weights {what}: {named}", fix)
    pooled = getattr(encoder, "pooler", None) is not None
    pooler = "fresh" if missing else "loaded" if pooled else "absent"
    heads: dict[str, Any] = {}
    masked: Any = None
    for name, objective in objectives.items():
        config = _config(parent, recipe, pad_id, objective)
        if objective.head is Head.MASKED:
            masked = masked or _masked_head(parent, config, encoder)  # one for all languages
            heads[name] = masked
            continue
        head = getattr(transformers, objective.head.value).from_config(config, dtype=torch.float32)
        setattr(head, head.base_model_prefix, encoder)
        heads[name] = head
    return Built(SharedModel(encoder, heads, objectives), pooler)


def _left(encoder: Any, report: Mapping[str, Any]) -> list[str]:
    """Weights of further blocks in the file: the config has fewer. Those of heads and decoders are none of them."""
    blocks = {found[1] for name, _ in encoder.named_parameters() if (found := NUMBERED.match(name))}
    names = {key: key.removeprefix(f"{encoder.base_model_prefix}.") for key in report["unexpected_keys"]}
    return sorted(
        key
        for key, name in names.items()
        if (found := NUMBERED.match(name)) and found[1] in blocks and not name.endswith(".inv_freq")  # old buffers
    )


def _masked_head(parent: Checkpoint, config: Any, encoder: Any) -> Any:
    """The parent's own head for masked words where it has one, else a fresh one, tied to the encoder's embeddings.

    Raises:
        UserError: the architecture has no such head.
    """
    import transformers

    if type(config) not in transformers.MODEL_FOR_MASKED_LM_MAPPING:
        raise UserError(
            f"{parent.model_type} cannot learn masked words",
            "transformers has no head for masked language modelling for it",
            "leave mlm out, or start from another architecture",
        )
    head = transformers.AutoModelForMaskedLM.from_pretrained(
        parent.path, config=config, dtype=torch.float32, use_safetensors=not parent.pickled, local_files_only=True
    )
    vocabulary_of(head)  # refuses what it does not know
    setattr(head, head.base_model_prefix, encoder)
    head.tie_weights()
    return head


def _config(parent: Checkpoint, recipe: TrainRecipe, pad_id: int, objective: Objective | None) -> Any:
    """The parent's config with the labels of one task and the recipe's dropout."""
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(parent.path, local_files_only=True, trust_remote_code=False)
    config.pad_token_id = pad_id
    changes = {"dropout": recipe.dropout, "attention": recipe.attention_dropout}
    for name in list(config.to_dict()):
        for part, value in changes.items():
            if value is not None and name in DROPOUTS[part]:
                setattr(config, name, value)
    labels = objective.labels if objective else ()
    if labels:
        config.id2label = dict(enumerate(labels))
        config.label2id = {label: number for number, label in enumerate(labels)}
    elif objective and objective.head is Head.SPAN:
        config.num_labels = 2
    return config


DROPOUTS = {
    "dropout": (
        "hidden_dropout_prob", "hidden_dropout", "classifier_dropout", "classifier_dropout_prob", "embedding_dropout",
        "mlp_dropout", "resid_pdrop", "embd_pdrop", "pooler_dropout", "dropout",
    ),
    "attention": ("attention_probs_dropout_prob", "attention_dropout", "attn_pdrop"),
}  # fmt: skip


def save_checkpoint(model: SharedModel, task: str, tokenizer: Any, folder: Path) -> None:
    """A standard Hugging Face checkpoint of one head and the encoder, labels and tokenizer included."""
    head = model.heads[task]
    _plain(head).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    for file in folder.iterdir():  # some are written for their owner's eyes only
        file.chmod(file.stat().st_mode | (folder.stat().st_mode & 0o044))


def _plain(head: Any) -> Any:
    """A model of the head's own class with its weights: without a pooler that the class does not have."""
    fresh = type(head)(head.config)
    wanted = fresh.state_dict().keys()
    fresh.load_state_dict({key: value.cpu() for key, value in head.state_dict().items() if key in wanted})
    return fresh


class WordGradient:
    """Lets a micro-batch's gradient of the word embeddings be the rows of its words, not a matrix full of zeros.

    On a processor, filling and adding matrices of a whole vocabulary for every micro-batch costs as much as a good part
    of the pass. :meth:`fill` makes one matrix of the rows at the end of the step, the same one at every step.

    Args:
        wanted: Whether to do so.
    """

    def __init__(self, model: SharedModel, wanted: bool) -> None:
        embeddings = model.encoder.get_input_embeddings()
        self._weight: Any = embeddings.weight if wanted and type(embeddings) is torch.nn.Embedding else None
        if self._weight is not None:
            embeddings.sparse = True
        self._matrix: torch.Tensor | None = None
        self._filled = torch.empty(0, dtype=torch.int64)

    def fill(self) -> None:
        """Make a gradient that is rows whole, as the optimizer and other processes want it."""
        rows = None if self._weight is None else self._weight.grad
        if rows is None or not rows.is_sparse:  # where the vocabulary's logits have a gradient, too, it is whole
            return
        if self._matrix is None:
            self._matrix = torch.zeros_like(self._weight)
        self._matrix.index_fill_(0, self._filled, 0)
        self._filled = rows._indices()[0]
        self._weight.grad = self._matrix.index_add_(0, self._filled, rows._values())


def parameter_groups(model: torch.nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Weights that decay, and biases and norms that do not."""
    still = {
        id(parameter)
        for module in model.modules()
        for name, parameter in module.named_parameters(recurse=False)
        if name == "bias" or "norm" in type(module).__name__.lower()
    }
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [
        {"params": [p for p in parameters if id(p) not in still], "weight_decay": weight_decay},
        {"params": [p for p in parameters if id(p) in still], "weight_decay": 0.0},
    ]
