"""Whether a training came to anything: is the trained model above chance on English dev, and did its loss fall?

Fine-tuning on few examples may end in a model that guesses, and its score on test then says nothing of the encoder. A
phase that did so is marked in the provenance of its checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.chance import chance_level, tail
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.metrics.intervals import spread
from xharness.train.loop.metric_logging import read_log
from xharness.train.loop.training_progress import TrainingProgress
from xharness.train.loop.validation import DevEvaluation, ValidationSet, first

LEVEL = 0.05
"""A score is above chance if guessing gives it with at most this probability."""
MOST_EXAMPLES = 1000
"""Of English dev, the first ones, where it was not answered to choose the weights."""
LEAST_LOGGED = 8
"""Losses in a log from which on it is said whether they fell."""


def doubts(
    evaluation: DevEvaluation, members: Iterable[str], progress: TrainingProgress, log: Path
) -> dict[str, list[str]]:
    """By member of the phase, why its training came to nothing; members without a reason are left out.

    What chose the weights has answered English dev with them, all of it. Where nothing chose, or the training was
    interrupted since, that is done here: then of all of it, too, or else of the first examples.

    Args:
        evaluation: With the models as they are kept.
        members: All of the phase.
    """
    flat = loss_doubt([entry["loss"] for entry in read_log(log) if "loss" in entry])
    found = dict.fromkeys(members, flat)
    for name, languages in evaluation.sets.items():
        if "en" not in languages:
            continue
        if progress.best is None:
            said = dev_doubt(
                first(languages["en"], MOST_EXAMPLES), partial(evaluation.first_english, name, MOST_EXAMPLES)
            )
        else:
            said = dev_doubt(languages["en"], partial(evaluation.english, name, progress.best_step))
        found[name] = [*said, *flat]
    return {name: why for name, why in found.items() if why}


def loss_doubt(losses: Sequence[float]) -> list[str]:
    """Whether no later quarter of the logged losses has a lower mean than the first one."""
    if len(losses) < LEAST_LOGGED:
        return []
    first, *later = (float(part.mean()) for part in np.array_split(np.asarray(losses), 4))
    if min(later) < first:
        return []
    return [
        f"the training loss never fell: its mean is {first:.3f} over the first quarter of the log, and "
        f"{min(later):.3f} or more over each later one"
    ]


def dev_doubt(dev: ValidationSet, answered: Callable[[], Items]) -> list[str]:
    """Whether a model is not above chance on a dev set; nothing where chance is not known.

    Args:
        answered: What the model's answers are worth; asked where chance is known.
    """
    level = chance_level(dev.task, dev.language, dev.examples, dev.gold)
    if level is None:
        return []
    items = answered()
    if isinstance(dev.task.metric, Accuracy):
        return right_or_wrong_doubt(int(items.statistics[:, 0].sum()), len(items.ids), level)
    return interval_doubt(dev, items, level)


def right_or_wrong_doubt(right: int, count: int, level: float) -> list[str]:
    """Whether a number of right answers is not above chance, by the binomial distribution.

    Args:
        level: What guessing gives, in percent.
    """
    probability = tail(right, count, level / 100)
    if probability <= LEVEL or tail(count, count, level / 100) > LEVEL:  # so few that not even all would be above
        return []
    return [
        f"{right} of {count} are right on English dev, which is not above chance ({level:.1f} %): guessing gives as "
        f"many with probability {probability:.2f}, and the bound is {LEVEL}"
    ]


def interval_doubt(dev: ValidationSet, items: Items, level: float) -> list[str]:
    """Whether the 95 % interval of a score reaches down to chance, or lies below."""
    metric = dev.task.metric

    def score(totals: FloatArray) -> FloatArray:
        scores = metric.aggregate(totals)
        return np.stack([np.mean([scores[name] for name in metric.primary_scores], axis=0)], axis=-1)

    found = spread(items, score)
    if not found.clusters:
        return []
    low, high = found.interval()
    if low > level:
        return []
    said = f"{float(found.scores[0]):.1f}, 95 % interval [{low:.1f}, {high:.1f}]"
    return [f"the score on English dev ({said}) is not above chance ({level:.1f})"]
