"""Downloads from a host that fails, is slow, breaks off and lies."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.harness.fetch.double import Double
from xharness.fetch import download
from xharness.fetch.cache import Cache
from xharness.fetch.download import Downloader
from xharness.fetch.failures import Changed, Gone, Unavailable, Unreachable
from xharness.tasks.common.errors import UserError

URL = "https://example.org/data/set.zip"
CONTENT = bytes(range(256)) * 4000
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def web(double: Double, tmp_path: Path) -> Downloader:
    double.files["example.org/data/set.zip"] = CONTENT
    return Downloader(Cache(tmp_path / "cache"), double.url)


def get(web: Downloader, sha256: str = SHA, size: int | None = None) -> bytes:
    return web.get(URL, sha256, size, lambda done, total: None).path.read_bytes()


def test_the_second_time_nobody_is_asked(web: Downloader, double: Double) -> None:
    assert get(web) == get(web) == get(web, "") == CONTENT
    assert len(double.asked) == 1


@pytest.mark.parametrize("faults", [["cut"], ["cut", "cut", "cut"], [503, "cut", 500], [429, 503], ["slow"]])
def test_an_unwell_host_is_asked_again_and_the_rest_is_fetched(
    web: Downloader, double: Double, faults: list[int | str]
) -> None:
    double.faults["set.zip"] = list(faults)
    assert get(web) == CONTENT
    if "cut" in faults:
        ranges = [asked for *_, asked in double.asked if asked]
        assert ranges[0] == f"bytes={len(CONTENT) // 2}-"


def test_a_download_goes_on_in_another_process(
    web: Downloader, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.faults["set.zip"] = ["cut", 503]
    with monkeypatch.context() as patch:
        patch.setattr(download, "TRIES", 1)
        with pytest.raises(Unavailable, match="broke off"):
            get(web)
    double.faults.clear()
    assert get(Downloader(web.cache, double.url)) == CONTENT
    assert double.asked[-1][2] == f"bytes={len(CONTENT) // 2}-"


def test_a_file_that_became_another_in_between_is_fetched_anew(web: Downloader, double: Double) -> None:
    double.faults["set.zip"] = ["cut"] + [503] * download.TRIES
    with pytest.raises(Unavailable):
        get(web, "")
    other = CONTENT[::-1]
    double.files["example.org/data/set.zip"] = other
    assert get(web, "") == other
    double.files["example.org/data/set.zip"] = CONTENT


def test_a_host_without_tags_starts_anew(web: Downloader, double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(double, "find", lambda path: (CONTENT, {"ETag": 'W/"weak"'}))
    double.faults["set.zip"] = ["cut"]
    assert get(web) == CONTENT
    assert not any(asked for *_, asked in double.asked)


def test_wrong_bytes_are_refused_and_nothing_of_them_is_kept(web: Downloader, double: Double) -> None:
    double.faults["set.zip"] = ["lie"]
    with pytest.raises(Changed, match="is not the known file"):
        get(web)
    assert get(web) == CONTENT


def test_wrong_bytes_after_right_ones_cost_a_second_whole_transfer(web: Downloader, double: Double) -> None:
    double.faults["set.zip"] = ["cut"] + [503] * download.TRIES
    with pytest.raises(Unavailable):
        get(web)
    double.faults["set.zip"] = ["lie"]
    assert get(web) == CONTENT


def test_changed_files_are_taken_only_when_asked(web: Downloader, double: Double, tmp_path: Path) -> None:
    with pytest.raises(Changed):
        get(web, "0" * 64)
    willing = Downloader(Cache(tmp_path / "other"), double.url, accept_changed=True)
    assert get(willing, "0" * 64) == CONTENT


def test_gone_and_forbidden(web: Downloader, double: Double) -> None:
    for status in (404, 410, 403):
        double.faults["set.zip"] = [status]
        with pytest.raises(Gone, match=str(status)):
            get(web)


def test_no_connection_is_told_once_a_host(web: Downloader) -> None:
    nowhere = Downloader(web.cache, "http://127.0.0.1:9")
    with pytest.raises(Unreachable, match=r"127.0.0.1:9 cannot be reached \(Connection refused\)"):
        get(nowhere)
    assert nowhere.dead
    with pytest.raises(Unreachable):
        get(nowhere)


def test_a_host_that_always_breaks_off(web: Downloader, double: Double) -> None:
    double.faults["set.zip"] = [500] * 50
    with pytest.raises(Unavailable, match=f"broke off {download.TRIES} times: the server says 500"):
        get(web)
    assert len(double.asked) == download.TRIES


def test_no_space_is_told_before_a_byte_is_written(web: Downloader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xharness.fetch.cache.shutil.disk_usage", lambda _: type("Usage", (), {"free": 10}))
    with pytest.raises(UserError, match="no space"):
        get(web)
    monkeypatch.undo()
    assert not list((web.cache.root / "partial").glob("*[0-9a-f]"))


def test_a_spoiled_cache_is_noticed(web: Downloader, double: Double) -> None:
    blob = web.get(URL, SHA, None, lambda done, total: None)
    blob.path.write_bytes(b"spoiled")
    assert get(web) == CONTENT
    assert len(double.asked) == 2
