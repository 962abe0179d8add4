"""Text pairs: a query and the text that belongs to it, which dual encoders for ranking and bitext tasks learn from."""

from dataclasses import dataclass

from xharness.tasks.types.trained_only import TrainedOnly


@dataclass(frozen=True, slots=True)
class TextPair:
    """A query and its document, both as a model reads them."""

    id: str
    query: str
    document: str


class TextPairs(TrainedOnly[TextPair]):
    """Pairs; the documents of the other pairs of a group are what a query does not mean."""

    name = "text_pairs"
    title = "dual encoding of text pairs"
    example = TextPair


TEXT_PAIRS = TextPairs()
