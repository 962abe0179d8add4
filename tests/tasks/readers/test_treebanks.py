"""Releases of treebanks beside each other."""

from pathlib import Path

from xharness.tasks.readers.treebanks import notes_on_releases, of_release, release, repeated

FOLDER = Path("udpos")
OLD, NEW = (FOLDER / f"ud-treebanks-v{number}" / "UD_German-GSD" / "de.conllu" for number in ("2.5", "2.7"))


def test_a_release_is_a_folders_name() -> None:
    assert release(OLD, FOLDER) == "2.5"
    assert release(FOLDER / "v12.5" / "de.conllu", FOLDER) == release(FOLDER / "de-2.5.conllu", FOLDER) == ""


def test_the_wanted_release_goes_first_and_without_it_all_are_taken() -> None:
    assert of_release([NEW, OLD], FOLDER, "2.5") == (OLD,)
    assert of_release([NEW, OLD], FOLDER, "2.9") == (OLD, NEW)


def test_what_was_read_and_what_was_left_is_noted() -> None:
    assert notes_on_releases(FOLDER, [OLD], [], "2.5") == []
    assert notes_on_releases(FOLDER, [NEW], [], "2.5") == ["treebanks of release 2.7, where XTREME has 2.5"]
    assert notes_on_releases(FOLDER, [OLD], [NEW], "2.5") == [
        "release 2.5 is read, 1 file beside it (release 2.7) left aside"
    ]


def test_a_treebank_that_is_there_twice(tmp_path: Path) -> None:
    for name, content in (("a", b"1\n"), ("b", b"1\r\n"), ("c", b"2\n")):
        (tmp_path / name).write_bytes(content)
    found = repeated([tmp_path / name for name in "abc"])
    assert [(each.file.name, each.what) for each in found] == [
        ("b", f"the same treebank as {tmp_path / 'a'}: keep one of them")
    ]
