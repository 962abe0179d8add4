"""The shapes of a run's files: what is read from manifests, records and scores, and of which type it is."""

from __future__ import annotations

from typing import Any

from xharness.tasks.common.shapes import INTERVAL, Each

RATES = {"seconds?": float, "tokens_per_second?": float, "padding_share?": float}
PROVENANCE: dict[str, Any] = {
    "task?": str, "tasks?": [str], "zero_shot?": bool, "seen?": [str], "seed?": (int, None), "recipe?": (dict, None),
    "select?": (dict, None), "data?": (dict, None),
}  # fmt: skip
PROVENANCE["parents?"] = [{"path?": str, "fingerprint?": str, "provenance?": (None, PROVENANCE)}]
MODEL = {
    "path?": str, "head?": str, "architecture?": str, "blocks?": int, "weights_sha256?": str, "tokenizer_sha256?": str,
    "provenance?": (None, PROVENANCE), "hub?": (dict, None),
}  # fmt: skip
MANIFEST: dict[str, Any] = {
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
}

_PHASE: dict[str, Any] = {"zero_shot": bool}
_ANY_PHASE = (None, {"task": str, **_PHASE}, {"tasks": [str], **_PHASE})
for _shape in (_PHASE, *_ANY_PHASE[1:]):
    _shape["parents"] = [{"path": str, "fingerprint": str, "provenance": _ANY_PHASE}]  # as deep as a chain is long
COMPLETE: dict[str, Any] = {
    "identity": {"model": Each(str)},
    "model": Each({name.rstrip("?"): shape for name, shape in MODEL.items()} | {"provenance": _ANY_PHASE}),
    "phases?": [{"task": str, "languages": [str], **{name.rstrip("?"): shape for name, shape in RATES.items()}}],
}
"""What a page about a run shows of its manifest, beyond what every reader needs."""

EXTRA: dict[str, Any] = {
    "sweep?": Each(Each(float)), "recall?": float, "index?": str, "candidates?": int,
    "by_answer_language?": Each(Each(float)),
}  # fmt: skip
RECORD: dict[str, Any] = {
    **dict.fromkeys(("task", "language", "split", "key", "signature"), str),
    **{f"{name}?": str for name in ("prediction", "prediction_sha256", "items_sha256", "reason")},
    "n": int,
    "extra?": EXTRA,
    "variants?": Each(str),
    "parts?": {"model?": str, "options?": dict},
    "failed?": bool,
}

CELL = {
    "n": int, "score": float, "score_interval": INTERVAL, "interval": Each(INTERVAL), "variants": Each(float),
    "variant_intervals": Each(INTERVAL), "signature": str,
    "by_answer_language?": Each(Each(float)),
}  # fmt: skip
TASK = {
    "complete": bool, "languages": int, "of": int, "missing": [str], "interval": Each(INTERVAL),
    "transfer_gap": (float, None),
}  # fmt: skip
AVERAGE = {"interval": INTERVAL}
SCORES: dict[str, Any] = {
    "benchmark": str,
    "resamples?": int,
    "seed?": int,
    "notes?": [str],
    "cells": Each(Each(CELL)),
    "tasks": Each(TASK),
    "groups": Each(AVERAGE),
    "all_task": (AVERAGE, None),
    "averages?": Each({"score": float, **AVERAGE}),
    "unscored": [{"task": str, "language": str, "reason": str}],
    "not_zero_shot?": Each([str]),
    "sweep?": Each(Each(Each(Each(float)))),
}
"""Of the part under ``xharness``; the official part follows from the cells."""
