"""Archives that nobody should trust."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.harness.fetch.world import tarred, zipped
from xharness.fetch import unpack as module
from xharness.fetch.cache import Cache
from xharness.fetch.failures import Unavailable
from xharness.fetch.unpack import unpack
from xharness.tasks.common.files import hash_file


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


def test_an_archive_without_files_gives_an_empty_folder(tmp_path: Path) -> None:
    for name, content in (("a.zip", zipped({})), ("b.tar.gz", tarred({}))):
        assert list(opened(tmp_path, name, content).iterdir()) == []


def patched(content: bytes, at: tuple[int, int], value: int) -> bytes:
    """A zip of one member with two bytes changed in its local and its central header."""
    changed = bytearray(content)
    for place in (at[0], content.index(b"PK\x01\x02") + at[1]):
        changed[place : place + 2] = value.to_bytes(2, "little")
    return bytes(changed)


def test_encrypted_and_oddly_compressed_zips(tmp_path: Path) -> None:
    whole = zipped({"x": "abc" * 99})
    for content, why in ((patched(whole, (6, 8), 1), "encrypted"), (patched(whole, (8, 10), 97), "compression")):
        with pytest.raises(Unavailable, match=f"^a.zip is a broken archive: .*{why}"):
            opened(tmp_path, "a.zip", content)


@pytest.mark.parametrize("mode", ["", "w", "w:gz", "w:xz"])
def test_too_many_members(tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_MEMBERS", 5)
    members = {str(number): "" for number in range(6)}
    with pytest.raises(Unavailable, match="more than 5 files"):
        opened(tmp_path, "a.tar.gz", tarred(members, mode) if mode else zipped(members), "5")


def test_a_huge_member_that_is_not_wanted_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALL", 10_000)
    with pytest.raises(Unavailable, match="fill the disk"):
        opened(tmp_path, "a.tgz", tarred({"x": "0" * 10_000_000, "y": "1"}), "y")


def tar_of(kind: bytes, **facts: object) -> bytes:
    """A tar with one member of a kind."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo("x/y")
        member.type = kind
        for name, value in facts.items():
            setattr(member, name, value)
        archive.addfile(member)
    return stream.getvalue()


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.LNKTYPE])
def test_no_devices(tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(Unavailable, match="link or device"):
        opened(tmp_path, "a.tar", tar_of(kind, linkname="/etc/passwd"))


def test_a_header_that_claims_to_be_huge(tmp_path: Path) -> None:
    # A name of 10 GB, as GNU's long names are announced.
    with pytest.raises(Unavailable, match=r"fill the disk|broken archive"):
        opened(tmp_path, "a.tar", tar_of(tarfile.GNUTYPE_LONGNAME, size=10**10) + b"a" * 100_000)


@pytest.mark.parametrize("names", [("x", "x/y"), ("x/y", "x"), ("n" * 300,)])
def test_names_that_cannot_be(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name, content in (
        ("a.zip", zipped(dict.fromkeys(names, "1"))),
        ("b.tar", tarred(dict.fromkeys(names, "1"), "w")),
    ):
        with pytest.raises(Unavailable, match="broken archive"):
            opened(tmp_path, name, content)


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    content = zipped({"x": "1", "y": "2"})
    folder = opened(tmp_path, "a.zip", content, "x")
    left = folder / ".abc.999999.partial"
    left.touch()
    opened(tmp_path, "a.zip", content, "y")
    assert not left.exists()
