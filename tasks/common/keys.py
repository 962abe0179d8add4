"""Content keys: hashes of values, by which equal work is recognised."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping


def content_key(parts: Mapping[str, object]) -> str:
    """SHA-256 of a mapping of plain values, whatever the order of its names."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
