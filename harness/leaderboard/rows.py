"""One row of a leaderboard, wherever it comes from, and the protocol that it was obtained by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from xharness.comparison.source import Source

Training = Literal["zero-shot", "beyond English", "not known"]
Retrieval = Literal["frozen", "tuned", "not known", "none"]
TRAINING: Mapping[Training, str] = {
    "zero-shot": "zero-shot: labelled data in English only",
    "beyond English": "trained on data beyond English",
    "not known": "training data not known",
}
RETRIEVAL: Mapping[Retrieval, str] = {
    "frozen": "retrieval by the encoder as pretrained",
    "tuned": "retrieval by an encoder that was tuned on other tasks",
    "not known": "retrieval by an encoder of which this is not known",
    "none": "without retrieval",
}


@dataclass(frozen=True)
class Protocol:
    """What must be equal before two numbers may stand in one column.

    Attributes:
        training: Which languages labelled data were seen in.
        retrieval: Which encoder answered BUCC and Tatoeba; ``none`` for a row without them.
        test: How the test data differ from the whole; empty if they do not.
    """

    training: Training
    retrieval: Retrieval
    test: str = ""

    def __str__(self) -> str:
        parts = (TRAINING[self.training], RETRIEVAL[self.retrieval], self.test)
        return "; ".join(part for part in parts if part)

    @property
    def order(self) -> tuple[bool, int, int, str]:
        """Where its section stands."""
        return bool(self.test), list(TRAINING).index(self.training), list(RETRIEVAL).index(self.retrieval), self.test


@dataclass(frozen=True, eq=False)
class LeaderboardRow:
    """One model.

    Attributes:
        scores: Percent by name: ``all_task``, groups and tasks of the benchmark, as far as they are complete.
        partial: Tasks of which some languages are missing: percent, number of languages, and of how many.
        languages: Percent by task and language.
        seeds: The name of the runs that it is one seed of; empty for a run by itself.
        run: The run behind the row; None for one that is quoted.
        sources: Where quoted values come from.
        parameters: Number of parameters; None if nobody said.
        untrained: By task, why the training of the model that answered it came to nothing.
    """

    model: str
    protocol: Protocol
    scores: Mapping[str, float]
    languages: Mapping[str, Mapping[str, float]]
    participant: str = ""
    affiliation: str = ""
    date: str = ""
    parameters: int | None = None
    pretraining_data: str = ""
    links: Sequence[str] = ()
    note: str = ""
    partial: Mapping[str, tuple[float, int, int]] = field(default_factory=dict)
    untrained: Mapping[str, str] = field(default_factory=dict)
    seeds: str = ""
    run: Source | None = None
    sources: Sequence[str] = field(default=())

    @property
    def marked(self) -> str:
        """The model's name, with the tasks that its training came to nothing for."""
        return f"{self.model} [did not train: {', '.join(self.untrained)}]" if self.untrained else self.model

    @property
    def quoted(self) -> bool:
        """Published elsewhere, not measured here."""
        return self.run is None
