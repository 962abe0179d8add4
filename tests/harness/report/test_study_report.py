"""The report of a study as text: what is said, what is missing, what produced it, in every format."""

from __future__ import annotations

import csv
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.harness.studies.written import DESIGN, START, design_of, plan_by_hand, write_study
from xharness.report.study_charts import bounds_of_interest
from xharness.report.study_contents import StudyContents, gather_study
from xharness.report.study_graph import TreeNode, tree
from xharness.report.study_notes import missing, notes, untested, warnings
from xharness.report.study_origins import command
from xharness.report.study_page import render
from xharness.report.study_report import report_study
from xharness.studies.findings import find
from xharness.studies.record import RecordedStudy, record
from xharness.studies.results import AGAIN
from xharness.studies.statistics.verdicts import Direction
from xharness.studies.statistics.wording import sentence
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.data import MADE_UP


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> RecordedStudy:
    return write_study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def contents(study: RecordedStudy) -> StudyContents:
    return gather_study(study.out)


@pytest.fixture(scope="module")
def page(contents: StudyContents) -> str:
    return render(contents)


def data_of(page: str) -> Any:
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    return json.loads(found)


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def sections(page: str) -> list[str]:
    return re.findall(r'<section id="(\w+)">', page)


def test_the_page_has_everything_of_a_finished_study(contents: StudyContents, page: str) -> None:
    design = contents.study.design
    assert sections(page) == ["question", "effects", "hypotheses", "scaling", "phases", "provenance"]
    for text in (design.title, design.question, design.support, *design.sources):
        assert text in page
    assert contents.found is not None
    for judgement in contents.found.judgements:
        assert sentence(judgement).replace("'", "&#39;") in page
    badges = re.findall(r'<span class="badge ([\w-]+)">', page)
    assert badges == [each.verdict.replace(" ", "-") for each in contents.found.judgements]
    assert {"supported", "not-supported"} <= set(badges)


def test_it_is_whole_in_one_file(page: str) -> None:
    head = page.partition("<style>")[0]
    assert "default-src 'none'" in head
    assert not re.search(r'(src|href)="(?!data:|#)', head)
    assert len(page.encode()) < 5_000_000


def test_charts_have_the_numbers_of_the_findings(contents: StudyContents, page: str) -> None:
    data, found = data_of(page), contents.found
    assert found is not None
    for drawn, judgement in zip(data["hypotheses"], found.judgements, strict=True):
        assert judgement.estimate is not None and judgement.estimate.over_seeds is not None
        assert judgement.estimate.interval is not None
        assert drawn["value"] == pytest.approx(judgement.estimate.value, abs=1e-3)
        ends = (drawn["low"], drawn["high"], drawn["seedLow"], drawn["seedHigh"])
        assert ends == pytest.approx((*judgement.estimate.interval, *judgement.estimate.over_seeds.interval), abs=1e-3)
        assert dict(drawn["points"]) == pytest.approx(dict(judgement.estimate.points), abs=1e-3)
        assert drawn["series"] == judgement.verdict
    assert [each["bounds"] for each in data["hypotheses"]] == [[1.0], [-2.0], [-1.0, 1.0], [1.0]]
    assert len(data["changes"]) == 4 * 2 * 2  # arms but the baseline, targets, English or not
    (line,) = data["lines"]
    assert [mean["amount"] for mean in line["means"]] == [100, 1000, 10000]
    assert line["fit"][1][1] - line["fit"][0][1] == pytest.approx(line["slope"], abs=2e-3)


@pytest.mark.parametrize(
    ("direction", "bounds"),
    [("greater", [2.0]), ("less", [-2.0]), ("different", [-2.0, 2.0]), ("equivalent", [-2.0, 2.0])],
)
def test_the_smallest_effect_stands_on_the_side_that_is_claimed(direction: str, bounds: list[float]) -> None:
    assert bounds_of_interest(Direction(direction), 2.0) == bounds
    assert bounds_of_interest(Direction(direction), 0.0) == []


def test_the_same_study_gives_the_same_bytes(contents: StudyContents, page: str) -> None:
    assert render(gather_study(contents.study.out)) == page


def test_shared_phases_are_drawn_once(contents: StudyContents) -> None:
    (start,) = tree(contents)
    assert (start.title, start.facts) == ("start: encoder", [("fingerprint", START[:12])])
    below = {(node.title, dict(node.facts).get("examples", "")): node for node in start.children}
    assert set(below) == {("xnli", "500"), ("pawsx", ""), ("mnli", "100"), ("mnli", "1,000"), ("mnli", "10,000")}
    small = below["mnli", "100"]
    assert small.standing == [("✓", "done", "3 steps done")]
    assert [node.title for node in small.children] == ["xnli", "pawsx", "qqp"]
    assert [node.title for node in small.children[0].evaluated] == ["small → xnli"]


def all_nodes(nodes: list[TreeNode]) -> list[TreeNode]:
    return [found for node in nodes for found in (node, *node.evaluated, *all_nodes(node.children))]


