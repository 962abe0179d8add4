"""Retrieval under a protocol: its block and pooling, and the checkpoints and options that contradict it."""

from __future__ import annotations

from dataclasses import replace

from xharness.checkpoints.checkpoint import Checkpoint
from xharness.checkpoints.provenance import chain, tasks_of
from xharness.checkpoints.sentence_model import read_sentence_model
from xharness.evaluation.answer import answerer_of, can_be_answered
from xharness.evaluation.options import EvaluateOptions
from xharness.predict.layers import AUTO
from xharness.tasks.base import RetrievalProtocol, Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.intermediate import INTERMEDIATE

POOLER = "pooler"
OPTION = "--tatoeba-protocol"


def followed(options: EvaluateOptions, task: Task, checkpoint: Checkpoint) -> EvaluateOptions:
    """The options as the protocol of the task has them; as they are without one.

    Raises:
        UserError: an option or a checkpoint that contradicts it.
    """
    if not task.protocol:
        return options
    protocol = task.protocols[task.protocol]
    _check_training(task.protocol, protocol, checkpoint)
    dual = protocol.pooling == POOLER
    wanted = {"layer": protocol.layer, "pooling": AUTO if dual else protocol.pooling, "prompt": "none"}
    possible = {
        "layer": (AUTO, protocol.layer, "sweep"),
        "pooling": (AUTO, wanted["pooling"]),
        "prompt": (AUTO, "none"),
    }
    for name, words in possible.items():
        if (given := getattr(options, name)) not in words:
            why = f"the protocol takes {name} {protocol.pooling if name == 'pooling' else wanted[name]}"
            fix = f"leave --{name} out, or evaluate the encoder as it is, without {OPTION}"
            raise UserError(f"--{name} {given} with {OPTION} {task.protocol}", why, fix)
    layer = options.layer if options.layer == "sweep" else protocol.layer
    return replace(options, layer=layer, pooling=wanted["pooling"], prompt=wanted["prompt"])


def doubted(task: Task, checkpoint: Checkpoint) -> str:
    """What a user should know of a checkpoint that does not tell what it was trained on; empty if it tells."""
    if not task.protocol or checkpoint.provenance is not None:
        return ""
    trained = task.protocols[task.protocol].trained_on
    return f"protocol {task.protocol}: {checkpoint.path} does not tell what it was trained on; taken to be {trained}"


def _check_training(name: str, protocol: RetrievalProtocol, checkpoint: Checkpoint) -> None:
    """Refuse a checkpoint that was not trained as the protocol says, as far as its files tell.

    Raises:
        UserError: with what it was trained on.
    """
    if why := _contradiction(protocol, checkpoint):
        train = f"xharness finetune --task {protocol.trained_on}"
        fix = f"give one of {train}, or evaluate the encoder as it is, without {OPTION}"
        raise UserError(f"{checkpoint.path} does not fit {OPTION} {name}", why, fix)


def _contradiction(protocol: RetrievalProtocol, checkpoint: Checkpoint) -> str:
    """Why a checkpoint is not the one that the protocol means; empty if nothing says so."""
    record, wanted = checkpoint.provenance, INTERMEDIATE.get(protocol.trained_on)
    if record is not None and tasks_of(record) != [protocol.trained_on]:
        phases = " → ".join(chain(checkpoint.path))
        return f"it takes a model whose last training was on {protocol.trained_on}, and this one is {phases}"
    if wanted and can_be_answered(wanted) and checkpoint.head is not answerer_of(wanted).head:
        return f"it takes a model with a head for {wanted.type.title}, and this one has none"
    model = read_sentence_model(checkpoint.path)
    if protocol.pooling == POOLER and not (model and model.dense):
        return "it takes the output of the pooler that a dual encoder was trained with, and this one was not"
    return ""
