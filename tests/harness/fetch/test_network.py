"""The network belongs to fetching: everything else neither imports a client nor gets a connection."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CLIENTS = re.compile(
    r"^\s*(?:from|import) (urllib\.request|http\.client|requests|httpx2?|aiohttp|huggingface_hub)\b", re.M
)


def test_only_fetching_imports_a_client() -> None:
    found = {
        path.relative_to(ROOT).parts
        for package in ("harness", "tasks", "submissions")
        for path in (ROOT / package).rglob("*.py")
        if CLIENTS.search(path.read_text(encoding="utf-8"))
    }
    cache = ("harness", "checkpoints", "hub.py")  # looks into the Hub's cache on the disk, and asks nobody
    assert {parts[:2] for parts in found - {cache}} <= {
        ("harness", "fetch"),
        ("harness", "models"),
        ("harness", "publish"),
    }


def test_loopback_is_allowed_for_those_who_ask_and_nothing_else_is(loopback: None) -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
    with socket.socket() as other, pytest.raises(RuntimeError, match="without a network"):
        other.connect(("192.0.2.1", 80))
    with pytest.raises(RuntimeError, match="without a network"):
        socket.create_connection(("192.0.2.1", 80))


def test_and_afterwards_it_is_blocked_again() -> None:
    with socket.socket() as other, pytest.raises(RuntimeError, match="without a network"):
        other.connect(("127.0.0.1", 9))
