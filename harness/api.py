"""What Python code calls: ``from harness import evaluate, finetune, compare, score``.

Each function is the work behind the command of its name. Options are keywords, by the names of the command's options,
and paths may be strings; an options object of the same fields does as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, get_type_hints

from harness.display import scores_table, table
from tasks.errors import BadFiles, Problem, UserError, suggestion

if TYPE_CHECKING:
    from harness.compare.comparison import Comparison
    from harness.evaluate import Reporter, Result
    from harness.options import EvaluateOptions
    from harness.train.options import FinetuneOptions
    from tasks.registry import Registry

Options = TypeVar("Options")
Run: TypeAlias = "str | Path | Result"


@dataclass(frozen=True, repr=False)
class Scored:
    """Predictions that were scored without a model.

    Attributes:
        scores: The content of ``scores.json``.
        problems: What was left out or is doubtful; empty unless scored leniently.
    """

    scores: Mapping[str, Any]
    problems: Sequence[Problem]

    def __repr__(self) -> str:
        return f"Scored({', '.join(self.scores['xharness']['tasks'])}; {len(self.problems)} problems)"

    def _repr_html_(self) -> str:
        return scores_table(self.scores)


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
        return table(str(self.folder), ("", ""), [(k, v) for k, v in facts.items() if v not in ("", None)])


def evaluate(options: EvaluateOptions | None = None, *, reporter: Reporter | None = None, **fields_: Any) -> Result:
    """Evaluate a checkpoint: ``evaluate(model="ckpt", data="data", out="runs/x", tasks="xnli")``.

    Args:
        options: All options at once; keywords change single ones.
        reporter: Told of progress and of facts worth a line.
        **fields_: Any attribute of :class:`harness.options.EvaluateOptions`.

    Raises:
        UserError: anything that you can mend; the same call continues.
    """
    from harness.evaluate import evaluate as run
    from harness.options import EvaluateOptions

    return run(_options(EvaluateOptions, options, fields_), reporter)


def finetune(options: FinetuneOptions | None = None, *, reporter: Reporter | None = None, **fields_: Any) -> Trained:
    """Train one phase: ``finetune(model="xlm-roberta-base", tasks="xnli", data="data", out="ckpt/xnli")``.

    Args:
        options: All options at once; keywords change single ones.
        reporter: Told of progress and of facts worth a line.
        **fields_: Any attribute of :class:`harness.train.options.FinetuneOptions`.

    Raises:
        UserError: anything that you can mend; the same call continues.
    """
    from harness.train.finetune import finetune as run
    from harness.train.options import FinetuneOptions

    folder = run(_options(FinetuneOptions, options, fields_), reporter)
    log = (folder / "training.jsonl").read_text(encoding="utf-8").splitlines()
    provenance = json.loads((folder / "xharness.json").read_text(encoding="utf-8"))
    return Trained(folder, provenance, [json.loads(line) for line in log])


def compare(base: Run | Iterable[Run], new: Run | Iterable[Run], **fields_: Any) -> Comparison:
    """Compare two runs, or several seeds of each: ``compare("runs/base", "runs/new", margin=0.5)``.

    Args:
        base: Run folder, file of a baseline, or result of :func:`evaluate`; several of them are seeds.
        new: The same for the other side.
        **fields_: Any attribute of :class:`harness.compare.comparison.CompareOptions`.

    Raises:
        UserError: the runs do not measure the same, or have no cell in common.
    """
    from harness.compare.compare import compare as run
    from harness.compare.comparison import CompareOptions
    from harness.compare.source import load_source

    options = _options(CompareOptions, None, fields_)
    sides = [[load_source(_folder(one)) for one in _several(side)] for side in (base, new)]
    return run(sides[0], sides[1], options)


def score(
    predictions: str | Path,
    labels: str | Path,
    *,
    version: str = "xtreme",
    lenient: bool = False,
    resamples: int = 1000,
    seed: int = 0,
    tasks: str | Sequence[str] | None = None,
    registry: Registry | None = None,
) -> Scored:
    """Score a folder of predictions as the official scorer does: ``score("runs/x", "data/labels")``.

    Args:
        predictions: Run folder, or folder with files like ``xnli/test-de.tsv``.
        labels: Folder of gold files in the same layout.
        version: ``xtreme`` or ``xtreme-r``.
        lenient: Score what can be scored, and say what is left out.
        tasks: Names of tasks and groups; by default all of the benchmark and every added task.
        registry: The tasks that are known; by default those of this installation.

    Raises:
        BadFiles: strict, and there is a problem in a file; it carries them all.
        UserError: a folder is not there, or no task is in both.
    """
    from submissions.score import score_folder, tasks_for
    from submissions.zero_shot import mark, marks_of_run
    from tasks.registry import BENCHMARKS, Registry

    if version not in BENCHMARKS:
        raise UserError(f"unknown benchmark '{version}'", "there are two", suggestion(version, BENCHMARKS))
    benchmark, names = BENCHMARKS[version], _as_declared(tasks, "str | None")
    scores, problems = score_folder(
        Path(predictions),
        Path(labels),
        benchmark,
        lenient=lenient,
        resamples=resamples,
        seed=seed,
        tasks=tasks_for(benchmark, registry or Registry(), names),
    )
    if not scores:
        raise BadFiles("nothing scored", problems, "mend the files, or score what can be scored with lenient=True")
    mark(scores, marks_of_run(Path(predictions)))
    return Scored(scores, problems)


def _options(kind: type[Options], given: Options | None, values: Mapping[str, Any]) -> Options:
    """An options object out of keywords, or with some of its fields changed by them."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # every Options is a dataclass
    if unknown := [name for name in values if name not in names]:
        raise UserError(
            f"unknown option '{unknown[0]}'", f"{kind.__name__} has none of this name", suggestion(unknown[0], names)
        )
    hints = get_type_hints(kind)
    typed = {name: _as_declared(value, str(hints[name])) for name, value in values.items()}
    if given is not None:
        return replace(given, **typed)  # type: ignore[type-var]
    needed = [field.name for field in fields(kind) if _is_needed(field) and field.name not in typed]  # type: ignore[arg-type]
    if needed:
        raise UserError(f"{needed[0]} is missing", f"{kind.__name__} needs it", f"give {needed[0]}=...")
    return kind(**typed)


def _is_needed(field: Field[Any]) -> bool:
    """True for a field without a default."""
    return field.default is MISSING and field.default_factory is MISSING


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


def _several(side: Any) -> list[Any]:
    """A side of a comparison as a list of runs."""
    return list(side) if isinstance(side, list | tuple) else [side]


def _folder(run: Any) -> Path:
    """Where a run lies."""
    return Path(run) if isinstance(run, str | Path) else Path(run.prepared.folder.path)
