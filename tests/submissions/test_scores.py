"""``scores.json``: the official shape on top, complete groups only, and ours under one key."""

import pytest

from tests.submissions.made import TASKS, cell, everything, summary
from xharness.submissions.scores import Cell
from xharness.submissions.signature import Signature
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.registry import XTREME, XTREME_R


def test_total_is_the_mean_over_tasks_and_not_over_groups() -> None:
    cells = [cell(one.task.name, one.language, 10 if one.task.name == "xnli" else 0) for one in everything(XTREME)]
    scores = summary(cells, XTREME, resamples=0)
    assert scores["all_task"] == pytest.approx(100 / 9)
    assert scores["classification"] == 50


def test_a_task_with_a_language_missing_is_averaged_but_completes_nothing() -> None:
    cells = [one for one in everything(XTREME) if (one.task.name, one.language) != ("xnli", "de")]
    cells.append(Cell(TASKS["xnli"], "de", None, reason="no gold file"))
    scores = summary(cells, XTREME, resamples=0)
    assert "all_task" not in scores
    assert "classification" not in scores
    assert "tagging" in scores
    assert scores["xnli"]["avg_accuracy"] == 60
    assert "de" not in scores["xnli"]["accuracy"]
    ours = scores["xharness"]
    assert ours["tasks"]["xnli"] | {"interval": {}} == {
        "complete": False, "languages": 14, "of": 15, "missing": ["de"], "interval": {}, "transfer_gap": 0,
    }  # fmt: skip
    assert ours["unscored"] == [{"task": "xnli", "language": "de", "reason": "no gold file"}]
    assert ours["all_task"] is None


def test_tasks_without_any_score_are_absent() -> None:
    scores = summary([Cell(TASKS["xnli"], "de", None, reason="why")], XTREME, resamples=5)
    assert list(scores) == ["xharness"]
    assert scores["xharness"]["cells"] == {}


def test_tasks_outside_the_benchmark_come_last_and_change_no_average() -> None:
    scores = summary([cell("xcopa", "et", 1), *everything(XTREME)], XTREME, resamples=0)
    assert list(scores)[-2:] == ["xcopa", "xharness"]
    assert scores["all_task"] == pytest.approx(60)


def test_languages_outside_the_benchmark_are_shown_and_not_averaged() -> None:
    scores = summary([cell("xquad", "en"), cell("xquad", "ro", 0)], XTREME, resamples=0)
    assert scores["xquad"]["f1"] == {"en": 60}
    assert scores["xharness"]["cells"]["xquad"]["ro"]["score"] == 0


def test_xtreme_r_has_a_total_of_nine_tasks_and_says_so() -> None:
    scores = summary(everything(XTREME_R), XTREME_R, resamples=0)
    assert list(scores)[:6] == ["all_task", "classification", "tagging", "qa", "retrieval", "multi_choice"]
    assert "LAReQA" in scores["xharness"]["notes"][0]


def test_xtreme_r_has_both_other_averages_by_name() -> None:
    """Tasks that are right everywhere count differently in the two."""
    cells = [cell(one.task.name, one.language, 10 if one.task.name in ("xnli", "lareqa") else 6)
             for one in everything(XTREME_R)]  # fmt: skip
    scores = summary(cells, XTREME_R, resamples=5)
    averages = scores["xharness"]["averages"]
    by_task = {name: scores[name]["avg_metric"] for name in XTREME_R.languages}
    assert averages["ten_tasks"]["score"] == pytest.approx(sum(by_task.values()) / 10)
    categories = [("xnli", "xcopa"), ("udpos", "panx"), ("xquad", "mlqa", "tydiqa"), ("mewslix", "lareqa", "tatoeba")]
    means = [sum(by_task[name] for name in names) / len(names) for names in categories]
    assert averages["four_categories"]["score"] == pytest.approx(sum(means) / 4)
    assert averages["ten_tasks"]["score"] != pytest.approx(averages["four_categories"]["score"])
    assert scores["all_task"] == pytest.approx(sum(by_task[name] for name in by_task if name != "lareqa") / 9)
    low, high = averages["ten_tasks"]["interval"]
    assert low < averages["ten_tasks"]["score"] < high


def test_without_lareqa_the_total_of_nine_stays_and_the_others_are_absent() -> None:
    cells = [one for one in everything(XTREME_R) if one.task.name != "lareqa"]
    scores = summary(cells, XTREME_R, resamples=0)
    assert "all_task" in scores
    assert "averages" not in scores["xharness"]
    assert "averages" not in summary(everything(XTREME), XTREME, resamples=0)["xharness"]


def test_ours_for_one_cell() -> None:
    measured = cell("mlqa", "de", 5)
    more = cell("xnli", "de", 2).items
    assert more is not None
    extra = Cell(TASKS["mlqa"], "de", measured.items, "sig", {"other": (Accuracy(), more)}, {"layer": 7}, "", 10)
    ours = summary([extra], XTREME, resamples=50)["xharness"]["cells"]["mlqa"]["de"]
    assert list(ours) == [
        "n", "score", "score_interval", "interval", "variants", "variant_intervals", "signature", "layer",
    ]  # fmt: skip
    assert ours["variants"] == {"f1_language_aware": 50, "other": 20}
    assert set(ours["interval"]) == {"exact_match", "f1"}
    low, high = ours["score_interval"]
    assert low < 50 < high
    assert (ours["signature"], ours["layer"], ours["n"]) == ("sig", 7, 10)


def test_signature_keeps_the_order_of_its_parts() -> None:
    assert str(Signature.of(metric="accuracy", layer="7")).startswith("metric:accuracy|layer:7|version:")
