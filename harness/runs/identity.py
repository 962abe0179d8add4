"""What makes a run the run that it is, and in what one identity differs from another."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from xharness.tasks.common.json_types import Json, JsonObject

OPTIONS = "options."
SPELT = {
    "best": "--n-best", "window": "--max-length", "ranking_index": "--index", "perturbation": "perturbation",
}  # fmt: skip
"""Fields of the options that are spelt otherwise, or that the data bring along."""


@dataclass(frozen=True)
class Identity:
    """Models and options, as a manifest names them."""

    content: JsonObject

    @property
    def models(self) -> Mapping[str, str]:
        """Fingerprint of each checkpoint by its name in the suite."""
        found: Any = self.content.get("model")  # by the shape of manifests, or made here
        return found if isinstance(found, Mapping) else {}

    @property
    def options(self) -> JsonObject:
        """The options that change answers."""
        found = self.content.get("options")
        return found if isinstance(found, Mapping) else {}

    def with_models(self, names: Collection[str]) -> Identity:
        """The identity of these checkpoints only."""
        return Identity({**self.content, "model": {name: self.models[name] for name in names}})

    def with_options(self, options: JsonObject) -> Identity:
        """The identity with other options."""
        return Identity({**self.content, "options": options})

    def differences(self, now: Identity) -> list[str]:
        """Where the other run is another one: of suites that share checkpoints, only these count.

        A suite may grow task by task, and checkpoints that only one of the two has make no other run of it.
        """
        common = self.models.keys() & now.models.keys()
        before, after = (self.with_models(common), now.with_models(common)) if common else (self, now)
        return differences(before.content, after.content)


def differences(before: JsonObject, now: JsonObject) -> list[str]:
    """Field by field, in which one identity differs from another: ``--layer was last, now 4``."""
    old, new = flattened(before), flattened(json.loads(json.dumps(now)))
    keys = sorted(old.keys() | new.keys())
    changed = (key for key in keys if old.get(key) != new.get(key))
    return [f"{_spoken(key)} was {_brief(old.get(key))}, now {_brief(new.get(key))}" for key in changed]


def _spoken(name: str) -> str:
    """An option as the command line spells it; any other field by its name."""
    field = name.removeprefix(OPTIONS)
    return name if field in (name, "") else SPELT.get(field, f"--{field.replace('_', '-')}")


def flattened(value: Json, name: str = "") -> dict[str, Json]:
    """Nested objects as one level with dotted names."""
    if not isinstance(value, Mapping):
        return {name: value}
    inner = (flattened(child, f"{name}.{part}".lstrip(".")) for part, child in value.items())
    return {key: leaf for leaves in inner for key, leaf in leaves.items()}


def _brief(value: Json) -> str:
    """A value short enough for a message; hashes by their first digits."""
    text = "absent" if value is None else str(value)
    return text[:12] if len(text) == 64 else text
