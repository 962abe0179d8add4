"""The Hugging Face Hub: which parquet files a split has, their hashes, and their rows. No script is ever loaded.

``HF_ENDPOINT``, ``HF_TOKEN`` and proxies are those of the environment. A dataset whose own files are not parquet is
read from the branch of the Hub's converter, ``refs/convert/parquet``.
"""

from __future__ import annotations

import errno
import fnmatch
import importlib
import logging
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from xharness.fetch.cache import Cache, no_space, require_space
from xharness.fetch.download import TRIES, WAIT
from xharness.fetch.failures import MALFORMED, Changed, Gone, Unavailable, Unreachable
from xharness.fetch.sources import Hub
from xharness.tasks.common.errors import first_line
from xharness.tasks.common.files import hash_file

if TYPE_CHECKING:
    from datasets import Dataset
    from huggingface_hub.hf_api import DatasetInfo

CONVERTED = "refs/convert/parquet"
PATTERNS = (
    "{config}/{split}-[0-9]*.parquet", "{config}/{split}.parquet", "{config}/{split}/*.parquet",
    "{config}/*-{split}.parquet", "data/{split}-[0-9]*.parquet", "data/{split}.parquet", "{split}-[0-9]*.parquet",
    "default/{split}/*.parquet",
)  # fmt: skip
"""Where the parquet files of a split lie. The ones without a configuration count for datasets that have only one."""


Answer = TypeVar("Answer")


@dataclass(frozen=True)
class HubFile:
    """A file of a dataset at one commit.

    ``branch`` is where the commit was found; ``sha256`` is empty for small files that the Hub keeps without one.
    """

    dataset: str
    branch: str
    commit: str
    path: str
    size: int
    sha256: str


@dataclass
class HubClient:
    """Lists and fetches. One listing a dataset and revision; ``pinned`` are the commits of earlier fetches."""

    cache: Cache
    pinned: dict[str, str] = field(default_factory=dict)
    listings: dict[tuple[str, str], dict[str, HubFile]] = field(default_factory=dict)
    dead: str = ""

    def files(self, source: Hub) -> list[HubFile]:
        """The parquet files of a split, in order.

        Raises:
            Unavailable: the Hub, the dataset or the split cannot be had.
        """
        for branch in ("main", CONVERTED):
            pinned = self.pinned.get(pin(source.dataset, branch), branch)
            revision = source.revision if source.revision and branch == "main" else pinned
            try:
                listing = self._listing(source.dataset, branch, revision)
            except Gone:
                if branch == "main":
                    raise
                continue
            found = _matching(listing, source)
            if found:
                return found
        raise Gone(f"{source.dataset} on the Hub has no parquet files of {source.config}, {source.split}")

    def fetch(self, file: HubFile) -> Path:
        """One file in the Hub's own cache, with the hash that the Hub announces.

        Raises:
            Unavailable: it cannot be had, or is not what was announced.
            UserError: no space.
        """
        from huggingface_hub import hf_hub_download

        require_space(self.cache.root, file.size, f"{file.dataset}, {file.path}")

        def download() -> Path:
            path = hf_hub_download(
                file.dataset,
                file.path,
                repo_type="dataset",
                revision=file.commit,
                cache_dir=self.cache.root / "hub",
                endpoint=os.environ.get("HF_ENDPOINT"),
            )
            return Path(path)

        path: Path = self._try(file.dataset, download)
        if problem := _differs(path, file):
            for stale in {path.resolve(), path}:
                stale.unlink(missing_ok=True)
            raise Changed(f"{file.dataset}, {file.path} {problem}")
        return path

    def _listing(self, dataset: str, branch: str, revision: str) -> dict[str, HubFile]:
        """The files of a dataset by path."""
        from huggingface_hub import HfApi

        if (dataset, revision) not in self.listings:
            api = HfApi(endpoint=os.environ.get("HF_ENDPOINT"))
            info: DatasetInfo = self._try(
                dataset, lambda: api.dataset_info(dataset, revision=revision, files_metadata=True)
            )
            files = {}
            for entry in info.siblings or ():
                sha256 = str(entry.lfs.sha256) if entry.lfs else ""
                files[entry.rfilename] = HubFile(
                    dataset, branch, str(info.sha), entry.rfilename, entry.size or 0, sha256
                )
            self.listings[dataset, revision] = files
        return self.listings[dataset, revision]

    def _try(self, dataset: str, action: Callable[[], Answer]) -> Answer:
        """Call the Hub, again if it is unwell; its errors become ours."""
        if self.dead:
            raise Unreachable(_host(), self.dead)
        http = _quiet_client()
        last: Exception
        for failed in range(1, TRIES + 1):
            try:
                return action()
            except (http.HTTPError, OSError) as error:  # the Hub's own errors are both
                last, why = error, self._why_try_again(error, dataset, failed, http)
            if failed < TRIES:
                time.sleep(WAIT * 2 ** (failed - 1))
        raise Unavailable(f"{dataset} on the Hub broke off {TRIES} times: {why}") from last

    def _why_try_again(self, error: Exception, dataset: str, failed: int, http: ModuleType) -> str:
        """What went wrong, where another try may help; else it is raised as an error of ours."""
        from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled, RepositoryNotFoundError

        if isinstance(error, OfflineModeIsEnabled):
            self.dead = "HF_HUB_OFFLINE is set"
            raise Unreachable(_host(), self.dead) from error
        if isinstance(error, HfHubHTTPError):
            status = error.response.status_code if error.response is not None else 0
            if isinstance(error, RepositoryNotFoundError) or status in (401, 403, 404, 410):
                raise Gone(f"{dataset} is not on the Hub, or not for you ({status})") from error
            return f"the Hub says {status}"
        if isinstance(error, http.ConnectError):
            if failed >= 3:
                self.dead = str(error)
                raise Unreachable(_host(), self.dead) from error
            return str(error)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise no_space(error, dataset, self.cache.root) from error
        return first_line(error.__cause__ or error)


