"""Scoring folders: equal to the official scorer on its own mock data, strict by default, lenient on request."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.submissions.conftest import Folders
from xharness.submissions.files import tasks_of
from xharness.submissions.score import score_folder
from xharness.tasks.common.errors import BadFiles, Problem, UserError
from xharness.tasks.registry import XTREME, XTREME_R
from xharness.tasks.xnli import TASK as XNLI


def scored(*given: Any, **more: Any) -> tuple[dict[str, Any], list[Problem]]:
    """The content of the file, empty where nothing is scored, and the problems."""
    scores, problems = score_folder(*given, **more)
    return (scores.content() if scores else {}), problems


def same(ours: Any, official: Any, path: str = "") -> None:
    """Equal values at 1e-9 and equal keys in equal order."""
    if isinstance(official, dict):
        assert list(ours) == list(official), path
        for key, value in official.items():
            same(ours[key], value, f"{path}/{key}")
    else:
        assert ours == pytest.approx(official, abs=1e-9), path


@pytest.mark.shared_data
def test_equals_the_official_scorer_on_its_mock_data(shared_data: Path) -> None:
    mock = shared_data / "official_mock"
    scores, problems = scored(mock / "predictions", mock / "labels", XTREME, resamples=10)
    assert problems == []
    del scores["xharness"]
    same(scores, json.loads((mock / "scores.xtreme.json").read_text()))


@pytest.mark.shared_data
def test_xtreme_r_on_the_mock_data(shared_data: Path) -> None:
    mock = shared_data / "official_mock"
    strict, problems = scored(mock / "predictions", mock / "labels", XTREME_R)
    assert strict == {}
    assert any(problem.file.name == "test-qu.tsv" for problem in problems)
    scores, _ = scored(mock / "predictions", mock / "labels", XTREME_R, lenient=True, resamples=10)
    assert scores["mewslix"]["avg_metric"] == pytest.approx(14.39025156130419, abs=1e-9)
    assert "all_task" not in scores
    reasons = {(one["task"], one["language"]): one["reason"] for one in scores["xharness"]["unscored"]}
    assert reasons["panx", "qu"] == "no gold file; no prediction file"
    assert reasons["xcopa", "et"] == "task not in the folders"


@pytest.mark.shared_data
def test_gold_scores_100_on_real_data(shared_data: Path) -> None:
    """Gold as predictions, where the two files have the same form; lenient, because not all languages are there."""
    labels = shared_data / "labels"
    scores, _ = scored(labels, labels, XTREME, lenient=True, resamples=0)
    for task in ("xnli", "pawsx", "panx", "udpos", "tatoeba"):
        assert scores[task]["avg_metric"] == 100, task
    assert len(scores["udpos"]["f1"]) == 16


def test_a_whole_submission(submission: Folders) -> None:
    scores, problems = scored(submission.predictions, submission.labels, XTREME, resamples=10)
    assert problems == []
    assert scores["xnli"]["avg_metric"] == 75
    assert scores["xquad"]["avg_f1"] == pytest.approx(75)
    assert scores["tatoeba"]["accuracy"]["he"] == 75
    assert "all_task" in scores
    assert scores["xharness"]["cells"]["xnli"]["de"]["n"] == 4
    assert scores["xharness"]["cells"]["xnli"]["de"]["signature"].startswith("metric:accuracy|gold:")


def test_strict_scores_nothing_and_lists_everything(submission: Folders) -> None:
    submission.prediction("xnli", "de").write_text("neutral\n")
    submission.prediction("panx", "fr").unlink()
    submission.label("mlqa", "en").write_text("{")
    scores, problems = scored(submission.predictions, submission.labels, XTREME)
    assert scores == {}
    assert [problem.file.relative_to(submission.predictions.parent).as_posix() for problem in problems] == [
        "predictions/xnli/test-de.tsv", "predictions/panx/test-fr.tsv", "labels/mlqa/test-en.json",
    ]  # fmt: skip


def test_lenient_scores_what_the_official_scorer_could(submission: Folders) -> None:
    submission.prediction("xnli", "de").write_text("neutral\n")
    submission.prediction("xnli", "en").write_text("contradiction\nENTAILMENT\nneutral\nneutral\n")
    path = submission.prediction("xquad", "de")
    path.write_text(path.read_text().replace("xquad-0", "unknown"))
    submission.label("panx", "fr").unlink()
    shutil.rmtree(submission.labels / "pawsx")
    shutil.rmtree(submission.labels / "tydiqa")
    shutil.rmtree(submission.predictions / "tydiqa")
    scores, problems = scored(submission.predictions, submission.labels, XTREME, lenient=True, resamples=0)
    assert scores["xnli"]["accuracy"]["en"] == 25
    assert scores["xquad"]["exact_match"]["de"] == 50
    ours = scores["xharness"]
    reasons = {(one["task"], one["language"]): one["reason"] for one in ours["unscored"]}
    assert reasons["xnli", "de"] == "test-de.tsv: 1 label, but 4 expected (in labels/xnli/test-de.tsv)"
    assert reasons["panx", "fr"] == "no gold file"
    assert reasons["pawsx", "de"] == "no folder pawsx in labels"
    assert reasons["tydiqa", "en"] == "task not in the folders"
    assert ours["problems"] == [str(problem) for problem in problems]
    assert not any("tydiqa" in problem for problem in ours["problems"])
    assert [key for key in scores if key in ("all_task", "classification", "tagging", "qa", "retrieval")] == [
        "retrieval"
    ]


def test_lenient_does_not_forgive_wrong_gold(submission: Folders) -> None:
    gold = submission.label("xnli", "de")
    gold.write_text("neutral\nnan\nneutral\nneutral\n", encoding="utf-8")
    submission.prediction("xnli", "fr").write_text("neutral\nmaybe\nneutral\nneutral\n", encoding="utf-8")
    with pytest.raises(BadFiles, match="gold is wrong") as raised:
        scored(submission.predictions, submission.labels, XTREME, lenient=True, resamples=0)
    assert [(problem.file, problem.line) for problem in raised.value.problems] == [(gold, 2)], "only gold"
    gold.unlink()  # what is not there is left out
    scores, _ = scored(submission.predictions, submission.labels, XTREME, lenient=True, resamples=0)
    assert "de" not in scores["xnli"]["accuracy"] and len(scores["xnli"]["accuracy"]) == 14


def test_double_blank_lines_in_gold_and_predictions(submission: Folders) -> None:
    """XTREME's early preprocessing wrote them, into files that predictions were then made for line by line."""
    tags, gold = submission.prediction("panx", "de"), submission.label("panx", "de")
    plain, _ = scored(submission.predictions, submission.labels, XTREME, resamples=0)
    for path in (tags, gold):
        path.write_text(path.read_text().replace("\n\n", "\n\n\n", 2), encoding="utf-8")
    both, problems = scored(submission.predictions, submission.labels, XTREME, resamples=0)
    assert problems == [] and both["panx"]["f1"] == plain["panx"]["f1"]
    gold.write_text(gold.read_text().replace("\n\n\n", "\n\n"), encoding="utf-8")
    _, problems = scored(submission.predictions, submission.labels, XTREME, resamples=0)
    assert {problem.file for problem in problems} == {tags}, "an empty sentence for which gold has none"


