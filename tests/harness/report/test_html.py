"""The page as a text: what stands in it, how large it is, and what it does with texts that look like markup."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from xharness.report import ReportOptions, report
from xharness.report import items as item_module
from xharness.runs.folder import RunFolder
from xharness.tables.escapes import script_json

TwoRuns = tuple[Path, Path]
LIMIT = 5_000_000


def data_of(page: Path) -> Any:
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page.read_text("utf-8"), re.S)
    return json.loads(found)


@pytest.fixture(scope="module")
def page(two_runs: TwoRuns, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report(two_runs[:1], ReportOptions(out=tmp_path_factory.mktemp("page") / "report.html"))


@pytest.fixture(scope="module")
def both(two_runs: TwoRuns, tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = ReportOptions(out=tmp_path_factory.mktemp("page") / "report.html", resamples=200, items=1000)
    return report(two_runs, options)


def test_every_number_stands_there_with_its_signature(two_runs: TwoRuns, page: Path) -> None:
    scores = json.loads((two_runs[0] / "scores.json").read_text("utf-8"))
    text = page.read_text("utf-8").replace("<wbr>", "")
    cells = [cell for by_language in scores["xharness"]["cells"].values() for cell in by_language.values()]
    assert len(cells) == 162
    for cell in cells:
        row = next(row for row in re.findall(r"<tr>.*?</tr>", text) if f">{cell['signature']}</td>" in row)
        assert f">{cell['score']:.2f}</td>" in row
    assert f"<b>{scores['all_task']:.2f}</b>" in text


def test_the_charts_have_the_numbers_of_the_scores(two_runs: TwoRuns, page: Path) -> None:
    scores = json.loads((two_runs[0] / "scores.json").read_text("utf-8"))
    data = data_of(page)
    drawn = {(cell["task"], cell["language"]): cell for cell in data["cells"]}
    for task, languages in scores["xharness"]["cells"].items():
        for language, cell in languages.items():
            assert drawn[task, language]["score"] == pytest.approx(cell["score"], abs=1e-3)
            assert drawn[task, language]["low"] == pytest.approx(cell["score_interval"][0], abs=1e-3)
    assert [each["name"] for each in data["averages"] if each["what"] == "total"] == ["all tasks"]


def test_no_page_is_too_large_for_a_mail(page: Path, both: Path) -> None:
    assert page.stat().st_size < LIMIT
    assert both.stat().st_size < LIMIT


def test_the_same_runs_give_the_same_bytes(two_runs: TwoRuns, page: Path, tmp_path: Path) -> None:
    again = report(two_runs[:1], ReportOptions(out=tmp_path / "again.html"))
    assert again.read_bytes() == page.read_bytes()


def test_nothing_is_asked_of_the_network(page: Path) -> None:
    head = page.read_text("utf-8").partition("<style>")[0]
    assert "default-src 'none'" in head
    assert not re.search(r'(src|href)="(?!data:|#)', head.partition("<body>")[0])


def test_items_that_changed_are_those_of_the_diff(two_runs: TwoRuns, both: Path) -> None:
    from xharness.diff.items import changes

    browser = data_of(both)["browser"]
    (index,) = (i for i, cell in enumerate(browser["cells"]) if (cell["task"], cell["language"]) == ("xquad", "zh"))
    expected = changes(*two_runs, "xquad", "zh")
    assert browser["cells"][index]["total"] == len(expected) > 0
    shown = [item for item in browser["items"] if item["cell"] == index]
    assert [item["id"] for item in shown] == [change.id for change in expected]
    assert [item["answers"] for item in shown] == [[change.base, change.new] for change in expected]


def test_items_of_one_run_are_mostly_wrong_ones(page: Path) -> None:
    statuses = [item["status"] for item in data_of(page)["browser"]["items"]]
    assert set(statuses) == {"right", "wrong"}


def test_what_does_not_fit_is_left_out_in_turns_and_counted(
    two_runs: TwoRuns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_module, "BUDGET", 60_000)
    made = report(two_runs[:1], ReportOptions(out=tmp_path / "small.html"))
    browser = data_of(made)["browser"]
    assert len(json.dumps(browser["items"], ensure_ascii=False, separators=(",", ":")).encode()) <= 60_000
    assert {cell["shown"] for cell in browser["cells"]} <= {0, 1, 2, 3}
    total = sum(cell["total"] for cell in browser["cells"])
    assert f"The page holds {len(browser['items']):,} of {total:,} items" in made.read_text("utf-8")


def test_without_items(two_runs: TwoRuns, tmp_path: Path) -> None:
    made = report(two_runs[:1], ReportOptions(out=tmp_path / "none.html", items=0))
    assert data_of(made)["browser"]["items"] == []
    assert "as asked with --items 0" in made.read_text("utf-8")


def test_data_that_are_gone_are_said_to_be_gone(two_runs: TwoRuns, tmp_path: Path) -> None:
    shutil.copytree(two_runs[0], tmp_path / "run")
    folder = RunFolder(tmp_path / "run")
    folder.write_manifest({**folder.manifest(), "data": {"download": str(tmp_path / "gone"), "labels": ""}})
    made = report([tmp_path / "run"], ReportOptions(out=tmp_path / "report.html"))
    text = made.read_text("utf-8")
    assert re.search(r"the data of .*?run are gone: .*? \(162 cells\)", text)
    assert data_of(made)["browser"]["items"] == []


def test_markup_in_texts_is_text(two_runs: TwoRuns, tmp_path: Path) -> None:
    shutil.copytree(two_runs[0], tmp_path / "<b>run & more")
    folder = RunFolder(tmp_path / "<b>run & more")
    folder.write_manifest({**folder.manifest(), "notes": ["</script><script>alert(1)</script>"]})
    text = report([folder.path], ReportOptions(out=tmp_path / "report.html", items=0)).read_text("utf-8")
    assert "<b>run &" not in text
    assert "&lt;b&gt;run &amp; more on XTREME" in text
    assert "alert(1)</script>" not in text


def test_json_inside_a_script_element_cannot_end_it() -> None:
    value = {"text": "</script><!-- & \u2028"}
    assert "<" not in script_json(value)
    assert json.loads(script_json(value)) == value


def test_bundled_libraries_are_those_of_the_licence_file() -> None:
    assets = files("xharness.report") / "assets"
    table = re.findall(r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", (assets / "LICENSES.md").read_text("utf-8"), re.M)
    assert [name for name, _ in table] == ["d3.min.js", "plot.umd.min.js"]
    for name, digest in table:
        content = (assets / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert b"</script" not in content


def test_runs_with_other_options_are_not_compared_unless_asked(two_runs: TwoRuns, demo: Any, tmp_path: Path) -> None:
    from xharness.evaluation.evaluate import evaluate
    from xharness.evaluation.options import EvaluateOptions

    for layer in ("1", "2"):
        evaluate(
            EvaluateOptions(
                model=demo.models, data=demo.data, out=tmp_path / layer, tasks="tatoeba", layer=layer, resamples=50
            )
        )
    runs = [tmp_path / "1", tmp_path / "2"]
    text = report(runs, ReportOptions(out=tmp_path / "a.html", resamples=100, items=0)).read_text("utf-8")
    assert "2 is not compared: " in text
    assert "layer was 1, now 2" in text
    across = report(runs, ReportOptions(out=tmp_path / "b.html", resamples=100, items=0, across=True))
    assert "2: measured differently: layer" in across.read_text("utf-8")
    assert {each["name"] for each in data_of(across)["differences"]} == {"tatoeba"}
