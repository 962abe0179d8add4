"""What a checkpoint is and what it can answer, and what the cache holds. Weights are counted, never loaded."""

from __future__ import annotations

import json
from dataclasses import dataclass

from xharness.checkpoints.architecture import auto_class, read_config
from xharness.checkpoints.checkpoint import Checkpoint, inspect
from xharness.checkpoints.compatibility import Compatible
from xharness.checkpoints.hub import MAIN, PREFIX, HubModel, cache, origin
from xharness.checkpoints.provenance import chain, changed, did_not_train, seen_by
from xharness.checkpoints.sentence_model import is_sentence_model, read_sentence_model
from xharness.compute.inputs import inputs_of
from xharness.evaluation.selection import match
from xharness.predict.layers import layer_signature
from xharness.submissions.zero_shot import SIGN
from xharness.tasks.common.errors import UserError, printable
from xharness.tasks.registry import built_in

TRAINING_BYTES = 16  # an fp32 weight, its gradient and AdamW's two moments


@dataclass(frozen=True)
class Cached:
    """A model in the cache.

    Attributes:
        main: True for the commit that the id means without a revision.
        size: Bytes of its files on disk.
        checkpoint: What it is; None if it cannot be used, and ``problem`` says why.
    """

    hub: HubModel
    main: bool
    size: int
    checkpoint: Checkpoint | None
    problem: str = ""


def cached(*, allow_pickle: bool = True) -> list[Cached]:
    """Every model in the cache, at every commit that is there, in order of ids. Folders without a config are left out.

    Args:
        allow_pickle: List models with pickle weights as usable; nothing is unpickled.
    """
    found = []
    for config in sorted(cache().glob(f"{PREFIX}*/snapshots/*/config.json")):
        hub = origin(config.parent)
        assert hub is not None  # the pattern is that of the cache
        reference = config.parents[2] / "refs" / MAIN
        main = reference.is_file() and reference.read_text(encoding="utf-8").strip() == hub.revision
        size = sum(file.stat().st_size for file in config.parent.iterdir() if file.is_file())
        try:
            found.append(Cached(hub, main, size, inspect(config.parent, allow_pickle=allow_pickle)))
        except UserError as error:
            found.append(Cached(hub, main, size, None, f"{error.what}: {error.why}".replace(f"{config.parent}/", "")))
    return found


def parameters(checkpoint: Checkpoint) -> int:
    """Number of weights of the model as it is loaded: with its head, without a decoder. Imports torch."""
    import torch
    import transformers

    transformers.utils.logging.set_verbosity_error()
    config = read_config(checkpoint)
    with torch.device("meta"):
        model = getattr(transformers, auto_class(checkpoint, checkpoint.head)).from_config(config)
    return sum(parameter.numel() for parameter in model.parameters())


def gigabytes(count: int, bytes_each: int = 1) -> str:
    """``1.12 GB``, of 10⁹ bytes; ``2.8 MB`` for what is less than a tenth of one."""
    size = count * bytes_each
    return f"{size / 1e9:.2f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"


def facts(checkpoint: Checkpoint, weights: int) -> dict[str, str | int]:
    """What ``models show`` says, in order; empty values do not apply.

    Args:
        weights: From :func:`parameters`.
    """
    found = {task.name: match(task, {"": checkpoint}) for task in built_in().values()}
    answers = [name for name, fitting in found.items() if isinstance(fitting, Compatible)]
    longest = inputs_of(checkpoint).positions
    bare = checkpoint.head.removeprefix("AutoModelFor").removeprefix("AutoModel")
    return {
        "hub": str(checkpoint.hub or ""),
        "folder": str(checkpoint.path),
        "architecture": checkpoint.model_type,
        "head": bare or "none: a bare encoder",
        "labels": _labels(checkpoint),
        "blocks": checkpoint.blocks,
        "width": _width(checkpoint),
        "longest input": f"{longest} tokens" if longest else "",
        "parameters": weights,
        "weights in memory": f"{gigabytes(weights, 4)} in fp32, {gigabytes(weights, 2)} in bf16",
        "to fine-tune it": f"{gigabytes(weights, TRAINING_BYTES)} for weights, gradients and AdamW, plus activations",
        "block for retrieval": _block(checkpoint),
        "embedding model": _embedding(checkpoint),
        "can answer": ", ".join(answers),
        "made by": _made_by(checkpoint),
        "did not train": _untrained(checkpoint),
        "zero-shot": _zero_shot(checkpoint),
        "weights": "pickle, which needs --allow-pickle" if checkpoint.pickled else "safetensors",
        "fingerprint": checkpoint.fingerprint,
    }


def _block(checkpoint: Checkpoint) -> str:
    """The block that ``--layer auto`` reads."""
    usual = "last" if is_sentence_model(checkpoint.path) else "reference"
    return layer_signature(usual, checkpoint.blocks) if checkpoint.blocks else ""


def _embedding(checkpoint: Checkpoint) -> str:
    """What ``--pooling auto`` and ``--prompt auto`` stand for; empty for other models."""
    model = read_sentence_model(checkpoint.path)
    if model is None:
        return ""
    if model.refused:
        return f"its vectors cannot be made: {model.refused}"
    parts = {"pooling": model.pooling, **model.signature_parts(prompted=True), "longest": str(model.longest or "")}
    said = [f"{name} {value}" for name, value in parts.items() if value]
    said += [f"prompt {name}: {json.dumps(text)}" for name, text in model.prompts.items()]
    default = f", of which {model.default_prompt} is put before every text" if model.default_prompt else ""
    return printable("; ".join(said) + default)


def _labels(checkpoint: Checkpoint) -> str:
    """Labels of a head that has named ones."""
    names = checkpoint.labels if checkpoint.config.get("id2label") else ()
    return ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")


def _width(checkpoint: Checkpoint) -> int | str:
    """Size of a token's vector; T5 and its kin call it otherwise."""
    return next(
        (int(checkpoint.config[key]) for key in ("hidden_size", "d_model", "dim") if key in checkpoint.config), ""
    )


def _made_by(checkpoint: Checkpoint) -> str:
    """The phases behind a checkpoint that xharness trained."""
    if not checkpoint.provenance:
        return ""
    since = f" (changed since: {', '.join(names)})" if (names := changed(checkpoint)) else ""
    return " → ".join(chain(checkpoint.path)) + since


def _untrained(checkpoint: Checkpoint) -> str:
    """Why the training of a checkpoint came to nothing."""
    return "; ".join(did_not_train(checkpoint.provenance))


def _zero_shot(checkpoint: Checkpoint) -> str:
    """Whether a checkpoint that xharness trained is, and why not."""
    seen = seen_by(checkpoint.provenance)
    if not seen and changed(checkpoint):
        return "not known: files were changed since"
    return f"{SIGN} no: {'; '.join(seen)}" if seen else "yes" if checkpoint.provenance else ""
