"""A host on this machine that speaks what fetching asks for: files with ranges, and the Hub's API. It can be unwell."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34
CONVERTED = "refs/convert/parquet"


def parquet(columns: Mapping[str, Sequence[Any]], labels: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """A parquet file as the Hub has it; ``labels`` names the numbers of a column (or of the lists in it)."""
    import pyarrow.parquet
    from datasets import ClassLabel, Dataset, List

    rows = Dataset.from_dict(dict(columns))
    for name, names in (labels or {}).items():
        label = ClassLabel(names=list(names))
        listed = isinstance(columns[name][0], list | tuple)
        rows = rows.cast_column(name, List(label) if listed else label)
    stream = io.BytesIO()
    pyarrow.parquet.write_table(rows.data.table, stream)
    return stream.getvalue()


class Silent:
    """Nobody is told."""

    def part(self, *_: object) -> None: ...

    def transfer(self, *_: object) -> None: ...

    def next_source(self, *_: object) -> None: ...


@dataclass
class Double:
    """What the host serves, how it misbehaves, and what it was asked.

    Attributes:
        files: URL without its scheme to content, as a mirror serves it.
        hub: Dataset to branch to path to content.
        faults: Path to what goes wrong there, one request after the other: 503, 404, "cut", "lie", "slow", "other".
        asked: (method, path, range) of every request.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    hub: dict[str, dict[str, dict[str, bytes]]] = field(default_factory=dict)
    faults: defaultdict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    cut_all_once: bool = False
    cut: set[str] = field(default_factory=set)
    port: int = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def add(self, dataset: str, path: str, content: bytes, branch: str = "main") -> None:
        """A file of a dataset."""
        self.hub.setdefault(dataset, {}).setdefault(branch, {})[path] = content

    def fault(self, path: str) -> Any:
        """What goes wrong with this request."""
        for beginning, queue in self.faults.items():
            if beginning in path and queue:
                return queue.pop(0)
        if self.cut_all_once and path not in self.cut and not path.startswith("/api/"):
            self.cut.add(path)
            return "cut"
        return None

    def find(self, path: str) -> tuple[bytes, dict[str, str]] | None:
        """Content and headers of a file."""
        parts = path.split("/")
        if "resolve" in parts:
            at = parts.index("resolve")
            dataset, branch = "/".join(parts[2:at]), parts[at + 1]
            files = self.hub.get(dataset, {}).get("main" if branch == COMMIT else CONVERTED, {})
            content = files.get("/".join(parts[at + 2 :]))
            if content is None:
                return None
            sha256 = hashlib.sha256(content).hexdigest()
            return content, {"ETag": f'"{sha256}"', "X-Repo-Commit": branch, "X-Linked-Etag": f'"{sha256}"'}
        content = self.files.get(path.removeprefix("/"))
        return None if content is None else (content, {"ETag": f'"{hashlib.md5(content).hexdigest()}"'})

    def info(self, path: str) -> dict[str, Any] | None:
        """The Hub's answer about a dataset at a revision."""
        dataset, _, revision = path.removeprefix("/api/datasets/").partition("/revision/")
        branches = self.hub.get(dataset)
        branch = CONVERTED if revision in (CONVERTED, COMMIT[::-1]) else "main"
        if branches is None or branch not in branches:
            return None
        siblings = [
            {
                "rfilename": name,
                "size": len(content),
                "blobId": "b" * 40,
                "lfs": {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 100},
            }
            for name, content in sorted(branches[branch].items())
        ]
        sha = COMMIT if branch == "main" else COMMIT[::-1]
        return {"_id": "1", "id": dataset, "sha": sha, "siblings": siblings, "private": False, "tags": []}

    def start(self) -> ThreadingHTTPServer:
        """Serve on a free port until ``shutdown``."""
        double = self

        class Handler(_Handler):
            host = double

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server


class _Handler(BaseHTTPRequestHandler):
    host: Double
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Silence."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.host.asked.append((self.command, path, self.headers.get("Range", "")))
        fault = self.host.fault(path) if body else None
        if isinstance(fault, int):
            return self._send(fault, b"unwell")
        if path.startswith("/api/"):
            found = self.host.info(path)
            content = json.dumps(found or {"error": "Repository not found"}).encode()
            headers = {"Content-Type": "application/json"} | ({} if found else {"X-Error-Code": "RepoNotFound"})
            return self._send(200 if found else 404, content, headers)
        located = self.host.find(path)
        if located is None:
            return self._send(404, b"")
        return self._file(*located, body=body, fault=fault)

    def _file(self, content: bytes, headers: dict[str, str], *, body: bool, fault: Any) -> None:
        """A file or a range of it, with the length it should have."""
        start, status = 0, 200
        asked = self.headers.get("Range", "")
        same = self.headers.get("If-Range", headers["ETag"]) == headers["ETag"]
        if asked.startswith("bytes=") and same:
            start, status = int(asked[6:].partition("-")[0]), 206
            if start >= len(content):
                self._send(416, b"", {"Content-Range": f"bytes */{len(content)}"})
                return
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if fault == "lie":
            content = bytes(byte ^ 1 for byte in content)
        part = content[start:]
        self._head(status, {**headers, "Content-Length": str(len(part)), "Accept-Ranges": "bytes"})
        if not body:
            return
        if fault == "cut":
            self.wfile.write(part[: len(part) // 2])
            self.wfile.flush()
            self.close_connection = True
            return
        if fault == "slow":
            for at in range(0, len(part), max(1, len(part) // 50)):
                self.wfile.write(part[at : at + max(1, len(part) // 50)])
                self.wfile.flush()
                time.sleep(0.01)
            return
        self.wfile.write(part)

    def _send(self, status: int, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        self._head(status, {**(headers or {}), "Content-Length": str(len(content))})
        if self.command == "GET":
            self.wfile.write(content)

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
