"""The shapes of a run's own files: what is read from manifests and records, and of which type it is."""

from __future__ import annotations

from xharness.tasks.common.shapes import Each, Shape

RATES = {"seconds?": float, "tokens_per_second?": float, "padding_share?": float}
PROVENANCE: dict[str, Shape] = {
    "task?": str, "tasks?": [str], "zero_shot?": bool, "seen?": [str], "seed?": (int, None), "recipe?": (dict, None),
    "select?": (dict, None), "data?": (dict, None),
}  # fmt: skip
PROVENANCE["parents?"] = [{"path?": str, "fingerprint?": str, "provenance?": (None, PROVENANCE)}]
MODEL = {
    "path?": str, "head?": str, "architecture?": str, "blocks?": int, "weights_sha256?": str, "tokenizer_sha256?": str,
    "provenance?": (None, PROVENANCE), "hub?": (dict, None),
}  # fmt: skip
MANIFEST: dict[str, Shape] = {
    "kind": str,
    "identity": {"model?": Each(str), "options?": dict},
    "format?": int,
    "xharness?": str,
    "scores_sha256?": str,
    "options?": {"limit?": (int, None), "reference_quirks?": (bool, None)},
    "device?": {"precision?": str, "batch_tokens?": (int, None)},
    "machine?": dict,
    "model?": Each(MODEL),
    "data?": {"download?": str, "labels?": str},
    "not_evaluated?": [{"task": str, "reason": str, "fix": str}],
    "notes?": [str],
    "phases?": [{"task": str, "languages": [str], **RATES}],
    "started?": str,
    "tasks_from?": str,
}

_PHASE: dict[str, Shape] = {"zero_shot": bool}
_ANY_PHASE = (None, {"task": str, **_PHASE}, {"tasks": [str], **_PHASE})
for _shape in (_PHASE, *_ANY_PHASE[1:]):
    _shape["parents"] = [{"path": str, "fingerprint": str, "provenance": _ANY_PHASE}]  # as deep as a chain is long
COMPLETE: dict[str, Shape] = {
    "identity": {"model": Each(str)},
    "model": Each({name.rstrip("?"): shape for name, shape in MODEL.items()} | {"provenance": _ANY_PHASE}),
    "phases?": [{"task": str, "languages": [str], **{name.rstrip("?"): shape for name, shape in RATES.items()}}],
}
"""What a page about a run shows of its manifest, beyond what every reader needs."""

EXTRA: dict[str, Shape] = {
    "sweep?": Each(Each(float)), "recall?": float, "index?": str, "candidates?": int,
    "by_answer_language?": Each(Each(float)),
}  # fmt: skip
RECORD: dict[str, Shape] = {
    **dict.fromkeys(("task", "language", "split", "key", "signature"), str),
    **{f"{name}?": str for name in ("prediction", "prediction_sha256", "items_sha256", "reason")},
    "n": int,
    "extra?": EXTRA,
    "variants?": Each(str),
    "parts?": {"model?": str, "options?": dict},
    "failed?": bool,
}
