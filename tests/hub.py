"""A double of the Hugging Face hub on this machine: models and datasets from memory, with the faults of real servers.

It speaks what ``huggingface_hub`` asks for: the description of a repository at a revision, the tree of its files, and
the files themselves by HEAD and GET, with byte ranges. Large files have the hash that the hub announces for them.
Repositories can be made, and files committed to them.
"""

from __future__ import annotations

import _socket
import base64
import hashlib
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

LARGE = 10_000  # bytes from which a file is kept with its sha256
API = re.compile(r"/api/(models|datasets)/(.+?)(?:/(revision|tree)/([^/]+))?$")
WRITE = re.compile(r"/api/(models|datasets)/(.+?)/(preupload|commit)/main$")
RESOLVE = re.compile(r"/(datasets/)?(.+?)/resolve/([^/]+)/(.+)$")


@dataclass
class Repository:
    """Files by path; ``revisions`` are the names under which its one commit goes."""

    files: dict[str, bytes]
    revisions: set[str] = field(default_factory=lambda: {"main"})
    private: bool = False

    @property
    def commit(self) -> str:
        digest = hashlib.sha1(usedforsecurity=False)
        for name in sorted(self.files):
            digest.update(name.encode() + self.files[name])
        return digest.hexdigest()

    def has(self, revision: str | None) -> bool:
        return revision is None or revision == self.commit or revision in self.revisions


