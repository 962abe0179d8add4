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
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xharness.checkpoints.architecture import check_architecture
from xharness.checkpoints.checkpoint import TOKENIZER_EXTRAS, TOKENIZER_FILES, Checkpoint, inspect
from xharness.checkpoints.config import check_own_code, read_json
from xharness.checkpoints.hub import MAIN, HubModel, cache, parse
from xharness.checkpoints.offline import online
from xharness.checkpoints.sentence_model import sentence_model_files
from xharness.models.families import FAMILIES
from xharness.tasks.common.errors import UserError, suggestion

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
    named = parse(name)
    if named is None or (named[1] and revision and named[1] != revision):
        raise UserError(
            f"'{name}' is not the id of a model",
            "two revisions are named" if named else "ids are spelt name or org/name",
            "for example: xharness models fetch xlm-roberta-base --revision main",
        )
    repository, wanted = named[0], named[1] or revision or MAIN
    from huggingface_hub import HfApi, constants, hf_hub_download, snapshot_download, utils

    if constants.HF_HUB_OFFLINE:
        raise UserError(
            "HF_HUB_OFFLINE is set",
            "it keeps every program off the hub",
            f"HF_HUB_OFFLINE=0 xharness models fetch {name}",
        )
    endpoint = os.environ.get("HF_ENDPOINT")
    with _explained(repository, wanted, endpoint), _bars(utils, drawn=not quiet):
        info = HfApi(endpoint=endpoint).model_info(repository, revision=wanted, files_metadata=True)
        there = {file.rfilename: file for file in info.siblings or ()}
        files = choose(repository, there, allow_pickle=allow_pickle)
        size = sum(int(there[file].size or 0) for file in files)
        _check_room(size)
        config = hf_hub_download(repository, "config.json", revision=info.sha, endpoint=endpoint)
        check_own_code(read_json(Path(config)), repository)
        folder = Path(snapshot_download(repository, revision=wanted, allow_patterns=files, endpoint=endpoint))
    for file in files:
        lfs: Any = there[file].lfs
        _check_hash(folder / file, lfs.sha256 if lfs else None)
    checkpoint = inspect(folder, allow_pickle=allow_pickle)
    check_architecture(checkpoint)
    return Fetched(HubModel(repository, folder.name), checkpoint, tuple(files), size)


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
        why = str(error).strip().partition("\n")[0] or type(error).__name__
        fix = "the same command again continues; check HTTPS_PROXY and HF_ENDPOINT, or bring the folder on a disk"
        raise UserError(f"cannot fetch {name} from {hub}", why, fix) from error