def test_a_task_on_neither_side_is_no_problem_even_when_strict(submission: Folders) -> None:
    for side in (submission.predictions, submission.labels):
        shutil.rmtree(side / "bucc2018")
    scores, problems = scored(submission.predictions, submission.labels, XTREME, resamples=0)
    assert problems == []
    assert "retrieval" not in scores
    assert "all_task" not in scores


def test_duplicate_pairs_collapse_and_their_order_is_free(submission: Folders) -> None:
    path = submission.prediction("bucc2018", "de")
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*reversed(lines), *lines]))
    scores, _ = scored(submission.predictions, submission.labels, XTREME, resamples=0)
    assert scores["bucc2018"]["f1"]["de"] == 75


def test_a_task_of_the_users_own_has_the_same_rights(submission: Folders) -> None:
    own = replace(XNLI, name="mynli", languages=("de", "sw"))
    for side in (submission.predictions, submission.labels):
        shutil.copytree(side / "xnli", side / "mynli")
    tasks = [*tasks_of(XTREME), own]
    scores, _ = scored(submission.predictions, submission.labels, XTREME, resamples=0, tasks=tasks)
    assert list(scores)[-2:] == ["mynli", "xharness"]
    assert scores["mynli"]["accuracy"] == {"de": 75, "sw": 75}
    submission.prediction("mynli", "de").write_text("neutral\nmaybe\n")
    _, problems = scored(submission.predictions, submission.labels, XTREME, tasks=tasks)
    assert [problem.line for problem in problems] == [0, 2]


def test_folders_without_anything_in_common(submission: Folders, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="nothing to score") as caught:
        scored(submission.predictions, tmp_path / "empty", XTREME)
    assert "pawsx, xnli" in caught.value.why
    with pytest.raises(UserError, match="no labels at"):
        scored(submission.predictions, tmp_path / "nowhere", XTREME)
