"""What other programs call the model of a run: a name with an owner, and a revision."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xharness.runs.manifest import Manifest

LOCAL = "local"
"""Stands for the owner of a model that lies in a folder."""


@dataclass(frozen=True)
class ModelName:
    """``name`` as ``owner/model``; ``revision`` is the commit of a fetched one, else a hash over all its files."""

    name: str
    revision: str

    @classmethod
    def of(cls, manifest: Manifest) -> ModelName:
        """The model of a run; of a suite the folder that holds it."""
        described: Any = manifest.content.get("model", {})
        models: list[Any] = list(described.values())
        hub = models[0].get("hub") if len(models) == 1 else None
        if hub:
            return cls(str(hub["id"]), str(hub["revision"]))
        folder = Path(str(manifest.options.get("model", ""))).resolve().name or "model"
        prints = "".join(sorted(manifest.identity.models.values()))
        return cls(f"{LOCAL}/{folder}", hashlib.sha256(prints.encode()).hexdigest()[:40])
