"""Words replaced by synonyms that the user lists, anew at every step: randomised smoothing by data augmentation, as
Huang et al. 2021 (arXiv 2104.08645) train with it, after Ye et al. 2020 (arXiv 2005.14424).

Every word that the list has is drawn, uniformly, from itself and its synonyms. What is drawn depends on seed, optimizer
step and example only. Labels stay; words inside of a gold answer are never touched, and the places of answers are
computed again; of a tagged sentence a word becomes one word, under the same tag.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from xharness.tasks.synonyms import Synonyms
from xharness.train.objectives.base import Objective, TrainingInstance


class Augmenter:
    """Makes the instance of a step from the words that the step draws; see :attr:`Objective.augment`.

    Args:
        kind: Class of the objective, which knows what may change in an example.
        encode: Instances of examples, as those of the training examples were made.
    """

    def __init__(
        self,
        kind: type[Objective],
        examples: Sequence[Any],
        encode: Callable[[Sequence[Any]], list[TrainingInstance]],
        synonyms: Synonyms,
        seed: int,
    ) -> None:
        self._kind, self._examples, self._encode, self._synonyms = kind, examples, encode, synonyms
        self._seed = seed

    def __call__(self, instance: TrainingInstance, step: int) -> TrainingInstance:
        """The same part of the example with other words; its last part where it has fewer now."""
        example = self._examples[instance.example]
        words = self._synonyms.drawn(f"{self._seed}\0{step}\0{instance.example}")
        changed = self._kind.substitute(example, words)
        if changed == example or not (instances := self._encode([changed])):
            return instance
        return replace(instances[min(instance.part, len(instances) - 1)], example=instance.example, part=instance.part)
