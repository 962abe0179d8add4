"""The one place where tests may connect, and only to this machine."""

from __future__ import annotations

import _socket
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.fetch.double import Double
from tests.harness.fetch.world import made_up


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections to 127.0.0.1 work again; all others stay blocked."""
    blocked = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}

    def allowing(name: str) -> Any:
        def connect(self: socket.socket, address: Any) -> Any:
            local = isinstance(address, tuple) and address[0] == "127.0.0.1"
            return getattr(_socket.socket, name)(self, address) if local else blocked[name](self, address)

        return connect

    def create_connection(address: Any, timeout: Any = None, *_: Any, **__: Any) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if isinstance(timeout, int | float):
            made.settimeout(timeout)
        try:
            made.connect(address)
        except BaseException:
            made.close()
            raise
        return made

    for name in blocked:
        monkeypatch.setattr(socket.socket, name, allowing(name))
    monkeypatch.setattr(socket, "create_connection", create_connection)


@pytest.fixture
def double(loopback: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Double]:
    """An empty host that stands for every upstream host and for the Hub."""
    import huggingface_hub.constants

    host = Double()
    server = host.start()
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr("xharness.fetch.download.WAIT", 0.001)
    monkeypatch.setattr("xharness.fetch.hub.WAIT", 0.001)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _: None)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", host.url)
    monkeypatch.setenv("XHARNESS_MIRROR", host.url)
    monkeypatch.setenv("XHARNESS_CACHE", str(tmp_path / "cache"))
    yield host
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def world() -> dict[str, str]:
    """The files of the tiny demo world by path."""
    return made_up()
