"""Groups of options that several commands have: each takes its options and returns what they mean.

:func:`command` joins groups to one command: its options are those of the groups, and the function behind it gets the
merged fields of :class:`xharness.evaluation.options.EvaluateOptions`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypedDict, cast

import typer

from xharness.cli import complete
from xharness.cli.option_types import (
    CHECKS,
    DATA,
    ROBUST,
    SPEED,
    AllowPickle,
    BatchTokens,
    DataOption,
    Device,
    Index,
    Json,
    Labels,
    Langs,
    Model,
    Out,
    Overwrite,
    Precision,
    Quiet,
    TasksFrom,
    Version,
    VersionOption,
)
from xharness.tasks.common.errors import UserError

Fields: TypeAlias = dict[str, Any]  # fields of an options class by name; that class has their types
OptionGroup: TypeAlias = Callable[..., Fields]

LONGEST = 15
"""Digits of a number of examples or tokens that is read: Python refuses to read thousands of them."""


def run_options(
    model: Model,
    data: DataOption,
    out: Out,
    langs: Langs = None,
    labels: Labels = None,
    label_names: Annotated[
        str | None,
        typer.Option(
            help="Names of a head's outputs, in order, where its config has LABEL_0, ... only.", rich_help_panel=DATA
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="First N examples of each cell only, for a quick look.", rich_help_panel=DATA)
    ] = None,
    reference_quirks: Annotated[
        bool, typer.Option("--reference-quirks", help="Keep the csv quotes in XNLI and PAWS-X.", rich_help_panel=DATA)
    ] = False,
    tasks_from: TasksFrom = None,
    device: Device = "auto",
    precision: Precision = "auto",
    batch_tokens: BatchTokens = None,
    max_length: Annotated[
        int | None, typer.Option(help="Longest input in word pieces. Default: the task's.", rich_help_panel=SPEED)
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Draws the words of --synonyms; else only recorded.", rich_help_panel=CHECKS)
    ] = 0,
    resamples: Annotated[int, typer.Option(help="0 for no intervals.", rich_help_panel=CHECKS)] = 1000,
    allow_pickle: AllowPickle = False,
    overwrite: Overwrite = False,
) -> Fields:
    """What every evaluation has."""
    return dict(locals())


def task_choice(
    version: VersionOption = Version.XTREME,
    tasks: Annotated[
        str | None,
        typer.Option(
            help="Tasks and groups, e.g. xnli,qa. Default: all of the benchmark.", autocompletion=complete.task_names
        ),
    ] = None,
) -> Fields:
    """Which tasks."""
    return {"version": version.value, "tasks": tasks}


def embedding(
    layer: Annotated[
        str, typer.Option(help="Block for retrieval: N, -N, last, reference or sweep. auto: last of embedding models.")
    ] = "auto",
    pooling: Annotated[
        str,
        typer.Option(
            help="mean, mean-no-special, cls, max, weighted-mean or last-token. auto: as an embedding model says."
        ),
    ] = "auto",
    prompt: Annotated[
        str,
        typer.Option(help="Put before every text: 'query: ', the name of one of the model's, none. auto: its default."),
    ] = "auto",
) -> Fields:
    """How sentences become vectors."""
    return dict(locals())


def protocol(
    tatoeba_protocol: Annotated[
        str, typer.Option(help="frozen: the encoder as it is. squad-mrc, squad-dual: that of a model trained on SQuAD.")
    ] = "frozen",
) -> Fields:
    """Which encoder Tatoeba means."""
    return dict(locals())


def mining(
    margin: Annotated[str, typer.Option(help="ratio, distance or absolute.")] = "ratio",
    k: Annotated[int, typer.Option("--k", help="Neighbours behind the margin.")] = 4,
    retrieval: Annotated[str, typer.Option(help="max, intersect, fwd or bwd.")] = "max",
    threshold: Annotated[float | None, typer.Option(help="Default: chosen on dev gold.")] = None,
    index: Index = "exact",
    vectors: Annotated[
        str, typer.Option(help="Where they are kept: memory (fp32), or disk (half precision, a nameless file in OUT).")
    ] = "memory",
    chunk: Annotated[int, typer.Option(help="Sentences searched at a time; bounds the memory.")] = 8192,
) -> Fields:
    """How translations are mined."""
    from xharness.retrieve.bucc import MiningOptions, Place
    from xharness.retrieve.margin import Margin
    from xharness.retrieve.mining import Retrieval

    # Names are checked with all the others.
    how = MiningOptions(
        k, cast(Margin, margin), cast(Retrieval, retrieval), threshold, index, cast(Place, vectors), chunk=chunk
    )
    return {"mining": how}


def ranking(
    index: Index = "exact",
) -> Fields:
    """How candidates are searched."""
    from xharness.retrieve.ranking import RankingSearch

    return {"ranking": RankingSearch(index)}


def spans(
    doc_stride: Annotated[int, typer.Option(help="Pieces between the starts of two windows.")] = 128,
    max_question_length: Annotated[int, typer.Option(help="Pieces kept of a question.")] = 64,
    max_answer_length: Annotated[int, typer.Option(help="Longest answer in pieces.")] = 30,
    n_best: Annotated[int, typer.Option(help="Starts and ends that are combined.")] = 20,
    no_answer_threshold: Annotated[
        float | None, typer.Option(help="For SQuAD 2.0 heads: answer nothing if that scores better by this much.")
    ] = None,
) -> Fields:
    """How spans are found."""
    from xharness.predict.spans import SpanOptions

    chosen = SpanOptions(
        doc_stride=doc_stride,
        max_question_length=max_question_length,
        max_answer_length=max_answer_length,
        best=n_best,
        no_answer_threshold=no_answer_threshold,
    )
    return {"span": chosen}


def smoothing(
    synonyms: Annotated[
        Path | None,
        typer.Option(
            help="Answer texts by the vote over copies with words drawn from this file of synonyms.",
            rich_help_panel=ROBUST,
        ),
    ] = None,
    votes: Annotated[int | None, typer.Option(help="Copies of a text that vote; 15.", rich_help_panel=ROBUST)] = None,
) -> Fields:
    """How texts are varied."""
    return dict(locals())


class Execution(TypedDict):
    """Fields of :class:`xharness.evaluation.options.EvaluateOptions` that say how a model is run."""

    device: str
    precision: str
    batch_tokens: int | None
    allow_pickle: bool
    overwrite: bool


def execution(
    device: Device = "auto",
    precision: Precision = "auto",
    batch_tokens: BatchTokens = None,
    allow_pickle: AllowPickle = False,
    overwrite: Overwrite = False,
) -> Fields:
    """How a model is run."""
    chosen = Execution(
        device=device,
        precision=precision,
        batch_tokens=batch_tokens,
        allow_pickle=allow_pickle,
        overwrite=overwrite,
    )
    return {"execution": chosen}


def progress(quiet: Quiet = False) -> Fields:
    """Whether progress is shown."""
    return {"quiet": quiet}


def screen(quiet: Quiet = False, as_json: Json = False) -> Fields:
    """What is printed."""
    return {"quiet": quiet, "as_json": as_json}


def command(run: Callable[[Fields], None], *groups: OptionGroup, name: str, text: str) -> Callable[..., None]:
    """A function with the options of all groups, for Typer, that calls ``run`` with their merged results."""
    signatures = [inspect.signature(group, eval_str=True).parameters for group in groups]

    def body(**values: object) -> None:
        fields: Fields = {}
        for group, parameters in zip(groups, signatures, strict=True):
            fields |= group(**{option: values[option] for option in parameters})
        run(fields)

    options = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for group in signatures for p in group.values()]
    body.__name__, body.__doc__ = name, text
    body.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    body.__annotations__ = {option.name: option.annotation for option in options}
    return body


def split_names(names: str | None) -> list[str]:
    """Names between commas."""
    return [name.strip() for name in (names or "").split(",") if name.strip()]


def task_list(names: str | None, tasks_from: Path | None) -> list[str]:
    """Names of tasks between commas, in the case that they are known in."""
    found = split_names(names)
    if all(name == name.lower() for name in found):
        return found
    from xharness.tasks.registry import as_known, open_registry

    known = open_registry(tasks_from).known
    return [as_known(name, known) for name in found]


def by_language(option: str, values: Sequence[str]) -> dict[str, Path]:
    """``de=file`` pairs."""
    found = {}
    for value in values:
        language, equals, path = value.partition("=")
        if not equals or not language or not path:
            raise UserError(
                f"cannot read {option} {value}", "it is not LANGUAGE=FILE", f"for example {option} de=mt.de"
            )
        if language in found:
            raise UserError(f"{option} {language} twice", "a language has one file", "join the files into one")
        found[language] = Path(path)
    return found
