"""One file over HTTP: continued where it stopped, tried again, checked, and then moved into the cache.

Proxies are those of the environment (``HTTPS_PROXY``, ``NO_PROXY``). A mirror is a host that serves
``<mirror>/<host>/<path>`` for ``https://<host>/<path>``.
"""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from xharness.fetch.cache import Blob, Cache, no_space, require_space
from xharness.fetch.failures import Gone, NotTheKnownFile, Unavailable, Unreachable
from xharness.tasks.common.files import hash_file, render_json, write_atomic
from xharness.tasks.common.version import VERSION

if TYPE_CHECKING:
    from http.client import HTTPResponse

TRIES = 6
WAIT = 0.5
"""Seconds before the second try; doubled each time."""
TIMEOUT = 30.0
CHUNK = 1 << 18

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and the bytes that there will be, if the server says so."""


class _Interrupted(Exception):
    """The transfer broke off, or the server is unwell: worth another try."""


@dataclass
class Downloader:
    """Fetches URLs into a cache.

    Attributes:
        mirror: Base URL in front of every URL, or empty.
        accept_changed: Take a file whose hash is not the known one.
        dead: Hosts that could not be reached in this run, with the reason.
    """

    cache: Cache
    mirror: str = ""
    accept_changed: bool = False
    dead: dict[str, str] = field(default_factory=dict)

    def get(self, url: str, sha256: str, size: int | None, progress: Progress) -> Blob:
        """The file behind a URL, from the cache if it is there.

        Args:
            url: What to get.
            sha256: The hash that it must have; empty if none is known.
            size: Its size where known, to refuse early what does not fit on the disk.
            progress: Is told how far it is.

        Raises:
            Unavailable: it cannot be had from there.
            UserError: no space.
        """
        with self.cache.lock(url):
            known = None if self.accept_changed else self.cache.blob(sha256)
            found = known or self.cache.find(url)
            if found and (self.accept_changed or sha256 in ("", found.sha256)):
                progress(found.size, found.size)
                return found
            partial = self.cache.partial(url)
            continued = partial.exists()
            self._transfer(url, size, partial, progress)
            actual = hash_file(partial)
            if continued and sha256 not in ("", actual) and not self.accept_changed:
                # What was there before may be the rest of something else; only a whole transfer is a verdict.
                _forget(partial)
                self._transfer(url, size, partial, progress)
                actual = hash_file(partial)
            if sha256 not in ("", actual) and not self.accept_changed:
                _forget(partial)
                raise NotTheKnownFile(
                    f"{url} is not the known file: sha256 {actual[:12]}..., expected {sha256[:12]}..."
                )
            blob = self.cache.add(url, partial, actual)
            _forget(partial)
            return blob

    def _transfer(self, url: str, size: int | None, partial: Path, progress: Progress) -> None:
        """Try until it is whole, is known to be gone, or too often; progress in between starts the count again."""
        target = f"{self.mirror.rstrip('/')}/{url.partition('://')[2]}" if self.mirror else url
        host = urlsplit(target).netloc
        if host in self.dead:
            raise Unreachable(host, self.dead[host])
        before, failed = _size(partial), 0
        while True:
            try:
                return _attempt(target, size, partial, progress)
            except Unreachable as error:
                failed += 1
                if failed >= 3:
                    self.dead[host] = str(error).rpartition("(")[2].rstrip(")")
                    raise
            except _Interrupted as error:
                now = _size(partial)
                failed = 1 if now > before else failed + 1
                before = now
                if failed >= TRIES:
                    raise Unavailable(f"{url} broke off {TRIES} times: {error}") from error
            except OSError as error:
                raise no_space(error, url, partial.parent) from error
            time.sleep(WAIT * 2 ** (failed - 1))


def _attempt(target: str, size: int | None, partial: Path, progress: Progress) -> None:
    """One request, from where the last one stopped if the server can tell that the file is still the same."""
    state = _state(partial)
    start = _size(partial) if state.get("validator") else 0
    request = urllib.request.Request(target, headers={"User-Agent": f"xharness/{VERSION}"})
    if start:
        request.add_header("Range", f"bytes={start}-")
        request.add_header("If-Range", state["validator"])
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            _store(response, start, size, partial, progress)
    except urllib.error.HTTPError as error:
        _refused(error, target, start, partial)
    except urllib.error.URLError as error:
        reason = error.reason
        if isinstance(reason, TimeoutError):
            raise _Interrupted("no answer in time") from error
        text = getattr(reason, "strerror", None) or str(reason)
        raise Unreachable(urlsplit(target).netloc, text) from error
    except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
        raise _Interrupted(str(error) or type(error).__name__) from error


def _refused(error: urllib.error.HTTPError, target: str, start: int, partial: Path) -> None:
    """An answer that is not a file."""
    if error.code == 416 and start:
        # The server has less than we have: what we have is of another file.
        _forget(partial)
        raise _Interrupted("the file became shorter") from error
    if error.code in (404, 410, 451):
        raise Gone(f"{target} is gone ({error.code} {error.reason})") from error
    if error.code in (401, 403):
        raise Gone(f"{target} may not be read ({error.code} {error.reason})") from error
    if error.code == 429 or error.code >= 500:
        raise _Interrupted(f"the server says {error.code} {error.reason}") from error
    raise Unavailable(f"{target}: the server says {error.code} {error.reason}") from error


def _store(response: HTTPResponse, start: int, size: int | None, partial: Path, progress: Progress) -> None:
    """Write the body behind what is there already, or in its place if the server starts anew."""
    goes_on = response.status == 206
    if goes_on and not str(response.headers.get("Content-Range", "")).startswith(f"bytes {start}-"):
        _forget(partial)
        raise _Interrupted("the server sent another part than asked for")
    there = start if goes_on else 0
    length = response.headers.get("Content-Length")
    total = there + int(length) if length and length.isdecimal() else None
    require_space(partial.parent, (total or size or there) - there, partial.name if total is None else response.url)
    # A weak tag does not promise equal bytes, so it cannot join two parts of a file.
    tag = response.headers.get("ETag", "")
    validator = tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")
    write_atomic(partial.with_suffix(".json"), render_json({"validator": validator}))
    with partial.open("ab" if goes_on else "wb") as file:
        try:
            while chunk := response.read(CHUNK):
                file.write(chunk)
                there += len(chunk)
                progress(there, total)
        except http.client.IncompleteRead as error:
            file.write(error.partial)
            raise
        finally:
            file.flush()
            os.fsync(file.fileno())
    if total is not None and there != total:
        raise _Interrupted(f"{there} of {total} bytes came")


def _state(partial: Path) -> dict[str, str]:
    try:
        loaded = json.loads(partial.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _size(partial: Path) -> int:
    return partial.stat().st_size if partial.exists() else 0


def _forget(partial: Path) -> None:
    for path in (partial, partial.with_suffix(".json")):
        with suppress(FileNotFoundError):
            path.unlink()
