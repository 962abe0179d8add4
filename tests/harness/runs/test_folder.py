"""Run folders: what is done is whole, what is foreign is left alone, what is written is written whole."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.harness.runs.opened import IDENTITY, ITEMS, RECORD, TEXT, message, opened
from xharness.runs.folder import RunFolder
from xharness.runs.manifest import KIND
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.keys import content_key

# --- cells -----------------------------------------------------------------------------------------------------------


def test_a_key_depends_on_every_part_and_on_no_order() -> None:
    parts = {"model": "m", "data": "d", "options": {"layer": 3}}
    assert content_key(parts) == content_key(dict(reversed(parts.items())))
    for name, other in (("model", "n"), ("data", "e"), ("options", {"layer": 4})):
        assert content_key(parts | {name: other}) != content_key(parts)


# --- the folder ------------------------------------------------------------------------------------------------------


def test_the_same_run_is_opened_again(folder: RunFolder) -> None:
    manifest = (folder.path / "manifest.json").read_bytes()
    again = opened(folder.path)
    assert len(again.records()) == 1
    assert (folder.path / "manifest.json").read_bytes() == manifest
    assert again.manifest() == {"kind": KIND, "identity": IDENTITY}
    opened(folder.path, overwrite=True)
    assert len(folder.records()) == 1, "the same run is continued, not thrown away"


def test_overwriting_clears_the_old_run_and_nothing_else(folder: RunFolder) -> None:
    folder.write_scores({"xnli": 1})
    (folder.path / "sweep-tatoeba-accuracy.png").write_bytes(b"png")
    (folder.path / "notes.txt").write_text("mine")
    other = IDENTITY | {"options": {"limit": 1}}
    opened(folder.path, other, overwrite=True)
    assert sorted(path.name for path in folder.path.iterdir()) == ["manifest.json", "notes.txt"]
    assert folder.manifest()["identity"] == other


def test_a_run_without_a_finished_cell_binds_nobody(tmp_path: Path) -> None:
    opened(tmp_path / "run")
    other = {"model": {"model": "other"}}
    assert opened(tmp_path / "run", other).manifest() == {"kind": KIND, "identity": other}


def test_overwriting_that_is_killed_leaves_the_old_run_in_name(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its manifest goes last: without it nobody would know that the predictions belong to something else."""
    folder.write_scores({"xnli": 1})

    def killed(_path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        opened(folder.path, {"model": "other"}, overwrite=True)
    with pytest.raises(UserError, match="holds another run"):
        opened(folder.path, {"model": "other"})


def test_what_killed_writes_left_is_removed(folder: RunFolder) -> None:
    left = [folder.path / ".scores.json.77.partial", folder.path / "items/xnli/.test-fr.npz.8.partial"]
    for path in left:
        path.write_bytes(b"half")
    opened(folder.path)
    assert not any(path.exists() for path in left)
    assert len(folder.records()) == 1


def test_a_run_killed_in_its_first_write_is_continued(tmp_path: Path) -> None:
    (tmp_path / ".lock").write_text("")
    (tmp_path / ".manifest.json.77.partial").write_bytes(b'{"ki')
    opened(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "manifest.json"]


@pytest.mark.parametrize("harm", ["cut", "gone", "changed", "another type", "not text"])
def test_a_manifest_that_was_damaged_is_made_again(folder: RunFolder, harm: str) -> None:
    path = folder.path / "manifest.json"
    text = path.read_text(encoding="utf-8")
    if harm == "gone":
        path.unlink()
    else:
        other = {"cut": text[:40], "changed": text.replace('"last"', '"first"'), "another type": '{"kind": []}'}
        path.write_bytes(other.get(harm, "\udcff").encode(errors="surrogateescape"))
    (folder.path / "sweep-tatoeba-accuracy.png").write_bytes(b"png")
    assert opened(folder.path).manifest()["identity"] == IDENTITY
    assert path.read_text(encoding="utf-8") == text
    assert len(folder.records()) == 1


@pytest.mark.parametrize("overwrite", [False, True])
def test_files_of_others_are_left_alone(tmp_path: Path, overwrite: bool) -> None:
    for name in ("thesis.tex", "a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text("")
    with pytest.raises(UserError) as error:
        opened(tmp_path, overwrite=overwrite)
    assert message(error) == (
        f"{tmp_path} is not empty and holds no run\n"
        "  why: it has a.txt, b.txt, c.txt, and xharness never writes among files of others\n"
        "  fix: choose another --out"
    )


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("manifest", ['{"name": "web app"}', "[]", '"text"', '{"kind": "other", "identity": {}}'])
def test_a_manifest_of_something_else_is_no_run(tmp_path: Path, manifest: str, overwrite: bool) -> None:
    (tmp_path / "items").mkdir()
    (tmp_path / "items" / "precious").write_text("")
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(UserError, match="is not empty and holds no run") as error:
        opened(tmp_path, overwrite=overwrite)
    assert error.value.why == "it has manifest.json, and xharness never writes among files of others"
    assert (tmp_path / "items" / "precious").exists()


def test_an_empty_folder_and_a_missing_one_will_do(tmp_path: Path) -> None:
    opened(tmp_path / "a" / "b")
    (tmp_path / "c").mkdir()
    opened(tmp_path / "c")
    assert (tmp_path / "a/b/manifest.json").is_file()


def test_checking_changes_nothing(tmp_path: Path) -> None:
    RunFolder(tmp_path / "new").check(IDENTITY, overwrite=True)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("inner", ["", "/below", "/below/further"])
def test_a_file_in_the_way(tmp_path: Path, inner: str) -> None:
    (tmp_path / "file").write_text("")
    path = Path(f"{tmp_path}/file{inner}")
    with pytest.raises(UserError) as error:
        RunFolder(path).check(IDENTITY, overwrite=False)
    assert message(error) == (
        f"cannot write to {path}\n"
        f"  why: {tmp_path / 'file'} is a file\n"
        "  fix: choose another --out, or fix the permissions"
    )
    with pytest.raises(UserError, match="cannot write to"), RunFolder(path).locked():
        pytest.fail("nothing can be locked there")


def test_a_folder_that_is_not_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:  # root may write anywhere: take the right away where it is asked for
        real = os.access
        monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and real(path, mode))
    else:
        tmp_path.chmod(0o500)
    with pytest.raises(UserError) as error:
        RunFolder(tmp_path / "x" / "y").check(IDENTITY, overwrite=False)
    assert message(error) == (
        f"cannot write to {tmp_path / 'x' / 'y'}\n"
        f"  why: {tmp_path} is not writable\n"
        "  fix: choose another --out, or fix the permissions"
    )


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_the_old_file(folder: RunFolder, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    path = folder.path / "predictions/xnli/test-de.tsv"
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError) as error:
        folder.save(RECORD, "neutral\n" * 2, ITEMS)
    assert message(error) == (
        f"cannot write {path}: the disk is full\n"
        f"  why: {os.strerror(number)}; what was written before is whole\n"
        "  fix: free some space, then run the same command again: it continues"
    )
    assert path.read_text() == TEXT
    assert not list(folder.path.rglob("*.partial"))
    monkeypatch.undo()
    folder.save(RECORD, TEXT, ITEMS)
    assert folder.record("xnli", "de", "test") is not None


def test_a_full_disk_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: Any, **_options: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(UserError, match="cannot write to") as error, RunFolder(tmp_path / "new").locked():
        pytest.fail("there is no folder to lock")
    assert error.value.why == "No space left on device"


HOLDER = """
import sys
from pathlib import Path
from xharness.runs.folder import RunFolder
with RunFolder(Path(sys.argv[1])).locked():
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_kept_out_until_the_first_is_gone(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    command = [sys.executable, "-c", HOLDER, str(folder.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(UserError) as error, folder.locked():
            pytest.fail("two processes hold one folder")
        assert message(error) == (
            f"{folder.path} is in use\n"
            "  why: another xharness is writing there\n"
            "  fix: wait for it, or choose another --out"
        )
        holder.kill()
    with folder.locked():
        folder.open(IDENTITY, overwrite=False)
    with folder.locked():
        assert json.loads((folder.path / "manifest.json").read_text())["kind"] == KIND
