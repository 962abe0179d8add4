"""One encoder under any number of heads, and the standard checkpoints that come out of it."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from xharness.checkpoints.architecture import auto_class
from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.compute.loading import LoadingReport
from xharness.tasks.common.errors import UserError, first_line
from xharness.tasks.recipe import Recipe
from xharness.train.configured import configured
from xharness.train.dual_encoder import DualEncoder, write_modules
from xharness.train.lora import adapt
from xharness.train.lora_options import LoraOptions
from xharness.train.objectives import Objective
from xharness.train.objectives.base import TrainingInstance
from xharness.train.objectives.masked_lm import vocabulary_of
from xharness.train.packed import reading

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

BELONG = "check that config.json and weights belong together"
NUMBERED = re.compile(r"(.*?\.)\d+\.")
"""A weight of one of several blocks, and what precedes the block's number."""


class SharedModel(torch.nn.Module):
    """Heads of the Auto classes over one shared encoder.

    Attributes:
        encoder: The encoder; every head calls this one.
        heads: The head model of each task, by task name; each holds the same encoder.
    """

    def __init__(
        self, encoder: PreTrainedModel, heads: Mapping[str, torch.nn.Module], objectives: Mapping[str, Objective]
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.heads = torch.nn.ModuleDict(dict(heads))
        self.objectives = objectives

    def forward(
        self, task: str, inputs: Mapping[str, torch.Tensor], instances: Sequence[TrainingInstance]
    ) -> torch.Tensor:
        """Summed loss of a micro-batch of one task."""
        objective = self.objectives[task]
        with reading(objective.positions_read(instances, inputs["input_ids"].shape[-1])):
            return objective.compute(self.heads[task], inputs, instances)


class Pooler(StrEnum):
    """What becomes of the layer that some encoders end in, which few heads read."""

    KEPT = "kept"  # loaded, and in every checkpoint, so that a later phase finds it whatever this one trains
    FRESH = "fresh"  # the parent has none; it is in the checkpoints of heads that train it
    ABSENT = "absent"  # of this architecture


@dataclass(frozen=True)
class Built:
    """A model ready to train."""

    model: SharedModel
    pooler: Pooler


def build(
    parent: Checkpoint,
    objectives: Mapping[str, Objective],
    recipe: Recipe,
    pad_id: int,
    *,
    keeps_head: bool = False,
    low_rank: LoraOptions | None = None,
) -> Built:
    """The parent's encoder under fresh heads, seeded by the recipe, or under the parent's own head.

    Args:
        low_rank: Learn by low-rank matrices; None for every weight.

    Raises:
        UserError: a weight of the encoder is not in the parent's file; the pooler only where it never had one.
    """
    torch.manual_seed(recipe.seed)
    encoder, report = _encoder(parent, configured(parent, recipe, pad_id))
    pooler = _pooler(parent, encoder, report)
    _require_whole(parent, encoder, report, pooler)
    if low_rank:
        adapt(encoder, low_rank, fresh_pooler=pooler is Pooler.FRESH)
    heads: dict[str, torch.nn.Module] = {}
    masked: PreTrainedModel | None = None
    for name, objective in objectives.items():
        config = configured(parent, recipe, pad_id, objective)
        if objective.head is Head.MASKED:
            masked = masked or _masked_head(parent, config, encoder)  # one for all languages
            heads[name] = masked
        else:
            heads[name] = _head(parent, objective, config, encoder, keeps_head=keeps_head)
    return Built(SharedModel(encoder, heads, objectives), pooler)


def _encoder(parent: Checkpoint, config: PretrainedConfig) -> tuple[PreTrainedModel, LoadingReport]:
    """The parent's encoder in fp32, and what transformers says of its weights."""
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    try:
        encoder, report = getattr(transformers, auto_class(parent, Head.ENCODER)).from_pretrained(
            parent.path,
            config=config,
            dtype=torch.float32,
            use_safetensors=not parent.pickled,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except RuntimeError as error:  # what transformers raises if shapes differ, with a table of several lines
        raise UserError(
            f"the weights of {parent.path} do not fit", "they have other shapes than its config.json says", BELONG
        ) from error
    except Exception as error:  # of many types, all of them about the files
        raise UserError(f"cannot load {parent.path}", first_line(error), BELONG) from error
    return encoder, report


def _require_whole(parent: Checkpoint, encoder: PreTrainedModel, report: LoadingReport, pooler: Pooler) -> None:
    """Refuse an encoder with weights that are not in the file, or a file with weights that are not in the encoder."""
    lost = sorted(key for key in set(report["missing_keys"]) if pooler is not Pooler.FRESH or "pooler" not in key)
    for keys, what in ((lost, "are not in the file"), (_left(encoder, report), "have no place in the model")):
        if keys:
            named = f"{', '.join(keys[:3])}{', ...' if len(keys) > 3 else ''}"
            raise UserError(
                f"the encoder of {parent.path} is not whole", f"{len(keys)} weights {what}: {named}", BELONG
            )


def _head(
    parent: Checkpoint, objective: Objective, config: PretrainedConfig, encoder: PreTrainedModel, *, keeps_head: bool
) -> torch.nn.Module:
    """The head of an objective over the encoder: its own, the parent's, or a fresh one."""
    import transformers

    if own := objective.own_head(encoder):
        return own
    head: torch.nn.Module
    if keeps_head:
        head = _own_head(parent, config, objective.head)
    else:
        head = getattr(transformers, objective.head.value).from_config(config, dtype=torch.float32)
    setattr(head, str(head.base_model_prefix), encoder)
    return head


def _pooler(parent: Checkpoint, encoder: PreTrainedModel, report: LoadingReport) -> Pooler:
    """What becomes of the pooler; it is not fresh if a part of it is there, or if an earlier phase has kept it."""
    if getattr(encoder, "pooler", None) is None:
        return Pooler.ABSENT
    had = (parent.provenance or {}).get("pooler") == Pooler.KEPT
    missing = sum("pooler" in key for key in report["missing_keys"])
    return Pooler.KEPT if had or missing < len(encoder.pooler.state_dict()) else Pooler.FRESH


def _left(encoder: PreTrainedModel, report: LoadingReport) -> list[str]:
    """Weights of further blocks in the file: the config has fewer. Those of heads and decoders are none of them."""
    blocks = {found[1] for name, _ in encoder.named_parameters() if (found := NUMBERED.match(name))}
    names = {key: key.removeprefix(f"{encoder.base_model_prefix}.") for key in report["unexpected_keys"]}
    return sorted(
        key
        for key, name in names.items()
        if (found := NUMBERED.match(name)) and found[1] in blocks and not name.endswith(".inv_freq")  # old buffers
    )


def _own_head(parent: Checkpoint, config: PretrainedConfig, head: Head) -> PreTrainedModel:
    """The parent's own model with its head.

    Raises:
        UserError: a weight of it is not in the parent's file.
    """
    import transformers

    model, report = getattr(transformers, head.value).from_pretrained(
        parent.path,
        config=config,
        dtype=torch.float32,
        use_safetensors=not parent.pickled,
        local_files_only=True,
        trust_remote_code=False,
        output_loading_info=True,
    )
    if lost := sorted(report["missing_keys"]):
        why, fix = f"its file lacks {', '.join(lost[:3])}", "train its phase again"
        raise UserError(f"the head of {parent.path} cannot be trained on", why, fix)
    return model


def _masked_head(parent: Checkpoint, config: PretrainedConfig, encoder: Any) -> Any:
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
    try:
        head = transformers.AutoModelForMaskedLM.from_pretrained(
            parent.path, config=config, dtype=torch.float32, use_safetensors=not parent.pickled, local_files_only=True
        )
    except Exception as error:  # of many types, all of them about the files
        raise UserError(f"cannot load {parent.path} for masked words", first_line(error), BELONG) from error
    vocabulary_of(head)  # refuses what it does not know
    setattr(head, head.base_model_prefix, encoder)
    head.tie_weights()
    return head


def save_checkpoint(built: Built, task: str, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """A standard Hugging Face checkpoint of one head and the encoder, labels and tokenizer included."""
    head: Any = built.model.heads[task]
    if isinstance(head, DualEncoder):
        _plain(head.encoder, built.pooler).save_pretrained(folder)
        write_modules(head, folder)
    else:
        _plain(head, built.pooler).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    let_others_read(folder)


def let_others_read(folder: Path) -> None:
    """Some packages write files for their owner's eyes only; these are for whoever may read the folder."""
    for file in folder.rglob("*"):
        file.chmod(file.stat().st_mode | (folder.stat().st_mode & 0o044))


def _plain(head: PreTrainedModel, pooler: Pooler) -> PreTrainedModel:
    """A model of the head's own class with its weights; a pooler that the class does not have only if it is kept."""
    with torch.device("meta"):  # no time for weights that are drawn and then replaced
        fresh = type(head)(head.config)
    if pooler is Pooler.KEPT:
        fresh.base_model.pooler = copy.deepcopy(head.base_model.pooler).cpu()
    wanted = fresh.state_dict().keys()
    weights = {key: value.cpu() for key, value in head.state_dict().items() if key in wanted}
    fresh.load_state_dict(weights, assign=True)
    fresh.tie_weights()
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