def test_every_step_is_in_the_tree(contents: StudyContents) -> None:
    assert sum(node.states.total() for node in all_nodes(tree(contents))) == len(contents.study.graph)


def test_provenance(contents: StudyContents, page: str) -> None:
    text, options = flat(page), contents.study.options
    assert f"xharness study run made.toml --size small --model encoder --data {options['data']}" in text
    assert START in text
    assert "0.72 of one process: evaluate 0.30, train 0.42" in text
    assert "node1" in text
    plain = page.replace("<wbr>", "")
    assert "metric:accuracy|split:test|data:xnlide|precision:fp32" in plain
    assert all(step.key in plain for step in contents.study.graph)


def test_the_command_has_what_was_chosen(tmp_path: Path) -> None:
    study = write_study(tmp_path, size="smoke", items=20)
    options = {**study.options, "arms": ["none"], "seeds": [1, 2], "sets": ["steps=3", "batch_size=2"], "layer": "4"}
    options |= {"named": "my studies/made.toml", "threads": 2}
    said = command(replace(study, options=options, out=Path("a folder")))
    assert said.startswith("xharness study run 'my studies/made.toml' --size smoke ")
    assert "--set steps=3 --set batch_size=2 --arms none --layer 4 --threads 2 --out 'a folder' --store" in said
    assert "--seeds" not in said


def test_an_unfinished_study_says_what_is_missing(tmp_path: Path) -> None:
    gone = {"mnli, seed 2", *(f"large → xnli, seed {seed}" for seed in (1, 2, 3))}
    study = write_study(tmp_path, without=gone, items=40)
    failed = next(step for step in study.graph if step.title == "mnli, seed 2")
    study.store.log(failed.id).parent.mkdir(parents=True)
    study.store.log(failed.id).write_text("<b>the card is full\n", encoding="utf-8")
    study.store.fail(failed.id, "out of memory")
    contents = gather_study(study.out)
    assert any(line.startswith("Unfinished: 6 of 72 steps are not done.") for line in warnings(contents))
    lines = missing(contents)
    assert lines[0] == "failed: mnli, seed 2: out of memory"
    assert "large → xnli, seed 1" in lines[1] and lines[1].startswith("not started: ")
    page = render(contents)
    assert "missing" in sections(page) and "scaling" not in sections(page)
    assert "&lt;b&gt;the card is full" in page and "<b>the card" not in page
    assert "there is no large on xnli" in page
    assert len(data_of(page)["hypotheses"]) == 2  # those that were measured
    for ending in ("md", "tex", "csv", "json"):
        report_study(study.out, tmp_path / f"r.{ending}")


def test_a_study_of_which_nothing_is_done(tmp_path: Path) -> None:
    record("made", plan_by_hand(tmp_path))
    out = tmp_path / "out"
    page = report_study(out, tmp_path / "r.html").read_text("utf-8")
    assert sections(page) == ["question", "missing", "effects", "phases", "provenance"]
    assert "No evaluation is done yet" in page
    assert "and 60 more" in page
    for ending in ("md", "tex", "csv", "json"):
        report_study(out, tmp_path / f"r.{ending}")
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["hypotheses"] == []


def test_a_smoke_test_and_the_demo_are_said_to_mean_nothing(tmp_path: Path) -> None:
    study = write_study(tmp_path, size="smoke", items=20)
    assert len(list(warnings(gather_study(study.out)))) == 1
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / MADE_UP).write_text("{}", encoding="utf-8")
    contents = gather_study(study.out)
    smoke, demo = warnings(contents)
    assert "mean nothing" in smoke and "made-up world" in demo
    page = render(contents)
    assert page.index("mean nothing") < page.index(study.design.question)
    assert untested(contents) == ["much MNLI helps", "a second phase harms", "more is better"]
    assert any("Only the first 8 examples" in note for note in notes(contents))


def test_late_hypotheses_are_said_to_be_late(tmp_path: Path) -> None:
    write_study(tmp_path, size="smoke", items=20)
    changed = design_of(DESIGN.replace("smallest_effect = 2.0", "smallest_effect = 3.0"))
    record("made", plan_by_hand(tmp_path, changed, "smoke"))
    contents = gather_study(tmp_path / "out")
    (late,) = (line for line in warnings(contents) if line.startswith("Declared late"))
    assert "4 evaluations had a result already" in late
    assert "Declared late" in render(contents)


def test_what_is_not_zero_shot_is_marked(contents: StudyContents) -> None:
    run = contents.runs[-1]
    marked = replace(run, scores=replace(run.scores, not_zero_shot={"pawsx": ["it has seen German"]}))
    seen = replace(contents, runs=[*contents.runs[:-1], marked])
    assert seen.not_zero_shot == {("chain", "pawsx")}
    assert "pawsx after chain is not zero-shot: it has seen German." in list(notes(seen))
    assert "†" in render(seen)


