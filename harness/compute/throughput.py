"""How much text went through a model, and how fast."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Throughput:
    """Counts of one phase; add them up over phases.

    Attributes:
        examples: Inputs that the model saw.
        tokens: Their tokens, special tokens included, padding not.
        padded_tokens: Tokens that the model computed: ``tokens`` and the padding.
        seconds: Wall time of the forward passes.
    """

    examples: int = 0
    tokens: int = 0
    padded_tokens: int = 0
    seconds: float = 0.0

    def __add__(self, other: Throughput) -> Throughput:
        return Throughput(
            self.examples + other.examples,
            self.tokens + other.tokens,
            self.padded_tokens + other.padded_tokens,
            self.seconds + other.seconds,
        )

    @property
    def tokens_per_second(self) -> float:
        """Tokens a second, padding not counted; 0 if no time was spent."""
        return self.tokens / self.seconds if self.seconds > 0 else 0.0

    @property
    def padding_share(self) -> float:
        """Share of the computed tokens that was padding, from 0 to 1."""
        return 1 - self.tokens / self.padded_tokens if self.padded_tokens else 0.0