def pin(dataset: str, branch: str) -> str:
    """The name under which a manifest keeps the commit of a branch."""
    return f"hub:{dataset}@{branch}"


def read_rows(paths: Sequence[Path]) -> Dataset:
    """Rows of parquet files with the features that their metadata declare (names of labels above all).

    Raises:
        Unavailable: not parquet.
    """
    import pyarrow
    import pyarrow.parquet
    from datasets import Dataset

    try:
        tables = [pyarrow.parquet.read_table(path) for path in paths]
        return Dataset(pyarrow.concat_tables(tables).combine_chunks())
    except (pyarrow.ArrowException, OSError, *MALFORMED) as error:
        raise Unavailable(f"{paths[0].name} is not a parquet file that can be read: {first_line(error)}") from error


def _matching(listing: dict[str, HubFile], source: Hub) -> list[HubFile]:
    """The files of the first pattern that has any."""
    single = len({path.split("/")[0] for path in listing if path.endswith(".parquet")}) == 1
    for pattern in PATTERNS:
        if "{config}" not in pattern and not single:
            continue
        wanted = pattern.format(config=source.config, split=source.split)
        found = [listing[path] for path in sorted(listing) if fnmatch.fnmatchcase(path, wanted)]
        if found:
            return found
    return []


def _differs(path: Path, file: HubFile) -> str:
    """Why a downloaded file is not the announced one."""
    size = path.stat().st_size
    if file.size and size != file.size:
        return f"has {size} bytes, the Hub announces {file.size}"
    with suppress(OSError):
        if file.sha256 and hash_file(path) != file.sha256:
            return "does not have the sha256 that the Hub announces"
    return ""


def _quiet_client() -> ModuleType:
    """The HTTP library of the Hub's client, which draws no bars from now on and logs errors alone.

    The library changed its name between releases; it is found behind the client's session.
    """
    from huggingface_hub import get_session
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    return importlib.import_module(type(get_session()).__module__.partition(".")[0])


def _host() -> str:
    return urlsplit(os.environ.get("HF_ENDPOINT") or "https://huggingface.co").netloc