def test_latex_has_both_tables(study: RecordedStudy, tmp_path: Path) -> None:
    text = report_study(study.out, tmp_path / "r.tex").read_text("utf-8")
    assert text.count("\\begin{table}") == text.count("\\toprule") == text.count("\\bottomrule") == 2
    assert r"\label{tab:effects}" in text and r"\label{tab:verdicts}" in text
    assert r"$\uparrow$" in text
    body = [line for line in text.splitlines() if not line.startswith("%")]
    assert not any(letter in "\n".join(body) for letter in "▲▼†→")


def test_the_sheet_has_all_digits(study: RecordedStudy, tmp_path: Path) -> None:
    with report_study(study.out, tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = find(study)
    assert found is not None
    for row, effect in zip(rows, found.effects, strict=True):
        assert effect.score is not None
        assert float(row["score"]) == effect.score.value
        assert (row["change"] == "") is (effect.arm == "none")


def test_json_has_verdicts_and_provenance(study: RecordedStudy, tmp_path: Path) -> None:
    found = json.loads(report_study(study.out, tmp_path / "r.json").read_text("utf-8"))
    assert [each["name"] for each in found["hypotheses"]] == [each.name for each in study.design.hypotheses]
    assert found["declared_late"] is False
    assert found["provenance"]["settings"]["fingerprint of the model"] == START
    assert found["provenance"]["steps"] == {step.id: step.key for step in study.graph}


def test_markup_in_a_study_is_text(tmp_path: Path) -> None:
    design = replace(design_of(), title="<b>t", question="</script><script>alert(1)</script>")
    page = render(gather_study(write_study(tmp_path, design, size="smoke", items=20).out))
    assert "<b>t" not in page and "&lt;b&gt;t" in page
    assert "alert(1)</script>" not in page


def test_hypotheses_of_a_family_stay_in_it_when_only_some_arms_are_run(tmp_path: Path) -> None:
    others = [(arm, target) for arm in ("middle", "large", "chain") for target in ("xnli", "pawsx")]
    gone = {f"{arm} → {target}, seed {seed}" for arm, target in others for seed in (1, 2, 3)}
    study = write_study(tmp_path, items=40, without=gone)
    some = replace(study, evaluated=tuple(each for each in study.evaluated if each.arm in ("none", "small")))
    found = find(some)
    assert found is not None
    assert {each.tests for each in found.judgements} == {len(study.design.hypotheses)}
    assert sum(bool(each.lacking) for each in found.judgements) == len(study.design.hypotheses) - 1


def test_what_is_said_of_a_run_names_it_and_what_is_said_of_all_does_not(contents: StudyContents) -> None:
    first, *others = contents.runs
    one = replace(first.manifest, notes=["all of it", "it did not train"])
    rest = [replace(run, manifest=replace(run.manifest, notes=["all of it"])) for run in others]
    said = list(notes(replace(contents, runs=[replace(first, manifest=one), *rest])))
    name = f"{first.evaluated.arm} → {first.evaluated.target}, seed {first.evaluated.seed}"
    assert f"it did not train ({name})" in said
    assert "all of it" in said


def test_a_phase_before_the_last_that_did_not_train_is_told(contents: StudyContents) -> None:
    run = contents.runs[0]
    name, model = next(iter(run.manifest.models.items()))
    before: JsonObject = {"tasks": ["mnli"], "did_not_train": ["67 of 200 are right"], "parents": [], "zero_shot": True}
    parent: JsonObject = {"fingerprint": "a" * 64, "path": "p", "provenance": before}
    last: JsonObject = {"tasks": ["xnli"], "parents": [parent], "zero_shot": True}
    marked = replace(run.manifest, models={name: replace(model, provenance=last)})
    said = list(notes(replace(contents, runs=[replace(run, manifest=marked), *contents.runs[1:]])))
    assert any(
        line.startswith("before the last phase, mnli did not train: 67 of 200 are right (none → ") for line in said
    )


def test_files_of_the_study_are_not_written_over(study: RecordedStudy) -> None:
    before = (study.out / "study.json").read_bytes()
    for name in ("study.json", "graph.json", "findings.json", "results.csv", "results.json"):
        with pytest.raises(UserError, match="cannot write the report to"):
            report_study(study.out, study.out / name)
    assert (study.out / "study.json").read_bytes() == before


def test_a_damaged_evaluation_is_done_again_by_the_study(tmp_path: Path) -> None:
    study = write_study(tmp_path, size="smoke", items=20)
    (study.store.output(study.evaluated[0].step.id) / "scores.json").write_text("{}")
    with pytest.raises(UserError) as error:
        report_study(study.out, tmp_path / "r.html")
    assert error.value.fix == AGAIN and "xharness study run" in AGAIN


def test_a_store_that_is_gone_is_missed(tmp_path: Path) -> None:
    study = write_study(tmp_path, size="smoke", items=20)
    shutil.move(study.store.root, tmp_path / "moved")
    with pytest.raises(UserError, match="no store at"):
        report_study(study.out, tmp_path / "r.html")
