"""``data check``: counts against the published ones, gold, every problem, exit codes; and the real folder."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from xharness.cli.data import app
from xharness.tasks.common.errors import UserError


def check(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["check", *arguments])


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "download" / "udpos" / "test-mr.tsv", "a\n\n" * 47)
    write(tmp_path / "labels" / "udpos" / "test-mr.tsv", "X\n\n" * 47)
    write(tmp_path / "download" / "udpos" / "test-ta.tsv", "a\n\nb\n")
    write(tmp_path / "download" / "udpos" / "test-lt.tsv", "a\n")
    write(tmp_path / "download" / "udpos" / "dev-en.tsv", "a\tX\n")
    return tmp_path


def cells(result: Result, task: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(cell["language"], cell["split"]): cell for cell in json.loads(result.stdout)["tasks"][task]["cells"]}


def test_what_is_there_against_what_was_published(folder: Path) -> None:
    result = check("--data", str(folder), "--json")
    assert result.exit_code == 0
    found = cells(result, "udpos")
    assert [found[place]["matches"] for place in (("mr", "test"), ("ta", "test"), ("lt", "test"))] == [
        True,
        False,
        None,
    ]
    assert found["mr", "test"]["gold_source"].endswith("labels/udpos/test-mr.tsv")
    assert found["en", "dev"]["gold"] == 1
    task = json.loads(result.stdout)["tasks"]["udpos"]
    assert task["gold_missing"] == ["ta", "lt"]
    assert "de" in task["missing"]
    assert "mr" not in task["missing"]


def test_the_table(folder: Path) -> None:
    result = check("--data", str(folder), "--tasks", "udpos,xnli", "--langs", "mr,ta,en")
    rows = [line.split() for line in result.stdout.split("\n")]
    assert ["udpos", "en", "1"] in rows
    assert ["mr", "47", "equal", "labels"] in rows
    assert ["ta", "2", "differs:", "120", "missing"] in rows
    assert "udpos: test in 2 of 3 languages (missing: en); gold missing: ta; dev: en" in result.stdout
    assert "xnli: nothing there" in result.stdout
    assert "2 test sets: 1 of the published size, 1 with gold" in result.stdout
    assert "not comparable with published scores: udpos ta" in result.stdout
    assert result.exit_code == 0


def test_languages_count_as_the_benchmark_has_them(folder: Path) -> None:
    asked = ("--data", str(folder), "--tasks", "udpos", "--langs", "lt,wo,mr")
    assert "lt (XTREME-R)" in check(*asked).stdout
    found = check(*asked, "--version", "xtreme-r").stdout
    assert "(XTREME-R)" not in found
    assert "udpos: test in 2 of 3 languages (missing: wo)" in found


def test_of_very_many_missing_languages_the_first_are_named(folder: Path) -> None:
    write(folder / "download" / "ntrex" / "newstest2019-src.eng.txt", "a\n")
    write(folder / "download" / "ntrex" / "newstest2019-ref.deu.txt", "a\n")
    shown = check("--data", str(folder), "--tasks", "ntrex").stdout
    assert "test in 1 of 126 languages (missing: af am ar az ba be and 119 more, which --json names)" in shown
    assert (
        len(json.loads(check("--data", str(folder), "--tasks", "ntrex", "--json").stdout)["tasks"]["ntrex"]["missing"])
        == 125
    )


def test_every_problem_is_listed_and_fails_the_check(folder: Path) -> None:
    write(folder / "download" / "udpos" / "test-ta.tsv", "a\n\nb\tX\tX\n")
    write(folder / "download" / "xnli" / "dev-de.tsv", "a\tb\n")
    write(folder / "labels" / "udpos" / "test-mr.tsv", "Y\n\n" * 46)
    for quiet in ((), ("--quiet",)):
        result = check("--data", str(folder), *quiet)
        assert result.exit_code == 1
        assert f"{folder}/download/xnli/dev-de.tsv:1: 2 columns instead of 3" in result.stdout
        assert f"{folder}/download/udpos/test-ta.tsv:3: 3 columns instead of 1" in result.stdout
        assert f"{folder}/labels/udpos/test-mr.tsv:91: 46 sentences of gold for 47 sentences" in result.stdout
        assert "49 problems" in result.stdout
    result = check("--data", str(folder), "--json")
    assert result.exit_code == 1
    assert len(json.loads(result.stdout)["problems"]) == 49


def test_rows_read_used_and_left_out_are_counted(folder: Path) -> None:
    write(folder / "download" / "pawsx" / "de" / "test_2k.tsv", "1\ta\tb\t1\n2\tc\td\t0\n")
    write(folder / "download" / "panx" / "de" / "test", "de:a\tO\nde:b O\n\nde:c\tO\n")
    result = check("--data", str(folder))
    assert result.stdout.count("\nrows: 2 read, 2 used\n") == 1
    assert "\nlines: 3 read, 2 used, 1 left out (1 malformed)\n" in result.stdout
    assert "panx/de/test:2: 1 column instead of 2" in result.stdout
    rows = cells(check("--data", str(folder), "--json"), "panx")["de", "test"]["rows"]
    assert [(each["unit"], each["read"], each["used"], each["left_out"]) for each in rows] == [
        ("line", 3, 2, {"malformed": 1})
    ]


def test_other_tasks_show_up_if_the_folder_holds_them(folder: Path) -> None:
    assert "xcopa" not in json.loads(check("--data", str(folder), "--json").stdout)["tasks"]
    line = '{"premise": "a", "choice1": "b", "choice2": "c", "question": "cause", "label": 0}\n'
    write(folder / "download" / "xcopa" / "test-th.jsonl", line)
    assert cells(check("--data", str(folder), "--json"), "xcopa")["th", "test"]["gold"] is None


def test_wrong_names_are_for_the_user(folder: Path) -> None:
    for arguments, what in (
        (("--tasks", "udpoz"), "unknown task 'udpoz'"),
        (("--langs", "xx"), "unknown language 'xx'"),
        (("--labels", "nowhere"), "no labels folder at nowhere"),
    ):
        error = check("--data", str(folder), *arguments).exception
        assert isinstance(error, UserError)
        assert error.what == what


COUNTS = {
    "xnli": dict.fromkeys("ar de en fr hi ru sw th zh".split(), 5010),
    "pawsx": dict.fromkeys("de en fr ja ko zh".split(), 2000),
    "udpos": dict(
        af=425, ar=1680, de=3899, en=5440, fi=4422, fr=5009, hi=2684, ja=2372, kk=1047, ko=4276, mr=47, ru=8976,
        ta=120, th=1000, yo=100, zh=3455,
    ),
    "xquad": dict.fromkeys("ar de en hi ru th zh".split(), 1190),
    "tydiqa": dict(ar=921, en=440, fi=782, ko=276, ru=812, sw=499),
    "mlqa": dict(de=3821),
    "tatoeba": dict.fromkeys("af ar de fi fr hi ja ko mr ru zh".split(), 1000)
    | dict(jv=205, kk=575, sw=390, ta=307, th=548),
    "xcopa": dict.fromkeys("en sw ta th zh".split(), 500),
    "bucc2018": {},
}  # fmt: skip


@pytest.mark.shared_data
def test_the_real_folder_is_told_truthfully(shared_data: Path) -> None:
    result = check("--data", str(shared_data), "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["problems"] == []
    for task, counts in COUNTS.items():
        found = cells(result, task)
        assert {language: cell["examples"] for (language, split), cell in found.items() if split == "test"} == counts
    assert json.loads(result.stdout)["tasks"]["panx"]["gold_missing"] == ["fr", "ru", "ko", "th", "fi"]
    assert cells(result, "panx")["en", "train"]["examples"] == 20000
    assert cells(result, "udpos")["en", "train"]["examples"] == 21253
    mining = cells(result, "bucc2018")["zh", "dev"]
    assert (mining["examples"], mining["targets"], mining["gold"]) == (8624, 13589, 257)
