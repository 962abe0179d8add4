"""A task type, a task and a metric that xharness does not have: how similar are two sentences, as a number?

One file, as ``--tasks-from`` takes it. The type names this module as its plug-in, where its answerer and its objective
are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.compute.loading import Loaded
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.base import Answerer, AnswerRequest, CellAnswers
from xharness.evaluation.options import EvaluateOptions
from xharness.tasks.base import FloatArray, Items, Recipe, Split, Task
from xharness.tasks.common.errors import Problem
from xharness.tasks.types.base import GoldFile, Line, Parsed, TaskType
from xharness.tasks.types.files import parse_lines, read, render_lines
from xharness.tasks.types.findings import Expected, Finding, PredictionFile, wrong_count
from xharness.train.objectives.base import HeadObjective, TrainingInstance

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class ScoredPair:
    """Two sentences. ``label`` is the similarity, where the file carries it."""

    id: str
    first: str
    second: str
    label: float | None
    facts: ClassVar[dict[str, str]] = {}


class Similarity(TaskType[ScoredPair, list[str], list[str]]):
    """A number a line."""

    name = "similarity"
    title = "sentence similarity"
    example = ScoredPair
    in_order = True
    plugin = __name__

    def parse_answers(self, path: Path) -> Parsed[list[str]]:
        return read(parse_lines, path)

    parse_gold = parse_answers

    def render(self, answers: list[str]) -> str:
        return render_lines(answers)

    def first(
        self, examples: Sequence[ScoredPair], gold: list[str] | None, limit: int
    ) -> tuple[Sequence[ScoredPair], list[str] | None]:
        return examples[:limit], None if gold is None else gold[:limit]

    def take(
        self, examples: Sequence[ScoredPair], gold: list[str], places: Sequence[int]
    ) -> tuple[list[ScoredPair], list[str]]:
        return [examples[place] for place in places], [gold[place] for place in places]

    def gold_problems(self, gold: GoldFile[ScoredPair, list[str]]) -> Iterator[Line]:
        for line, text in zip(gold.parsed.lines, gold.parsed.answers, strict=True):
            if not is_number(text):
                yield line, f"'{text}' is not a number"

    def expected_of_gold(self, gold: list[str], source: str) -> Expected:
        return Expected(len(gold), source)

    def findings(self, file: PredictionFile[list[str]]) -> Iterator[Finding]:
        yield from wrong_count(len(file.answers), file.expected, "number")
        for line, text in zip(file.lines, file.answers, strict=True):
            if not is_number(text):
                yield Finding(line, f"'{text}' is not a number", fatal=True)

    def view(self, examples: Sequence[ScoredPair], gold: list[str] | None) -> SimilarityView:
        return SimilarityView(examples, gold or [])


class SimilarityView:
    def __init__(self, examples: Sequence[ScoredPair], gold: list[str]) -> None:
        self.examples, self.gold = examples, gold

    def raw(self, answers: list[str], item: str) -> str:
        return answers[int(item)]

    def inputs(self, item: str) -> dict[str, str]:
        example = self.examples[int(item)]
        return {"first": example.first, "second": example.second}

    def texts(self, item: str, *runs: list[str]) -> list[str]:
        return [self.raw(answers, item) for answers in (self.gold, *runs)]

    def similarity_names(self, _answers: list[str], _item: str) -> Sequence[str]:
        return ()


def is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


@dataclass(frozen=True)
class Pearson:
    """Pearson's correlation times 100, from sums of x, y, their squares and their product."""

    name: ClassVar[str] = "pearson"
    columns: ClassVar[tuple[str, ...]] = ("n", "x", "y", "xx", "yy", "xy")
    official_scores: ClassVar[tuple[str, ...]] = ("pearson",)
    primary_scores: ClassVar[tuple[str, ...]] = ("pearson",)

    def measure(self, gold: list[str], answers: list[str], _language: str) -> Items:
        x, y = np.array(answers, dtype=np.float64), np.array(gold, dtype=np.float64)
        ids = tuple(map(str, range(len(gold))))
        return Items(ids, ids, np.column_stack([np.ones_like(x), x, y, x * x, y * y, x * y]))

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        n, x, y, xx, yy, xy = (totals[..., column] for column in range(6))
        spread = np.sqrt(np.maximum(n * xx - x * x, 0) * np.maximum(n * yy - y * y, 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            return {"pearson": np.where(spread > 0, 100 * (n * xy - x * y) / spread, 0.0)}


class SimilarityAnswerer(Answerer[None]):
    """The one output of a classifier's head."""

    head = Head.SEQUENCE

    def settings(self, _options: EvaluateOptions, _task: Task, _checkpoint: Checkpoint) -> None:
        """Nothing of its own."""

    def answer(self, request: AnswerRequest[None]) -> tuple[list[CellAnswers], Throughput]:
        from xharness.predict.pairs import encode_pairs
        from xharness.predict.stream import stream

        pairs = request.stream(ScoredPair)
        ids, types = encode_pairs(
            request.loaded, [pair.first for pair in pairs], [pair.second for pair in pairs], request.max_length
        )
        found = np.zeros(len(pairs))

        def use(batch: Any, output: Any) -> None:
            found[batch] = output.logits[:, 0].float().cpu().numpy()

        spent = stream(request.loaded, ids, types, use, batch_tokens=request.batch_tokens, progress=request.progress)
        return [CellAnswers(part) for part in request.by_cell([f"{value:.6f}" for value in found.tolist()])], spent


class SimilarityObjective(HeadObjective):
    """Squared error."""

    head = Head.SEQUENCE

    @classmethod
    def labels_for(cls, _task: Task, _examples: Sequence[ScoredPair]) -> Sequence[str]:
        return ("similarity",)

    @classmethod
    def make_instances(
        cls, _task: Task, _labels: Sequence[str], examples: Sequence[ScoredPair], loaded: Loaded, recipe: Recipe
    ) -> list[TrainingInstance]:
        from xharness.predict.pairs import encode_pairs

        rows, types = encode_pairs(loaded, [e.first for e in examples], [e.second for e in examples], recipe.max_length)
        return [
            TrainingInstance(example.id, (row,), (row_types,), (round(1000 * (example.label or 0)),), 1, place)
            for place, (example, row, row_types) in enumerate(zip(examples, rows, types, strict=True))
        ]

    def loss(self, output: Any, instances: Sequence[TrainingInstance]) -> torch.Tensor:
        import torch

        wanted = torch.tensor([instance.target[0] / 1000 for instance in instances], device=output.logits.device)
        return torch.nn.functional.mse_loss(output.logits[:, 0].float(), wanted, reduction="sum")


ANSWERER = SimilarityAnswerer()
OBJECTIVE = SimilarityObjective


class SimilarityReader:
    """Lines of sentence TAB sentence, and TAB similarity in train and dev."""

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        path = folder / f"{split}-{language}.tsv"
        return (path,) if path.is_file() else ()

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:
        if not (files := self.find(folder, language, split)):
            raise FileNotFoundError(folder)
        examples, problems = [], []
        for number, line in enumerate(files[0].read_text(encoding="utf-8").splitlines(), start=1):
            first, tab, rest = line.partition("\t")
            second, labelled, label = rest.partition("\t")
            if not tab:
                problems.append(Problem(files[0], number, "no tab"))
            examples.append(ScoredPair(str(number), first, second, float(label) if labelled else None))
        labels = [str(example.label) for example in examples]
        return Split(examples, None if split == "test" else labels, files, tuple(problems))


TASK = Task(
    name="similar",
    title="How similar are two sentences?",
    type=Similarity(),
    group="similarity",
    languages=("en", "de"),
    metric=Pearson(),
    reader=SimilarityReader(),
    parallel=True,
    max_length=32,
    recipe=Recipe(learning_rate=1e-3, epochs=3, batch_size=8, max_length=32),
    sample=("It rains. / Rain falls.", "0.9"),
    citation="none",
    licence="none",
    source="made up",
)
