"""What a user can say about an evaluation, as one typed value; the command line and Python fill in the same."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from xharness.compute.device import check_names
from xharness.predict.layers import AS_TRAINED, AUTO, check_prompt, check_spelling, resolve_pooling
from xharness.predict.spans import SpanOptions
from xharness.retrieve.approximate import check_index
from xharness.retrieve.bucc import PLACES, MiningOptions
from xharness.retrieve.margin import MARGINS
from xharness.retrieve.mining import RETRIEVALS
from xharness.retrieve.ranking import RankingSearch
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.files import sha256
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.outputs import check_folder
from xharness.tasks.protocols import FROZEN
from xharness.tasks.registry import XTREME, benchmark

VOTES = 15
"""Copies of a text that vote: odd, so that two labels do not tie."""


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """Everything that ``xharness evaluate`` takes.

    Attributes:
        model: A Hugging Face folder, or a suite: a folder of them named after tasks.
        data: Folder with ``download/`` and ``labels/``, or a ``download/`` folder itself.
        out: Run folder; the same command continues an interrupted run in it.
        version: The benchmark that scores are averaged for: ``xtreme`` or ``xtreme-r``.
        tasks: Comma-separated names of tasks and groups; None means all of the benchmark and every added task.
        langs: Comma-separated languages; None means all that the data hold.
        label_names: Comma-separated names of a head's outputs, in their order, where its config has LABEL_0, ... only.
        layer: Block for retrieval: a number (1-based, negative from the end), last, reference or sweep; auto is the
            last of an embedding model and the reference's of others.
        pooling: How tokens become a vector; auto is what an embedding model's files say, and the mean of others;
            as-trained is the mean but for ranking by a dual encoder, whose training decides.
        prompt: What is put before every text of retrieval: a text, the name of one of the model's prompts, none, or
            auto: the model's default.
        tatoeba_protocol: ``frozen`` for the encoder as it is; or the name of one of the task's protocols, which decides
            layer, pooling and prompt, and the member of a suite.
        batch_tokens: Bound on padded tokens in a batch; None lets the device decide.
        limit: First N examples of each cell only; such a run is not a submission.
        max_length: Longest input in word pieces; None means the task's own.
        synonyms: A file of synonyms; a text is then answered by the vote over copies of it with words drawn anew.
        votes: How many copies vote; None is :data:`VOTES`.
        resamples: 0 leaves the intervals out; they need no resampling, so that no other number changes them.
    """

    model: Path
    data: Path
    out: Path
    version: str = XTREME.name
    tasks: str | None = None
    langs: str | None = None
    labels: Path | None = None
    label_names: str | None = None
    layer: str = "auto"
    pooling: str = "auto"
    prompt: str = "auto"
    tatoeba_protocol: str = FROZEN
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
    span: SpanOptions = SpanOptions()  # noqa: RUF009  # frozen
    mining: MiningOptions = MiningOptions()  # noqa: RUF009  # frozen
    ranking: RankingSearch = RankingSearch()  # noqa: RUF009  # frozen
    synonyms: Path | None = None
    votes: int | None = None

    def check(self) -> None:
        """Refuse impossible values. Needs no torch.

        Raises:
            UserError: naming the value and the possible ones.
        """
        check_names(self.device, self.precision)
        benchmark(self.version)
        check_folder(self.out)
        if self.layer != AUTO:
            check_spelling(self.layer)
        if self.pooling not in (AUTO, AS_TRAINED):
            resolve_pooling(self.pooling)
        check_prompt(self.prompt)
        check_index(self.mining.index)
        check_index(self.ranking.index)
        _one_of("margin", self.mining.margin, MARGINS)
        _one_of("retrieval", self.mining.retrieval, RETRIEVALS)
        _one_of("vectors", self.mining.vectors, PLACES)
        self._check_labels()
        self._check_least()
        self._check_votes()
        self._check_window()

    def _check_labels(self) -> None:
        """Refuse names of labels for a folder, and two labels of one name."""
        if self.labels and "," in str(self.labels) and not self.labels.exists():
            why = "--labels takes the folder of the gold files"
            raise UserError(f"no labels folder at {self.labels}", why, f"names of outputs: --label-names {self.labels}")
        names = self.named_labels
        if self.label_names is not None and (len(set(names)) < len(names) or len(names) < 2):
            why = "each output of a head has a name of its own"
            raise UserError(f"cannot use --label-names {self.label_names}", why, "for example no,yes")

    @property
    def named_labels(self) -> list[str]:
        """``label_names`` one by one."""
        return [name.strip() for name in (self.label_names or "").split(",") if name.strip()]

    def _check_least(self) -> None:
        """Refuse numbers that are too small."""
        least = {
            "batch-tokens": (self.batch_tokens, 1),
            "limit": (self.limit, 1),
            "votes": (self.votes, 1),
            "resamples": (self.resamples, 0),
            "max-length": (self.max_length, 8),
            "k": (self.mining.k, 1),
            "chunk": (self.mining.chunk, 1),
            "doc-stride": (self.span.doc_stride, 1),
            "max-question-length": (self.span.max_question_length, 1),
            "max-answer-length": (self.span.max_answer_length, 1),
            "n-best": (self.span.best, 1),
            "span.max-length": (self.span.max_length, 8),
        }
        for name, (value, lowest) in least.items():
            if value is not None and value < lowest:
                raise UserError(f"--{name} is {value}", f"it must be at least {lowest}", f"give {lowest} or more")

    def _check_votes(self) -> None:
        """Refuse votes over copies that are all the same."""
        if self.votes and not self.synonyms:
            raise UserError(
                "--votes without --synonyms", "nothing would differ", "add --synonyms FILE, or leave it out"
            )

    def _check_window(self) -> None:
        """Refuse two longest inputs."""
        if self.max_length and self.window and self.max_length != self.window:
            raise UserError(
                f"two longest inputs: max_length is {self.max_length}, and span.max_length {self.window}",
                "a window is as long as the longest input",
                "give one of them",
            )

    @property
    def window(self) -> int | None:
        """``span.max_length`` where somebody set it; None for the task's own."""
        return None if self.span.max_length == SpanOptions.max_length else self.span.max_length

    def resolved(self, precision: str, batch_tokens: int) -> EvaluateOptions:
        """The same without ``auto``: what makes a run the run that it is, and the keys of its cells, come from it."""
        return replace(self, precision=precision, batch_tokens=self.batch_tokens or batch_tokens)

    def cache_key_fields(self) -> dict[str, Json]:
        """What of resolved options can change the answers of every task.

        The batch bound counts only where rounding is coarse enough to matter.
        """
        relevant: dict[str, Json] = {
            "precision": self.precision,
            "limit": self.limit,
            "max_length": self.max_length,
            "reference_quirks": self.reference_quirks,
        }
        return relevant | ({"batch_tokens": self.batch_tokens} if self.precision != "fp32" else {})

    def identity(self) -> dict[str, Json]:
        """What of resolved options can change the answers of any task: what makes a run the run that it is."""
        named: dict[str, Json] = {"label_names": self.named_labels} if self.label_names else {}
        return {**asdict(self.span), **self._of_types(), **self._vote(), **self.cache_key_fields(), **named}

    def _vote(self) -> dict[str, Json]:
        """What decides a vote; nothing where there is none."""
        if self.synonyms is None:
            return {}
        return {"synonyms": sha256([self.synonyms]), "votes": self.votes or VOTES, "seed": self.seed}

    def _of_types(self) -> dict[str, Json]:
        """What single types read; ``auto`` as what it stands for in a model that is not an embedding model."""
        words = {"layer": (self.layer, "reference"), "pooling": (self.pooling, "mean"), "prompt": (self.prompt, "none")}
        open_words = (AUTO, AS_TRAINED)
        meant: dict[str, Json] = {name: usual if word in open_words else word for name, (word, usual) in words.items()}
        if meant["prompt"] == "none":
            del meant["prompt"]
        if self.tatoeba_protocol != FROZEN:
            meant["tatoeba_protocol"] = self.tatoeba_protocol
        searched = {**self.mining.cache_key_fields(), **self.ranking.cache_key_fields()}
        return {**meant, "window": self.window, **searched}


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a value that is not in the list."""
    if value not in known:
        raise UserError(f"unknown {name} '{value}'", f"--{name} knows {len(known)} values", suggestion(value, known))
