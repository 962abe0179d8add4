"""Hub ids: a model that ``--model`` names is a folder, or else an id that is looked up in the local cache.

The cache is the one that all of Hugging Face's libraries share: ``models--org--name/snapshots/<commit>/``. Nothing here
touches the network; :mod:`xharness.models.download` alone does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.common.errors import UserError

MAIN = "main"
PREFIX = "models--"
NAMED = re.compile(r"(?P<id>[A-Za-z0-9][\w.-]*(?:/[\w.-]+)?)(?:@(?P<revision>[\w./-]+))?")


@dataclass(frozen=True)
class HubModel:
    """A model of a hub at one commit."""

    id: str
    revision: str

    def __str__(self) -> str:
        return f"{self.id}@{self.revision[:12]}"


def parse(name: str) -> tuple[str, str | None] | None:
    """``org/name@revision`` as id and revision, None where no revision is named; None if it cannot be an id at all."""
    found = NAMED.fullmatch(name)
    return (found["id"], found["revision"]) if found else None


def locate(model: Path) -> Path:
    """The folder that ``--model`` means: itself if it is there, else the cached snapshot of the id that it spells.

    Raises:
        UserError: it is spelt like an id, and neither a folder nor a cached model has this name.
    """
    named = parse(str(model))
    if model.exists() or named is None:
        return model
    from huggingface_hub import try_to_load_from_cache

    name, revision = named
    config = try_to_load_from_cache(name, "config.json", revision=revision)
    if not isinstance(config, str):
        raise _not_cached(model, name, revision)
    return Path(config).parent


def origin(folder: Path) -> HubModel | None:
    """Which model a cached snapshot is, read from its path; None for every other folder."""
    snapshot = folder.resolve()
    repository = snapshot.parent.parent.name
    if snapshot.parent.name != "snapshots" or not repository.startswith(PREFIX):
        return None
    return HubModel(repository.removeprefix(PREFIX).replace("--", "/"), snapshot.name)


def cache() -> Path:
    """The folder of all fetched models; ``HF_HOME`` and ``HF_HUB_CACHE`` move it."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def _not_cached(model: Path, name: str, revision: str | None) -> UserError:
    """What to do about an id that is not there, or not at this revision."""
    snapshots = cache() / (PREFIX + name.replace("/", "--")) / "snapshots"
    there = sorted(child.name for child in snapshots.iterdir()) if snapshots.is_dir() else []
    why = f"there is no such folder, and no fetched model {model} in {cache()}"
    fetch = f"xharness models fetch {name}" + (f" --revision {revision}" if revision else "")
    if there:
        why += f" (it has revision {', '.join(there)})"
        fetch += f"; or --model {name}@{there[0]}"
    return UserError(f"no checkpoint at {model}", why, f"check the path, or fetch the model: {fetch}")
