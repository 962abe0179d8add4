"""What Python code calls: ``from xharness import evaluate, finetune, compare, score``.

Each function is the work behind the command of its name. Options are keywords, by the names of the command's options,
with the defaults of the options' classes; paths may be strings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, get_type_hints

from xharness.checkpoints.config import read_json
from xharness.comparison.comparison import CompareOptions
from xharness.evaluation.options import EvaluateOptions
from xharness.runs.reading import marks_of
from xharness.submissions.score_rows import frame
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.zero_shot import mark
from xharness.tables.html import facts_table, scores_table
from xharness.tasks.common.errors import BadFiles, Problem
from xharness.tasks.registry import benchmark
from xharness.train.options import FinetuneOptions

if TYPE_CHECKING:
    from pandas import DataFrame

    from xharness.comparison.notebook import ShownComparison
    from xharness.evaluation.evaluate import Reporter, Result
    from xharness.predict.spans import SpanOptions
    from xharness.retrieve.bucc import MiningOptions
    from xharness.retrieve.ranking import RankingSearch
    from xharness.tasks.registry import Registry
    from xharness.train.mixture_options import MixtureOptions

Options = TypeVar("Options")
RunSource: TypeAlias = "str | Path | Result"


@dataclass(frozen=True, repr=False)
class Scored:
    """Predictions that were scored without a model.

    Attributes:
        scored: The scores, typed.
        problems: What was left out or is doubtful; empty unless scored leniently.
    """

    scored: ScoresFile
    problems: Sequence[Problem]

    @cached_property
    def scores(self) -> Mapping[str, Any]:
        """The content of ``scores.json``; ``Any``, so that users may index into it."""
        return self.scored.content()

    def to_pandas(self) -> DataFrame:
        """Every number as a tidy table: :class:`xharness.submissions.score_rows.TidyRow` has the columns."""
        return frame(self.scored)

    def __repr__(self) -> str:
        return f"Scored({', '.join(self.scored.tasks)}; {len(self.problems)} problems)"

    def _repr_html_(self) -> str:
        return scores_table(self.scored)


@dataclass(frozen=True, repr=False)
class Trained:
    """A checkpoint that was trained, or a folder of them where several tasks were mixed.

    Attributes:
        folder: Give it to ``evaluate(model=...)``, or to ``finetune(model=...)`` for the next phase.
        provenance: The content of its ``xharness.json``.
        log: Losses and dev scores by step, as in ``training.jsonl``.
    """

    folder: Path
    provenance: Mapping[str, Any]
    log: Sequence[Mapping[str, Any]]

    def __repr__(self) -> str:
        return f"Trained({str(self.folder)!r})"

    def _repr_html_(self) -> str:
        kept = self.provenance.get("select", {})
        facts = {
            "tasks": ", ".join(self.provenance.get("tasks") or [self.provenance.get("task", "")]),
            "kept": f"step {kept['step']}, by {kept['on']}" if kept else "",
            "score there": kept.get("best"),
            "zero-shot": self.provenance.get("zero_shot"),
        }
        return facts_table(str(self.folder), {k: v for k, v in facts.items() if v not in ("", None)})


def evaluate(
    *,
    model: str | Path,
    data: str | Path,
    out: str | Path,
    version: str = EvaluateOptions.version,
    tasks: str | Sequence[str] | None = EvaluateOptions.tasks,
    langs: str | Sequence[str] | None = EvaluateOptions.langs,
    labels: str | Path | None = EvaluateOptions.labels,
    label_names: str | Sequence[str] | None = EvaluateOptions.label_names,
    layer: str = EvaluateOptions.layer,
    pooling: str = EvaluateOptions.pooling,
    prompt: str = EvaluateOptions.prompt,
    tatoeba_protocol: str = EvaluateOptions.tatoeba_protocol,
    device: str = EvaluateOptions.device,
    precision: str = EvaluateOptions.precision,
    batch_tokens: int | None = EvaluateOptions.batch_tokens,
    limit: int | None = EvaluateOptions.limit,
    seed: int = EvaluateOptions.seed,
    resamples: int = EvaluateOptions.resamples,
    max_length: int | None = EvaluateOptions.max_length,
    reference_quirks: bool = EvaluateOptions.reference_quirks,
    allow_pickle: bool = EvaluateOptions.allow_pickle,
    overwrite: bool = EvaluateOptions.overwrite,
    tasks_from: str | Path | None = EvaluateOptions.tasks_from,
    span: SpanOptions = EvaluateOptions.span,
    mining: MiningOptions = EvaluateOptions.mining,
    ranking: RankingSearch = EvaluateOptions.ranking,
    synonyms: str | Path | None = EvaluateOptions.synonyms,
    votes: int | None = EvaluateOptions.votes,
    reporter: Reporter | None = None,
) -> Result:
    """Evaluate a checkpoint: ``evaluate(model="ckpt", data="data", out="runs/x", tasks="xnli")``.

    Args are the attributes of :class:`xharness.evaluation.options.EvaluateOptions`; ``reporter`` is told of progress
    and of facts worth a line; in a notebook a bar is, where none is given.

    Raises:
        UserError: anything that you can fix; the same call continues.
    """
    given = dict(locals())
    from xharness.evaluation.evaluate import evaluate as run
    from xharness.evaluation.notebook import progress_in_notebook

    with progress_in_notebook(reporter) as shown:
        return run(_options(EvaluateOptions, given), shown)


def finetune(
    *,
    model: str | Path,
    tasks: str | Sequence[str],
    data: str | Path,
    out: str | Path,
    recipe: str = FinetuneOptions.recipe,
    overrides: str | Path | None = FinetuneOptions.overrides,
    sets: str | Sequence[str] = FinetuneOptions.sets,
    mixture: MixtureOptions = FinetuneOptions.mixture,
    seed: int | None = FinetuneOptions.seed,
    negatives: int | None = FinetuneOptions.negatives,
    data_seed: int = FinetuneOptions.data_seed,
    examples: int | None = FinetuneOptions.examples,
    where: str | None = FinetuneOptions.where,
    select: str | Path | None = FinetuneOptions.select,
    translations: Mapping[str, str | Path] | None = None,
    task_weights: Mapping[str, float] | None = None,
    synonyms: str | Path | None = FinetuneOptions.synonyms,
    mlm_ratio: float | None = FinetuneOptions.mlm_ratio,
    mlm_alpha: float | None = FinetuneOptions.mlm_alpha,
    mlm_langs: str | Sequence[str] | None = FinetuneOptions.mlm_langs,
    select_on: str = FinetuneOptions.select_on,
    tasks_from: str | Path | None = FinetuneOptions.tasks_from,
    lora: str | None = FinetuneOptions.lora,
    dynamics: bool = FinetuneOptions.dynamics,
    track: str | Sequence[str] = FinetuneOptions.track,
    tensorboard: bool = FinetuneOptions.tensorboard,
    device: str = FinetuneOptions.device,
    precision: str = FinetuneOptions.precision,
    batch_tokens: int | None = FinetuneOptions.batch_tokens,
    save_every: int = FinetuneOptions.save_every,
    keep: int = FinetuneOptions.keep,
    gradient_checkpointing: bool = FinetuneOptions.gradient_checkpointing,
    compile: bool = FinetuneOptions.compile,
    fsdp: bool = FinetuneOptions.fsdp,
    allow_pickle: bool = FinetuneOptions.allow_pickle,
    reporter: Reporter | None = None,
) -> Trained:
    """Train one phase: ``finetune(model="xlm-roberta-base", tasks="xnli", data="data", out="ckpt/xnli")``.

    Args are the attributes of :class:`xharness.train.options.FinetuneOptions`; ``reporter`` is told of progress and of
    facts worth a line; in a notebook a bar is, where none is given.

    Raises:
        UserError: anything that you can fix; the same call continues.
    """
    given = dict(locals())
    from xharness.evaluation.notebook import progress_in_notebook
    from xharness.train.finetune import finetune as run
    from xharness.train.loop.metric_logging import read_log

    with progress_in_notebook(reporter) as shown:
        folder = run(_options(FinetuneOptions, given), shown)
    return Trained(folder, read_json(folder / "xharness.json"), read_log(folder / "training.jsonl"))


def compare(
    base: RunSource | Iterable[RunSource],
    new: RunSource | Iterable[RunSource],
    *,
    resamples: int = CompareOptions.resamples,
    seed: int = CompareOptions.seed,
    alpha: float = CompareOptions.alpha,
    margin: float = CompareOptions.margin,
    across: bool = CompareOptions.across,
    tasks_from: str | Path | None = None,
) -> ShownComparison:
    """Compare two runs, or several seeds of each: ``compare("runs/base", "runs/new", margin=0.5)``.

    Args:
        base: Run folder, file of a baseline, or result of :func:`evaluate`; several of them are seeds.
        new: The same for the other side.
        tasks_from: Python or TOML file that declares tasks of your own; by default what a run remembers.

    The others are the attributes of :class:`xharness.comparison.comparison.CompareOptions`.

    Raises:
        UserError: the runs do not measure the same, or have no cell in common.
    """
    given = dict(locals())
    from xharness.comparison.compare import compare as run
    from xharness.comparison.notebook import ShownComparison
    from xharness.comparison.sources import load_source

    folders = [[_folder(one) for one in _several(side)] for side in (base, new)]
    registry = _registry(tasks_from, [folder for side in folders for folder in side])
    sides = [[load_source(folder, registry) for folder in side] for side in folders]
    return ShownComparison.of(run(sides[0], sides[1], _options(CompareOptions, given)))


def score(
    predictions: str | Path,
    labels: str | Path,
    *,
    version: str = "xtreme",
    lenient: bool = False,
    resamples: int = 1000,
    seed: int = 0,
    tasks: str | Sequence[str] | None = None,
    tasks_from: str | Path | None = None,
) -> Scored:
    """Score a folder of predictions as the official scorer does: ``score("runs/x", "data/labels")``.

    Args:
        predictions: Run folder, or folder with files like ``xnli/test-de.tsv``.
        labels: Folder of gold files in the same layout.
        version: ``xtreme`` or ``xtreme-r``.
        lenient: Score what can be scored, and say what is left out.
        tasks: Names of tasks and groups; by default all of the benchmark and every added task.
        tasks_from: Python or TOML file that declares tasks of your own; by default what a run remembers.

    Raises:
        BadFiles: strict, and there is a problem in a file, or lenient, and in a gold file; it carries them all.
        UserError: a folder is not there, or no task is in both.
    """
    from xharness.submissions.score import score_folder, tasks_for

    wanted, names = benchmark(version), _as_declared(tasks, "str | None")
    registry = _registry(tasks_from, [Path(predictions)])
    seen = marks_of(Path(predictions), registry)
    scores, problems = score_folder(
        Path(predictions),
        Path(labels),
        wanted,
        lenient=lenient,
        resamples=resamples,
        seed=seed,
        tasks=tasks_for(wanted, registry, names),
    )
    if scores is None:
        raise BadFiles("nothing scored", problems, "fix the files, or score what can be scored with lenient=True")
    return Scored(mark(scores, seen), problems)


def _registry(tasks_from: str | Path | None, runs: Sequence[Path]) -> Registry:
    """The tasks of this installation and those of a file of the user's own, given or remembered by runs."""
    from xharness.runs.own_tasks import registry_of

    return registry_of(runs, None if tasks_from is None else Path(tasks_from))


