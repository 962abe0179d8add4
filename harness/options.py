"""What a user can say about an evaluation, as one typed value; the command line and Python fill in the same."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from harness.predict.spans import SpanOptions
from harness.retrieve.approximate import EXACT, check_index
from harness.retrieve.bucc import PLACES
from harness.retrieve.bucc import Settings as MiningSettings
from harness.retrieve.margin import MARGINS
from harness.retrieve.mining import RETRIEVALS
from tasks.base import Kind
from tasks.errors import UserError, suggestion


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """Everything that ``xharness evaluate`` takes.

    Attributes:
        model: A Hugging Face folder, or a suite: a folder of them named after tasks.
        data: Folder with ``download/`` and ``labels/``, or a ``download/`` folder itself.
        out: Run folder; the same command continues an interrupted run in it.
        tasks: Comma-separated names of tasks and groups; None means all of XTREME and every added task.
        langs: Comma-separated languages; None means all that the data hold.
        layer: Block for retrieval: a number (1-based, negative from the end), last, reference or sweep.
        batch_tokens: Bound on padded tokens in a batch; None lets the device decide.
        limit: First N examples of each cell only; such a run is no submission.
        max_length: Longest input in word pieces; None means the task's own.
        resamples: Bootstrap resamples behind the intervals; 0 leaves the intervals out.
    """

    model: Path
    data: Path
    out: Path
    tasks: str | None = None
    langs: str | None = None
    labels: Path | None = None
    layer: str = "reference"
    pooling: str = "mean"
    device: str = "auto"
    precision: str = "auto"
    batch_tokens: int | None = None
    limit: int | None = None
    seed: int = 0
    resamples: int = 1000
    max_length: int | None = None
    reference_quirks: bool = False
    allow_pickle: bool = False
    overwrite: bool = False
    tasks_from: Path | None = None
    span: SpanOptions = field(default_factory=SpanOptions)
    mining: MiningSettings = field(default_factory=MiningSettings)

    def check(self) -> None:
        """Refuse impossible values. Needs no torch.

        Raises:
            UserError: naming the value and the possible ones.
        """
        from harness import device
        from harness.layers import check_spelling, resolve_pooling

        device.check_names(self.device, self.precision)
        check_spelling(self.layer)
        resolve_pooling(self.pooling)
        check_index(self.mining.index)
        _one_of("margin", self.mining.margin, MARGINS)
        _one_of("retrieval", self.mining.retrieval, RETRIEVALS)
        _one_of("vectors", self.mining.vectors, PLACES)
        least = {
            "batch-tokens": (self.batch_tokens, 1),
            "limit": (self.limit, 1),
            "resamples": (self.resamples, 0),
            "max-length": (self.max_length, 8),
            "k": (self.mining.k, 1),
            "chunk": (self.mining.chunk, 1),
            "doc-stride": (self.span.doc_stride, 1),
            "max-question-length": (self.span.max_question_length, 1),
            "max-answer-length": (self.span.max_answer_length, 1),
            "n-best": (self.span.best, 1),
        }
        for name, (value, lowest) in least.items():
            if value is not None and value < lowest:
                raise UserError(f"--{name} is {value}", f"it must be at least {lowest}", f"give {lowest} or more")

    def that_change_answers(self, kind: Kind, precision: str) -> dict[str, Any]:
        """The options that can change the answers of one kind of task: part of a cell's key, and nothing else is.

        Args:
            precision: The resolved one. Batch size counts only where rounding is coarse enough to matter.
        """
        relevant: dict[str, Any] = {
            "precision": precision,
            "limit": self.limit,
            "max_length": self.max_length,
            "reference_quirks": self.reference_quirks,
        }
        if precision != "fp32":
            relevant["batch_tokens"] = self.batch_tokens
        if kind in (Kind.RETRIEVAL, Kind.MINING):
            relevant |= {"layer": self.layer, "pooling": self.pooling}
        if kind is Kind.MINING:
            default = [
                name for name, value in (("index", EXACT), ("vectors", "memory")) if getattr(self.mining, name) == value
            ]
            how_not_what = {"gpu", "chunk", *default}
            relevant |= {name: value for name, value in asdict(self.mining).items() if name not in how_not_what}
        if kind is Kind.SPAN:
            relevant = asdict(self.span) | relevant  # --max-length is the window here, too
        return relevant


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a value that is not in the list."""
    if value not in known:
        raise UserError(f"unknown {name} '{value}'", f"--{name} knows {len(known)} values", suggestion(value, known))
