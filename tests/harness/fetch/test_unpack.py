"""Archives that nobody should trust."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from harness.fetch import unpack as module
from harness.fetch.cache import Cache, hash_file
from harness.fetch.failures import Unavailable
from harness.fetch.unpack import unpack
from tests.harness.fetch.world import tarred, zipped


def opened(tmp_path: Path, name: str, content: bytes, *patterns: str) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return unpack(path, hash_file(path), name, Cache(tmp_path / "cache"), *patterns)


@pytest.mark.parametrize(
    ("name", "mode"), [("a.zip", ""), ("a.tar.gz", "w:gz"), ("a.tar.bz2", "w:bz2"), ("a.tgz", "w:gz")]
)
def test_only_what_is_asked_for(tmp_path: Path, name: str, mode: str) -> None:
    members = {"x/de_a.conllu": "1", "x/en_a.conllu": "2", "__MACOSX/x/de_a.conllu": "3"}
    content = tarred(members, mode) if mode else zipped(members)
    folder = opened(tmp_path, name, content, "de_*.conllu")
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["de_a.conllu"]
    assert opened(tmp_path, name, content, "en_*.conllu") == folder
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["de_a.conllu", "en_a.conllu"]


@pytest.mark.parametrize("path", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "..\\out.txt"])
def test_no_way_out(tmp_path: Path, path: str) -> None:
    for name, content in (("a.zip", zipped({path: "x"})), ("a.tar", tarred({path: "x"}, "w"))):
        with pytest.raises(Unavailable, match="leads out of its folder"):
            opened(tmp_path, name, content)
    assert not list(tmp_path.rglob("out.txt"))


def test_no_links(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        link = tarfile.TarInfo("x/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(Unavailable, match="link"):
        opened(tmp_path, "a.tar", stream.getvalue())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zip_archive:
        info = zipfile.ZipInfo("x/link")
        info.external_attr = 0o120777 << 16
        zip_archive.writestr(info, "/etc/passwd")
    with pytest.raises(Unavailable, match="link"):
        opened(tmp_path, "a.zip", stream.getvalue())


def test_no_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALL", 10_000)
    for name, content in (("a.zip", zipped({"x": "0" * 10_000_000})), ("a.tgz", tarred({"x": "0" * 10_000_000}))):
        with pytest.raises(Unavailable, match="fill the disk"):
            opened(tmp_path, name, content)


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar.bz2"])
def test_half_an_archive(tmp_path: Path, name: str) -> None:
    whole = (
        zipped({"x": "abc" * 999})
        if name == "a.zip"
        else tarred({"x": "abc" * 999}, "w:gz" if "gz" in name else "w:bz2")
    )
    for content in (whole[: len(whole) // 2], b"nothing of the kind"):
        with pytest.raises(Unavailable, match="broken archive"):
            opened(tmp_path, name, content)
