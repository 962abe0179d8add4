"""Hugging Face's libraries off the network, whatever a file asks for; only ``fetch`` commands leave this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

SWITCHES = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")
READ_AT_IMPORT = (
    ("huggingface_hub.constants", "HF_HUB_OFFLINE"),
    ("transformers.utils.hub", "_is_offline_mode"),  # of releases before 5
    ("datasets.config", "HF_HUB_OFFLINE"),
    ("datasets.config", "HF_DATASETS_OFFLINE"),
)


@dataclass(frozen=True)
class _State:
    """The switches of the environment, and those of modules that were imported with them."""

    environment: Mapping[str, str | None]
    imported: Mapping[tuple[str, str], Any]

    @classmethod
    def now(cls) -> _State:
        """As they are."""
        imported = {key: getattr(sys.modules[key[0]], key[1]) for key in READ_AT_IMPORT if _has(*key)}
        return cls({name: os.environ.get(name) for name in SWITCHES}, imported)

    def restore(self) -> None:
        """As they were; modules that came since read what the environment says."""
        for name, value in self.environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        off = any((value or "").upper() in {"1", "ON", "YES", "TRUE"} for value in self.environment.values())
        for key in filter(lambda key: _has(*key), READ_AT_IMPORT):
            setattr(sys.modules[key[0]], key[1], self.imported.get(key, off))


_wanted: list[_State] = []  # as the user has them, while we are offline


@contextmanager
def offline() -> Iterator[None]:
    """Keep these libraries off the network, in this process and those that it starts. May be nested."""
    before = _State.now()
    _wanted.append(before)
    os.environ.update(dict.fromkeys(SWITCHES, "1"))
    for module, name in READ_AT_IMPORT:
        if _has(module, name):
            setattr(sys.modules[module], name, True)
    try:
        yield
    finally:
        _wanted.pop()
        before.restore()


@contextmanager
def online() -> Iterator[None]:
    """Within :func:`offline`: what the user's own environment says, which may be a network."""
    here = _State.now()
    if _wanted:
        _wanted[0].restore()
    try:
        yield
    finally:
        here.restore()


def _has(module: str, name: str) -> bool:
    """True if the module was imported and has such a switch."""
    return hasattr(sys.modules.get(module), name)
