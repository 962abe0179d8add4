"""``xharness models fetch``, ``list`` and ``show``: checkpoints by their hub id."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xharness.cli import complete
from xharness.cli.option_types import AsJson, Quiet
from xharness.cli.screen import put_json, say
from xharness.tables.table import Column, Table, TableRow, facts, words
from xharness.tables.terminal import render
from xharness.tasks.common.errors import UserError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from xharness.models.describe import Cached
    from xharness.models.families import Family
    from xharness.tasks.common.json_types import JsonObject

app = typer.Typer(no_args_is_help=True, help="Fetch models by their hub id, to work offline; list and show them.")

Pickle = Annotated[
    bool, typer.Option("--allow-pickle", help="Fetch pickle weights if there are no others. They can run code.")
]


@app.command()
def fetch(
    name: Annotated[
        str,
        typer.Argument(
            help="Id on the hub, e.g. xlm-roberta-large or microsoft/infoxlm-base.", autocompletion=complete.model_ids
        ),
    ],
    revision: Annotated[str | None, typer.Option(help="Branch, tag or commit. Default: main.")] = None,
    allow_pickle: Pickle = False,
    quiet: Quiet = False,
) -> None:
    """Download a model into the local cache; from then on --model NAME finds it there, without a network.

    Config, tokenizer and safetensors are fetched, never code. An interrupted download continues. HF_ENDPOINT names
    another hub, HF_HOME another place for the cache, HF_TOKEN who is asking.

    Example: xharness models fetch xlm-roberta-large
    """
    from xharness.models.describe import gigabytes
    from xharness.models.download import fetch as download

    done = download(name, revision=revision, allow_pickle=allow_pickle, quiet=quiet)
    if quiet:
        return
    say(f"{done.hub.id} at {done.hub.revision}: {len(done.files)} files, {gigabytes(done.size)}")
    pinned = f" or --model {done.hub.id}@{done.hub.revision} for exactly this one"
    say(f"use it: --model {name}{f'@{revision}' if revision else ''},{pinned}")


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the models in the local cache, and the published ones that are known to work.

    Example: xharness models list
    """
    from xharness.models.describe import cached
    from xharness.models.families import FAMILIES

    there = cached()
    if as_json:
        put_json({"cached": [_as_json(model) for model in there], "known": [_known(f) for f in FAMILIES]})
        return
    from rich.text import Text

    from xharness.cli.tables import print_whole

    if there:
        print_whole(_cached_table(there))
    else:
        print_whole(Text("no model in the cache yet"))
    print_whole(_known_table())
    print_whole(Text("Any other id works, too, if its architecture is one of transformers' encoders or decoders."))


@app.command()
def show(
    model: Annotated[Path, typer.Argument(help="Folder, suite, id of a fetched model, or a known id.")],
    as_json: AsJson = False,
) -> None:
    """Show what a model is, how much memory it needs, and which tasks it can answer as it is.

    Example: xharness models show xlm-roberta-large
    """
    from xharness.models.families import known

    try:
        described = _describe(model)
    except UserError:
        family = known(str(model))
        if model.exists() or family is None:
            raise
        described = {"": {**_known(family), "in the cache": f"no; xharness models fetch {family.id}"}}
    if as_json:
        put_json(described.get("", described))
        return
    from xharness.cli.tables import print_whole

    for name, found in described.items():
        shown = {fact: f"{value:,}" if isinstance(value, int) else value for fact, value in found.items()}
        values = {fact: words(value) for fact, value in shown.items() if value != ""}
        print_whole(render(facts(f"{model}/{name}" if name else str(model), values)))


def _describe(model: Path) -> dict[str, dict[str, Any]]:
    """Facts of a checkpoint, or of each member of a suite."""
    from xharness.checkpoints.architecture import check_architecture
    from xharness.checkpoints.checkpoint import find
    from xharness.models.describe import facts, parameters

    found = find(model, allow_pickle=True)  # nothing is loaded
    for checkpoint in found.values():
        check_architecture(checkpoint)
    return {name: facts(checkpoint, parameters(checkpoint)) for name, checkpoint in found.items()}


def _cached_table(there: list[Cached]) -> RenderableType:
    from xharness.models.describe import gigabytes

    columns = [
        Column("model"), Column("revision", folds=True), Column("on disk", numeric=True),
        Column("architecture", folds=True), Column("state", folds=True),
    ]  # fmt: skip
    rows = []
    for model in there:
        architecture = model.checkpoint.model_type if model.checkpoint else ""
        pickled = model.checkpoint is not None and model.checkpoint.pickled
        state = model.problem or ("needs --allow-pickle" if pickled else "ready")
        revision = model.hub.revision[:12] + (" (main)" if model.main else "")
        texts = (model.hub.id, revision, gigabytes(model.size), architecture, state)
        rows.append(TableRow([*map(words, texts)]))
    return render(Table("cached", "In the cache", columns, rows))


def _known_table() -> RenderableType:
    from xharness.models.describe import gigabytes
    from xharness.models.families import FAMILIES

    columns = [
        Column("model"), Column("architecture", folds=True), Column("parameters", numeric=True),
        Column("fp32", numeric=True), Column("bf16", numeric=True),
        Column("retrieval block", folds=True, stacked=True), Column("remarks", folds=True),
    ]  # fmt: skip
    rows = []
    for family in FAMILIES:
        memory = (gigabytes(family.parameters, 4), gigabytes(family.parameters, 2))
        millions = f"{family.parameters / 1e6:,.0f} M"
        texts = (family.id, family.model_type, millions, *memory, family.reference, family.note)
        rows.append(TableRow([*map(words, texts)]))
    return render(Table("known", "Known to work", columns, rows))


def _known(family: Family) -> JsonObject:
    """A line of the table for programs."""
    from xharness.models.describe import gigabytes

    return {
        "hub": family.id,
        "title": family.title,
        "architecture": family.model_type,
        "blocks": family.blocks,
        "parameters": family.parameters,
        "weights in memory": f"{gigabytes(family.parameters, 4)} in fp32, {gigabytes(family.parameters, 2)} in bf16",
        "block for retrieval": family.reference,
        "paper": family.paper,
        "remarks": family.note,
    }


def _as_json(model: Cached) -> JsonObject:
    """A cached model for programs."""
    return {
        "id": model.hub.id,
        "revision": model.hub.revision,
        "main": model.main,
        "bytes": model.size,
        "architecture": model.checkpoint.model_type if model.checkpoint else None,
        "problem": model.problem,
    }
