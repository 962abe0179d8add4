"""The manifest of a run as a typed value: what was evaluated, how, on what, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xharness.runs.identity import Identity
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.perturbed import PART as PERTURBATION

KIND = "xharness run"
FORMAT = 2  # of manifests; those of the first versions have no number, and no hash
VERSION_FIELD = "xharness"  # written when a run is finished


@dataclass(frozen=True)
class ModelFacts:
    """What identifies a checkpoint; what an older or shorter manifest lacks is empty.

    Attributes:
        provenance: The content of its ``xharness.json``; None for one that xharness did not train.
        changed: Files of it are not those that its provenance describes.
        hub: What it is called on the hub that it was fetched from: ``id`` and ``revision``; empty for any other.
    """

    path: str
    head: str
    architecture: str
    blocks: int | None
    weights_sha256: str
    tokenizer_sha256: str
    provenance: JsonObject | None
    changed: bool
    hub: JsonObject

    @classmethod
    def parse(cls, content: JsonObject) -> ModelFacts:
        """The value of an object that has the shape of manifests."""
        found: Any = content
        texts = {n: found.get(n, "") for n in ("path", "head", "architecture", "weights_sha256", "tokenizer_sha256")}
        provenance, changed = found.get("provenance"), bool(found.get("changed"))
        hub = found.get("hub") or {}
        return cls(**texts, blocks=found.get("blocks"), provenance=provenance, changed=changed, hub=hub)


@dataclass(frozen=True)
class PhaseFacts:
    """Work, time and padding of one chunk of cells; None where a manifest does not tell."""

    task: str
    languages: Sequence[str]
    examples: int | None
    tokens: int | None
    seconds: float | None
    tokens_per_second: float | None
    padding_share: float | None

    @classmethod
    def parse(cls, content: JsonObject) -> PhaseFacts:
        """The value of an object that has the shape of manifests."""
        found: Any = content
        return cls(**{name: found.get(name) for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class NotEvaluated:
    """A task that a checkpoint could not answer."""

    task: str
    reason: str


@dataclass(frozen=True)
class Manifest:
    """The content of ``manifest.json``.

    Attributes:
        content: Everything, as it stands in the file.
        format: None for manifests of the first versions.
        version: Of xharness that finished the run; None for one that is not finished.
        scores_sha256: Hash of ``scores.json``; None in the first versions.
        models: By name in the suite.
        data: The data folder: ``download`` and ``labels``.
        started: Time in UTC; empty where it is not told.
    """

    content: JsonObject
    identity: Identity
    format: int | None
    version: str | None
    scores_sha256: str | None
    options: JsonObject
    device: JsonObject
    machine: JsonObject
    models: Mapping[str, ModelFacts]
    data: Mapping[str, str]
    not_evaluated: Sequence[NotEvaluated]
    notes: Sequence[str]
    phases: Sequence[PhaseFacts]
    started: str

    @classmethod
    def parse(cls, content: JsonObject) -> Manifest:
        """The value of a content that has the shape ``MANIFEST``, or of an empty one."""
        found: Any = content
        return cls(
            content=content,
            identity=Identity(found.get("identity", {})),
            format=found.get("format"),
            version=found.get(VERSION_FIELD),
            scores_sha256=found.get("scores_sha256"),
            options=found.get("options", {}),
            device=found.get("device", {}),
            machine=found.get("machine", {}),
            models={name: ModelFacts.parse(model) for name, model in found.get("model", {}).items()},
            data=found.get("data", {}),
            not_evaluated=[NotEvaluated(each["task"], each["reason"]) for each in found.get("not_evaluated", [])],
            notes=found.get("notes", []),
            phases=[PhaseFacts.parse(phase) for phase in found.get("phases", [])],
            started=found.get("started", ""),
        )

    @property
    def limit(self) -> int | None:
        """Only so many first examples of each cell were answered; None for all."""
        found = self.options.get("limit")
        assert found is None or isinstance(found, int)
        return found

    @property
    def perturbation(self) -> str:
        """What was done to the texts of the data; empty for plain ones."""
        return str(self.identity.options.get(PERTURBATION, ""))

    @property
    def reference_quirks(self) -> bool:
        """Whether csv quotes were kept as in the reference."""
        return bool(self.options.get("reference_quirks"))

    @property
    def comparable_identity(self) -> Identity:
        """The identity; that of an old manifest in today's words."""
        if self.format is not None or not self.device:
            return self.identity
        options = dict(self.identity.options)
        if options.get("precision") == "auto":  # as it was spelled, not as it was resolved
            options["precision"] = self.device.get("precision")
        if options.get("precision") != "fp32":
            options["batch_tokens"] = self.device.get("batch_tokens")
        return self.identity.with_options(options)
