"""Scores of a run to a hub, or into a folder that shows what would go there.

The data set goes first, then the card that points to it. Each is one commit, and the same push again makes none.
``HF_ENDPOINT``, ``HF_TOKEN`` and the proxy variables mean what they mean for every tool.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from xharness.checkpoints.offline import online
from xharness.publish.card import new_card, results_of, updated_card
from xharness.publish.contents import data_set_files
from xharness.publish.options import PushOptions
from xharness.report.gather import NamedRun, load_runs
from xharness.runs.own_tasks import registry_of
from xharness.tasks.common.errors import UserError, first_line
from xharness.tasks.common.outputs import write_output
from xharness.tasks.registry import Registry

if TYPE_CHECKING:
    from huggingface_hub import EvalResult, HfApi, ModelCard

MESSAGE = "Results of an evaluation with xharness"
PUBLIC = "https://huggingface.co"
CARD = "README.md"


@dataclass(frozen=True)
class Pushed:
    """Where everything is: addresses on the hub, or folders of a dry run."""

    model: str
    data_set: str
    files: Sequence[str]


def push(path: Path, options: PushOptions) -> Pushed:
    """Push a run.

    Raises:
        UserError: it is not a finished run or has no scores; no connection or permission; a card that cannot be read.
    """
    options.check()
    registry = registry_of([path], options.tasks_from)
    (run,) = load_runs([path], registry)
    if not run.scores.cells:
        raise UserError(f"{path} has no scores", "no cell has gold", "evaluate with gold labels")
    run = replace(run, name=options.repository)
    files = data_set_files(run, options.repository, options.predictions)
    return _written(run, registry, options, files) if options.dry_run else _sent(run, registry, options, files)


def _url(endpoint: str | None, options: PushOptions) -> str:
    return f"{endpoint or PUBLIC}/datasets/{options.data_set}"


def _written(run: NamedRun, registry: Registry, options: PushOptions, files: Mapping[str, bytes]) -> Pushed:
    """Everything in a folder: the card as it is for a model that has none."""
    card = new_card(run, registry, results_of(run, registry, _url(os.environ.get("HF_ENDPOINT"), options)))
    model, data_set = options.folder / "model", options.folder / "dataset"
    write_output(model / CARD, str(card))
    for name, content in files.items():
        write_output(data_set / name, content)
    return Pushed(str(model), str(data_set), [CARD, *files])


@online()
def _sent(run: NamedRun, registry: Registry, options: PushOptions, files: Mapping[str, bytes]) -> Pushed:
    """Two commits on the hub."""
    from huggingface_hub import HfApi, constants

    if constants.HF_HUB_OFFLINE:
        why, fix = "it keeps every program off the hub", "unset it, or add --dry-run to see what would be pushed"
        raise UserError("HF_HUB_OFFLINE is set", why, fix)
    endpoint = os.environ.get("HF_ENDPOINT")
    api = HfApi(endpoint=endpoint)
    results = results_of(run, registry, _url(endpoint, options))
    with _explained(options.data_set, endpoint):
        _commit(api, options.data_set, "dataset", files, options.private)
    with _explained(options.repository, endpoint):
        there = _card_of(api, options.repository)
        card = new_card(run, registry, results) if there is None else _updated(there, results, options.repository)
        _commit(api, options.repository, "model", {CARD: str(card).encode()}, options.private)
    return Pushed(f"{endpoint or PUBLIC}/{options.repository}", _url(endpoint, options), [CARD, *files])


def _commit(api: HfApi, name: str, kind: str, files: Mapping[str, bytes], private: bool) -> None:
    """One commit with all files, in a repository that is made if it is not there."""
    from huggingface_hub import CommitOperationAdd

    api.create_repo(name, repo_type=kind, private=private or None, exist_ok=True)
    added = [CommitOperationAdd(path, content) for path, content in files.items()]
    api.create_commit(name, added, repo_type=kind, commit_message=MESSAGE)


def _card_of(api: HfApi, name: str) -> str | None:
    """The card that a model has; None if it has none."""
    if not api.file_exists(name, CARD):
        return None
    return Path(api.hf_hub_download(name, CARD)).read_text(encoding="utf-8")


def _updated(content: str, results: Sequence[EvalResult], name: str) -> ModelCard:
    """The card that is there with the results. Raises UserError for one whose metadata cannot be read."""
    try:
        return updated_card(content, results, name.partition("/")[2])
    except ValueError as error:
        why = first_line(error)
        raise UserError(f"cannot push to {name}", why, f"correct the metadata in its {CARD}") from error


@contextmanager
def _explained(name: str, endpoint: str | None) -> Iterator[None]:
    """What goes wrong between here and the hub, for people."""
    from huggingface_hub import errors

    hub = endpoint or "the Hugging Face hub"
    try:
        yield
    except UserError:
        raise
    except errors.HfHubHTTPError as error:
        refused = error.response is not None and error.response.status_code in (401, 403)
        why = f"{hub} lets only its owner write to it" if refused else first_line(error)
        fix = "log in with a token that may write: hf auth login" if refused else "run the same command again"
        raise UserError(f"cannot push to {name}", why, fix) from error
    except Exception as error:  # the client raises many types here, all of them about the connection
        why = first_line(error)
        fix = "run the same command again; check HTTPS_PROXY and HF_ENDPOINT"
        raise UserError(f"cannot push to {name} on {hub}", why, fix) from error