@dataclass
class Hub:
    """The server's state. Faults are per file name.

    Attributes:
        repositories: By kind and id: ``("models", "org/name")``.
        asked: Every request, as ``GET /path``.
        cut: Number of bytes after which the connection breaks, once.
        lies: Bytes that are sent in place of the file's.
        gated: Ids that need a permission.
        commits: Every commit, as the id of its repository.
        unwritable: Ids that only others may write to.
    """

    url: str = ""
    repositories: dict[tuple[str, str], Repository] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    cut: dict[str, int] = field(default_factory=dict)
    lies: dict[str, bytes] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    commits: list[str] = field(default_factory=list)
    unwritable: set[str] = field(default_factory=set)

    def add(self, name: str, files: dict[str, bytes], *, kind: str = "models", revisions: str = "main") -> Repository:
        self.repositories[kind, name] = Repository(dict(files), set(revisions.split()))
        return self.repositories[kind, name]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append(f"{self.command} {path}")
        api, file = API.fullmatch(path), RESOLVE.fullmatch(path)
        kind = "datasets" if (api and api[1] == "datasets") or (file and file[1]) else "models"
        name, revision = (api[2], api[4]) if api else (file[2], file[3]) if file else ("", None)
        repository = self.hub.repositories.get((kind, name))
        if repository is None:
            self._refuse(404, "RepoNotFound")
        elif name in self.hub.gated:
            self._refuse(403, "GatedRepo")
        elif not repository.has(unquote(revision) if revision else None):
            self._refuse(404, "RevisionNotFound")
        elif file:
            self._file(repository, file[4])
        else:
            assert api
            self._json(_tree(repository) if api[3] == "tree" else _info(name, repository))

    def do_POST(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append(f"POST {path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        write = WRITE.fullmatch(path)
        if path == "/api/repos/create":
            self._create(json.loads(body))
        elif path == "/api/validate-yaml":
            self._json({"errors": [], "warnings": []})
        elif write is None or (repository := self.hub.repositories.get((write[1], write[2]))) is None:
            self._refuse(404, "RepoNotFound")
        elif write[3] == "preupload":
            self._json({"files": [_upload(file["path"], repository) for file in json.loads(body)["files"]]})
        else:
            self._commit(write[2], repository, body)

    def _create(self, asked: dict[str, Any]) -> None:
        kind, name = f"{asked.get('type', 'model')}s", f"{asked['organization']}/{asked['name']}"
        if name in self.hub.unwritable:
            self._refuse(403, "Forbidden")
        else:
            there = (kind, name) in self.hub.repositories
            if not there:
                self.hub.add(name, {}, kind=kind).private = asked.get("visibility") == "private"
            url = f"{self.hub.url}/{'datasets/' if kind == 'datasets' else ''}{name}"
            self._json({"url": url, "id": name}, 409 if there else 200)

    def _commit(self, name: str, repository: Repository, body: bytes) -> None:
        for line in map(json.loads, body.splitlines()):
            if line["key"] == "file":
                repository.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
        self.hub.commits.append(name)
        self._json({"success": True, "commitOid": repository.commit, "commitUrl": f"{self.hub.url}/{name}/commit/x"})

    def _file(self, repository: Repository, name: str) -> None:
        if name not in repository.files:
            self._refuse(404, "EntryNotFound")
            return
        content = self.hub.lies.get(name, repository.files[name])
        asked = re.search(r"bytes=(\d+)-", self.headers.get("Range") or "")
        start = int(asked[1]) if asked else 0
        headers = {
            "ETag": f'"{_etag(repository.files[name])}"',
            "X-Repo-Commit": repository.commit,
            "Accept-Ranges": "bytes",
        }
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._send(206 if start else 200, content[start:], headers, self.hub.cut, name)

    def _json(self, value: Any, code: int = 200) -> None:
        self._send(code, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _refuse(self, code: int, error: str) -> None:
        self._send(code, b"", {"X-Error-Code": error, "X-Error-Message": error})

    def _send(
        self, code: int, body: bytes, headers: dict[str, str], cuts: dict[str, int] | None = None, name: str = ""
    ) -> None:
        self.send_response(code)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if cuts and name in cuts:
            self.wfile.write(body[: cuts.pop(name)])
            self.close_connection = True
            return
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


def _blob(content: bytes) -> str:
    """What git calls a file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _upload(name: str, repository: Repository) -> dict[str, Any]:
    """How a file is to come: within the commit, whatever its size; and which one is there."""
    there = {"oid": _blob(repository.files[name])} if name in repository.files else {}
    return {"path": name, "uploadMode": "regular", "shouldIgnore": False, **there}


def _etag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest() if len(content) >= LARGE else _blob(content)


def _lfs(content: bytes) -> dict[str, Any]:
    sha256 = hashlib.sha256(content).hexdigest()
    return {"lfs": {"oid": sha256, "sha256": sha256, "size": len(content), "pointerSize": 134}}


def _entries(repository: Repository) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    for name, content in sorted(repository.files.items()):
        yield name, content, _lfs(content) if len(content) >= LARGE else {}


def _info(name: str, repository: Repository) -> dict[str, Any]:
    siblings = [{"rfilename": n, "size": len(c), "blobId": _etag(c), **lfs} for n, c, lfs in _entries(repository)]
    return {"id": name, "sha": repository.commit, "private": False, "tags": [], "downloads": 0, "siblings": siblings}


def _tree(repository: Repository) -> list[dict[str, Any]]:
    return [{"type": "file", "path": n, "size": len(c), "oid": _etag(c), **lfs} for n, c, lfs in _entries(repository)]


@contextmanager
def serve() -> Iterator[Hub]:
    """A hub on a free port of 127.0.0.1."""
    hub = Hub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


def open_loopback(patch: pytest.MonkeyPatch) -> None:
    """Let this test connect to 127.0.0.1, and still to nothing else."""

    def connect(self: socket.socket, address: Any) -> None:
        assert address[0] == "127.0.0.1", f"a test tried to connect to {address!r}"
        _socket.socket.connect(self, address)

    def create_connection(address: Any, timeout: Any = None, *_: Any, **__: Any) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.settimeout(timeout if isinstance(timeout, int | float) else None)
        made.connect(address)
        return made

    patch.setattr(socket.socket, "connect", connect)
    patch.setattr(socket, "create_connection", create_connection)