def _options(kind: type[Options], given: Mapping[str, Any]) -> Options:
    """An options object out of keywords; None for a mapping is none of them."""
    hints = get_type_hints(kind)
    return kind(
        **{
            field.name: _as_declared(given[field.name], str(hints[field.name]))
            for field in fields(kind)  # type: ignore[arg-type]  # every Options is a dataclass
            if given[field.name] is not None or field.default_factory is MISSING
        }
    )


def _as_declared(value: Any, hint: str) -> Any:
    """A string as the path or the list that a field wants, a list as the comma-separated string."""
    if isinstance(value, str):
        if "Path" in hint and "Mapping" not in hint:
            return Path(value)
        return [part.strip() for part in value.split(",") if part.strip()] if "Sequence[str]" in hint else value
    if isinstance(value, list | tuple) and hint == "str | None":
        return ",".join(value)
    if isinstance(value, Mapping) and "Path" in hint:
        return {key: Path(path) for key, path in value.items()}
    return value


def _several(side: RunSource | Iterable[RunSource]) -> list[RunSource]:
    """A side of a comparison as a list of runs."""
    return [*side] if isinstance(side, Iterable) and not isinstance(side, str) else [side]


def _folder(run: RunSource) -> Path:
    """Where a run lies."""
    return Path(run) if isinstance(run, str | Path) else Path(run.prepared.folder.path)
