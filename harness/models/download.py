"""Fetching a model from a hub into the local cache: the one part of ``models`` that uses the network.

Only what the encoder needs comes over the line: config, tokenizer, safetensors (pickles where there are none and the
user allows them), what an embedding model says of pooling and prompts, never code. What arrives is compared with the
hashes that the hub gives, then read like any checkpoint. ``HF_ENDPOINT``, ``HF_HOME``, ``HF_TOKEN`` and the proxy
variables mean what they mean for every tool.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xharness.checkpoints.architecture import check_architecture
from xharness.checkpoints.checkpoint import TOKENIZER_EXTRAS, TOKENIZER_FILES, Checkpoint, inspect
from xharness.checkpoints.config import check_own_code, read_json
from xharness.checkpoints.hub import MAIN, HubModel, cache, parse
from xharness.checkpoints.offline import online
from xharness.checkpoints.sentence_model import sentence_model_files
from xharness.models.families import FAMILIES
from xharness.tasks.common.errors import UserError, first_line, suggestion

if TYPE_CHECKING:
    from types import ModuleType

SAFETENSORS = re.compile(r"model(-\d+-of-\d+)?\.safetensors(\.index\.json)?")
PICKLES = re.compile(r"pytorch_model(-\d+-of-\d+)?\.bin(\.index\.json)?")


@dataclass(frozen=True)
class Fetched:
    """A model that is in the cache now.

    Attributes:
        hub: Its id and the commit that the revision meant.
        files: Names of the files that were asked for.
        size: Bytes of all of them.
    """

    hub: HubModel
    checkpoint: Checkpoint
    files: tuple[str, ...]
    size: int


@online()
def fetch(name: str, *, revision: str | None = None, allow_pickle: bool = False, quiet: bool = False) -> Fetched:
    """Download a model, or complete an interrupted download; what is there already is not fetched again.

    Args:
        name: Id on the hub, as ``name``, ``org/name`` or ``org/name@revision``.
        revision: Branch, tag or commit; None for ``main``.
        allow_pickle: Fetch pickled weights where there are no others.
        quiet: Draw no progress bars on stderr.

    Raises:
        UserError: no such model or revision; no connection; no usable files; not enough disk; bytes that are not
            those that the hub promised; an architecture that cannot be loaded.
    """
    repository, wanted = _named(name, revision)
    _require_online(name)
    folder, files = _download(repository, wanted, allow_pickle=allow_pickle, quiet=quiet)
    for file, announced in files.items():
        _check_hash(folder / file, announced.sha256)
    checkpoint = inspect(folder, allow_pickle=allow_pickle)
    check_architecture(checkpoint)
    size = sum(announced.size for announced in files.values())
    return Fetched(HubModel(repository, folder.name), checkpoint, tuple(files), size)


class Announced(NamedTuple):
    """What the hub says of a file: its bytes, and the hash of a large one."""

    size: int
    sha256: str | None


def _named(name: str, revision: str | None) -> tuple[str, str]:
    """Repository and revision. Raises UserError where the name is not an id, or names another revision."""
    named = parse(name)
    if named is None or (named[1] and revision and named[1] != revision):
        raise UserError(
            f"'{name}' is not the id of a model",
            "two revisions are named" if named else "ids are spelt name or org/name",
            "for example: xharness models fetch xlm-roberta-base --revision main",
        )
    return named[0], named[1] or revision or MAIN


def _require_online(name: str) -> None:
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        raise UserError(
            "HF_HUB_OFFLINE is set",
            "it keeps every program off the hub",
            f"HF_HUB_OFFLINE=0 xharness models fetch {name}",
        )


def _download(
    repository: str, revision: str, *, allow_pickle: bool, quiet: bool
) -> tuple[Path, Mapping[str, Announced]]:
    """The folder of a model in the cache, and the files that were asked for; none before its config has been read."""
    from huggingface_hub import HfApi, hf_hub_download, snapshot_download, utils

    endpoint = os.environ.get("HF_ENDPOINT")
    with _explained(repository, revision, endpoint), _bars(utils, drawn=not quiet):
        info = HfApi(endpoint=endpoint).model_info(repository, revision=revision, files_metadata=True)
        there = {
            file.rfilename: Announced(int(file.size or 0), file.lfs.sha256 if file.lfs else None)
            for file in info.siblings or ()
        }
        files = {name: there[name] for name in choose(repository, there, allow_pickle=allow_pickle)}
        _check_room(sum(announced.size for announced in files.values()))
        config = hf_hub_download(repository, "config.json", revision=info.sha, endpoint=endpoint)
        check_own_code(read_json(Path(config)), repository)
        folder = snapshot_download(repository, revision=revision, allow_patterns=[*files], endpoint=endpoint)
    return Path(folder), files


def choose(name: str, there: Collection[str], *, allow_pickle: bool = False) -> list[str]:
    """The files of a repository that a checkpoint needs, sorted.

    Raises:
        UserError: it is not a model of transformers, or its only weights are pickles that are not allowed.
    """
    if "config.json" not in there:
        raise UserError(
            f"{name} is not a model for transformers", "it has no config.json", "choose one; see: xharness models list"
        )
    tokenizer = [file for file in (*TOKENIZER_FILES, *TOKENIZER_EXTRAS) if file in there]
    if not any(file in TOKENIZER_FILES for file in tokenizer):
        raise UserError(
            f"{name} has no tokenizer", f"none of {', '.join(TOKENIZER_FILES)} is there", "choose another model"
        )
    weights = [file for file in there if SAFETENSORS.fullmatch(file)]
    if "model.safetensors" in weights:
        weights = ["model.safetensors"]  # read in preference to shards
    pickles = [file for file in there if PICKLES.fullmatch(file)]
    if not weights and pickles and not allow_pickle:
        raise UserError(
            f"{name} has only pickle weights ({min(pickles)})",
            "loading a pickle runs whatever code its author put in it",
            "name a --revision that has safetensors (often refs/pr/1), or pass --allow-pickle if you trust it",
        )
    if not weights and not pickles:
        raise UserError(f"{name} has no weights", "neither safetensors nor pickles are there", "choose another model")
    return sorted(["config.json", *tokenizer, *sentence_model_files(there), *(weights or pickles)])


def _check_room(size: int) -> None:
    """Refuse a download that the disk cannot hold."""
    place = cache()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < size:
        raise UserError(
            f"not enough room in {cache()}",
            f"{size / 1e9:.1f} GB are needed and {free / 1e9:.1f} GB are free",
            "free some, or let HF_HOME name a folder on another disk",
        )


def _check_hash(path: Path, sha256: str | None) -> None:
    """Compare a file with the hash that the hub gives for large ones, and forget the file if it is another."""
    if sha256 is None:
        return
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        path.resolve().unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise UserError(
            f"{path.name} is not the file that the hub promised",
            f"its sha256 is {found[:12]}..., and should be {sha256[:12]}...",
            "the file was deleted; run the same command again, or ask another HF_ENDPOINT",
        )


@contextmanager
def _bars(utils: ModuleType, *, drawn: bool) -> Iterator[None]:
    """Progress bars of the downloads, or none."""
    if drawn:
        yield
        return
    utils.disable_progress_bars()
    try:
        yield
    finally:
        utils.enable_progress_bars()


@contextmanager
def _explained(name: str, revision: str, endpoint: str | None) -> Iterator[None]:
    """What goes wrong between here and the hub, for people."""
    from huggingface_hub import errors

    hub = endpoint or "the Hugging Face hub"
    try:
        yield
    except UserError:
        raise
    except errors.GatedRepoError as error:
        fix = f"ask for access on the page of {name}, then log in: hf auth login"
        raise UserError(f"{name} is gated", f"{hub} gives it only to users who were granted access", fix) from error
    except errors.RepositoryNotFoundError as error:
        ids = suggestion(name, [family.id for family in FAMILIES])
        fix = ids if ids.startswith("did") else "check the id; see: xharness models list"
        why = f"{hub} has none of this id, or shows it only to its owner"
        raise UserError(f"no model {name}", why, f"{fix}; for a private one log in: hf auth login") from error
    except errors.RevisionNotFoundError as error:
        fix = f"name a branch, tag or whole commit of it; {MAIN} is the default"
        raise UserError(f"{name} has no revision {revision}", f"{hub} knows none of this name", fix) from error
    except Exception as error:  # the client raises many types here, all of them about the connection or the disk
        why = first_line(error)
        fix = "the same command again continues; check HTTPS_PROXY and HF_ENDPOINT, or bring the folder on a disk"
        raise UserError(f"cannot fetch {name} from {hub}", why, fix) from error
