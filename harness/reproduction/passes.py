"""Which evaluations a comparison needs: one, and one more for each way to make vectors that was published."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from xharness.checkpoints.checkpoint import Checkpoint
from xharness.evaluation.answer.authors import NO_PROMPT
from xharness.evaluation.answer.embedding import EmbeddingSettings
from xharness.evaluation.options import EvaluateOptions
from xharness.predict.layers import AUTO
from xharness.reproduction.published import PublishedResult
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError


def passes(
    options: EvaluateOptions,
    task: Task,
    checkpoint: Checkpoint,
    results: Sequence[PublishedResult],
    *,
    poolings: Sequence[str] = (),
    prompts: Sequence[str] = (),
) -> list[EvaluateOptions]:
    """The evaluations, the one without further options first. Each has a folder of its own in ``options.out``.

    Args:
        poolings, prompts: Further ones that the user wants to see, in every combination.

    Raises:
        UserError: a pooling or prompt that the checkpoint does not have, or that the task does not read.
    """
    options = replace(options, tasks=task.name)
    if not task.type.retrieves:
        if poolings or prompts:
            option = "pooling" if poolings else "prompt"
            why = "there are no vectors, and it would be ignored"
            raise UserError(f"--{option} with {task.name}", why, "leave it out, or name a task of retrieval")
        return [replace(options, out=options.out / "run")]
    usual = EmbeddingSettings.of(options, task, checkpoint)
    wanted = [(AUTO, AUTO), *map(_stated, results), *product(poolings or (AUTO,), prompts or (AUTO,))]
    found: dict[tuple[str, str], EvaluateOptions] = {}
    for pooling, prompt in wanted:
        chosen = replace(options, layer="sweep", pooling=AUTO if pooling == usual.pooling else pooling, prompt=prompt)
        settings = EmbeddingSettings.of(chosen, task, checkpoint)
        found.setdefault((settings.pooling, settings.prompt), replace(chosen, out=options.out / _folder(settings)))
    return list(found.values())


def _stated(result: PublishedResult) -> tuple[str, str]:
    """Pooling and prompt of a published result, as options."""
    prompt = result.protocol.get("prompt", AUTO)
    return result.protocol.get("pooling", AUTO), prompt or NO_PROMPT


def _folder(settings: EmbeddingSettings) -> str:
    """A name for people, another one for every prompt: ``mean-no-prompt``, ``mean-query``, ``mean-query-1f0c2a9b``."""
    if not settings.prompt:
        return f"{settings.pooling}-no-prompt"
    words = re.sub(r"[^a-z0-9]+", "-", settings.prompt.lower()).strip("-")[:40]
    usual = settings.prompt == f"{words}: "
    digest = hashlib.sha256(settings.prompt.encode()).hexdigest()[:8]
    return "-".join(filter(None, (settings.pooling, words, "" if usual else digest)))


def names_of(checkpoint: Checkpoint, options: EvaluateOptions) -> Iterator[str]:
    """What a checkpoint may be called where it was published: its folder, its hub id, what its config remembers."""
    yield options.model.name
    yield checkpoint.name
    yield str(checkpoint.config.get("_name_or_path") or "")
