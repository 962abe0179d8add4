"""Smoothed prediction: the vote over copies of a text with words drawn from their synonyms.

It is what robust training with synonyms trains for (Huang et al. 2021, arXiv 2104.08645, after Ye et al. 2020, arXiv
2005.14424). The prediction is smoothed and nothing more: no certificate is computed, because its proof needs the set
of all texts within reach and a bound on the vote that these few copies do not give.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xharness.tasks.synonyms import Synonyms
from xharness.tasks.types.text_classification import SentencePair


@dataclass(frozen=True)
class Smoothing:
    """How the copies of a text are drawn. The unchanged text is not among them but by chance, as in training.

    Attributes:
        votes: How many copies there are.
    """

    synonyms: Synonyms
    votes: int
    seed: int

    def copies(self, pair: SentencePair) -> Iterator[tuple[str, str | None]]:
        """The texts of each copy; they depend on the seed and the texts alone, whatever else is answered."""
        for number in range(self.votes):
            drawn = pair.with_words(self.synonyms.drawn(f"{self.seed}\0{number}\0{pair.first}\0{pair.second or ''}"))
            yield drawn.first, drawn.second
