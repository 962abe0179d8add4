"""A Ray cluster: the one at an address, or one that is started here; what it has, and whether it is fit for a store."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from xharness.studies.executors.base import ExecutorOptions
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import hash_file, joined
from xharness.tasks.common.version import VERSION

ENVIRONMENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}
"""Nothing is reported to anyone, and a ``uv run`` around us does not make nodes install anything."""

ANSWERS = 5.0
"""Seconds that a cluster's head has to answer."""

PROBED = 120.0
"""Seconds that all nodes have to start a python and import xharness."""

TOKEN = Path("~/.ray/auth_token").expanduser()
"""Where Ray keeps the user's token; ``ray start`` looks there by itself, joining a cluster does not."""

OBJECT_STORE = 80_000_000
"""Bytes, near Ray's least: only names, paths and numbers travel."""


def connect(options: ExecutorOptions) -> Any:
    """Join the cluster, or start one on this machine; the module ``ray``.

    Raises:
        UserError: Ray is not installed, nobody answers at the address, or no node is fit.
    """
    os.environ |= ENVIRONMENT
    if options.address is not None and "RAY_AUTH_MODE" not in os.environ and _has_token():
        os.environ["RAY_AUTH_MODE"] = "token"
    try:
        import ray
    except ImportError as error:
        why, fix = "the package ray is not installed", "pip install 'xharness[ray]', or use --executor local"
        raise UserError("cannot use --executor ray", why, fix) from error
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if options.address is None:
        _begin(ray, options, quiet)
    else:
        _join(ray, options.address, quiet)
    try:
        check_resources(ray, options)
        check_nodes(ray, options)
    except BaseException:
        ray.shutdown()
        raise
    return ray


def _begin(ray: Any, options: ExecutorOptions, quiet: Mapping[str, Any]) -> None:
    cpus = options.jobs * options.threads if options.jobs else None
    own = {"address": "local", "include_dashboard": False, "object_store_memory": OBJECT_STORE}
    try:
        ray.init(num_cpus=cpus, **own, **quiet)
    except Exception as error:  # Ray's own is a plain one, when its processes are not there within half a minute
        why, fix = str(error).partition("\n")[0], "start one with ray start --head, and name it with --address"
        raise UserError("cannot start a Ray cluster on this machine", why, fix) from error


def _has_token() -> bool:
    """Whether the user has a token for clusters. One that asks for none takes it, too."""
    return any(name in os.environ for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")) or TOKEN.is_file()


def _join(ray: Any, address: str, quiet: Mapping[str, Any]) -> None:
    what, fix = f"no Ray cluster at {address}", "check it with ray status, or start one: ray start --head"
    if address != "auto" and not answers(address):
        raise UserError(what, f"nobody answers there within {ANSWERS:.0f} seconds", fix)
    try:
        ray.init(address=address, **quiet)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        first = str(error).partition("\n")[0]
        raise UserError(what, first, f"{fix}; this machine must be one of its nodes") from error


def answers(address: str) -> bool:
    """Whether somebody listens at ``host:port``."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        hint = "give the head as HOST:PORT, as ray start printed it, or auto"
        raise UserError(f"cannot read --address {address}", "it names no head of a Ray cluster", hint)
    with suppress(OSError), socket.create_connection((host, int(port)), timeout=ANSWERS):
        return True
    return False


def nodes(ray: Any) -> list[dict[str, Any]]:
    """Nodes that live."""
    return [node for node in ray.nodes() if node["Alive"]]


def room_of(node: Mapping[str, Any], options: ExecutorOptions) -> int:
    """How many steps a node can run side by side."""
    has = node["Resources"]
    by_cpu = int(has.get("CPU", 0) // options.threads)
    return min(by_cpu, int(has.get("GPU", 0) // options.gpus)) if options.gpus else by_cpu


def check_resources(ray: Any, options: ExecutorOptions) -> None:
    """Refuse steps that Ray would let wait for ever.

    Raises:
        UserError: no node is large enough.
    """
    if any(room_of(node, options) for node in nodes(ray)):
        return
    has = "; ".join(f"{node['NodeManagerHostname']} {_words(node['Resources'])}" for node in nodes(ray))
    wanted = _words({"CPU": options.threads, "GPU": options.gpus})
    fix = "give smaller --threads and --gpus, or add a node: ray start --address ..."
    raise UserError(f"no node of the Ray cluster has {wanted} for a step", f"its nodes: {has or 'none'}", fix)


def _words(resources: Mapping[str, float]) -> str:
    return f"{resources.get('CPU', 0):.0f} CPUs and {resources.get('GPU', 0):.0f} GPUs"


def check_nodes(ray: Any, options: ExecutorOptions) -> None:
    """Every node that may run a step has this xharness, and sees the store under the same path.

    Raises:
        UserError: naming the first node that does not.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    options.store.mkdir(parents=True, exist_ok=True)
    store, here = str(options.store.resolve()), (VERSION, sources())
    fit = {node["NodeID"]: node["NodeManagerHostname"] for node in nodes(ray) if room_of(node, options)}
    probes = {
        name: ray.remote(probe)
        .options(num_cpus=0, max_retries=0, scheduling_strategy=NodeAffinitySchedulingStrategy(name, soft=False))
        .remote(store)
        for name in fit
    }
    for name, found in probes.items():
        _check_node(ray, fit[name], found, store, here)


def _check_node(ray: Any, host: str, found: Any, store: str, here: tuple[str, str]) -> None:
    try:
        version, digest, sees_store = ray.get(found, timeout=PROBED)
    except ray.exceptions.RayError as error:
        why = next((line for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__)
        raise UserError(
            f"node {host} of the Ray cluster cannot run xharness", why, "install the same xharness there, or stop it"
        ) from error
    if (version, digest) != here:
        why = (
            f"it has xharness {version} with {'the same' if digest == here[1] else 'other'} files, here it is {here[0]}"
        )
        fix = "install the same version on every node, and restart the cluster"
        raise UserError(f"node {host} of the Ray cluster has another xharness", why, fix)
    if not sees_store:
        fix = "put the store (--store) on a file system that all nodes share"
        raise UserError(f"node {host} does not see {store}", "steps read and write the store under that path", fix)


def probe(store: str) -> tuple[str, str, bool]:
    """Runs on a node: its version of xharness, the hash of its files, and whether it sees a folder."""
    return VERSION, sources(), Path(store).is_dir()


def sources() -> str:
    """Hash of xharness' own modules, however it was installed."""
    own = Path(__file__).parents[2]
    found = [find_spec(f"xharness.{name}") for name in ("tasks", "submissions")]
    folders = [own, *(Path(path) for spec in found if spec for path in spec.submodule_search_locations or ())]
    return joined(sorted({hash_file(path) for folder in folders for path in folder.rglob("*.py")}))
