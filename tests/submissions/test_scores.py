"""``scores.json``: the official shape on top, complete groups only, and ours under one key."""

import json
from typing import Any

import numpy as np
import pytest

from xharness.submissions.scores import Cell, summarise, to_json
from xharness.submissions.scores_file import ScoresFile, fault_of
from xharness.submissions.signature import Signature
from xharness.submissions.task_scores import score_task
from xharness.tasks.base import Items
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.registry import XTREME, XTREME_R, Benchmark, built_in

TASKS = built_in()


def cell(task: str, language: str, right: int = 6, items: int = 10, **more: Any) -> Cell:
    """A cell whose every column counts ``right`` of ``items``, items that do not share a cluster."""
    metric = TASKS[task].metric
    counts = np.zeros((items, len(metric.columns)))
    counts[:right] = 1
    counts[:, [metric.columns.index(name) for name in metric.columns if name in DENOMINATORS]] = 1
    ids = tuple(map(str, range(items)))
    return Cell(TASKS[task], language, Items(ids, ids, counts), signature="s", n=items, **more)


DENOMINATORS = {
    "items",
    "questions",
    "mentions",
    "predicted",
    "gold",
    "predicted_seqeval_1",
    "gold_seqeval_1",
    "tokens",
}


def summary(*given: Any, **more: Any) -> dict[str, Any]:
    """The content of the file, which a typed value gives and takes."""
    scores = summarise(*given, **more)
    assert fault_of(scores.content()) == ""
    assert ScoresFile.parse(json.loads(to_json(scores.content()))).content() == scores.content()
    return scores.content()


def everything(benchmark: Benchmark, **more: Any) -> list[Cell]:
    return [cell(task, language, **more) for task, languages in benchmark.languages.items() for language in languages]


def test_keys_stand_in_the_official_order() -> None:
    scores = summary(reversed(everything(XTREME)), XTREME, resamples=20)
    assert list(scores) == [
        "all_task", "classification", "tagging", "qa", "retrieval", "pawsx", "xnli", "panx", "udpos", "bucc2018",
        "tatoeba", "xquad", "mlqa", "tydiqa", "xharness",
    ]  # fmt: skip
    assert list(scores["xquad"]) == ["exact_match", "f1", "avg_exact_match", "avg_f1", "avg_metric"]
    assert list(scores["panx"]) == ["f1", "precision", "recall", "avg_f1", "avg_precision", "avg_recall", "avg_metric"]
    assert list(scores["mlqa"]["f1"]) == list(XTREME.languages["mlqa"])
    assert scores["all_task"] == pytest.approx(60)


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


def test_intervals_do_not_depend_on_what_else_is_scored() -> None:
    alone = summary([cell("xnli", "de")], XTREME, resamples=50, seed=3)
    among = summary(everything(XTREME), XTREME, resamples=50, seed=3)
    assert alone["xharness"]["cells"]["xnli"]["de"] == among["xharness"]["cells"]["xnli"]["de"]


def test_average_of_parallel_languages_is_as_uncertain_as_one_language() -> None:
    """All languages answer the same items alike: averaging 15 of them must not shrink the interval."""
    scores = summary([one for one in everything(XTREME, items=200, right=120) if one.task.name == "xnli"], XTREME)
    low, high = scores["xharness"]["tasks"]["xnli"]["interval"]["avg_metric"]
    assert high - low > 10
    apart = summary([one for one in everything(XTREME, items=200, right=120) if one.task.name == "tatoeba"], XTREME)
    low, high = apart["xharness"]["tasks"]["tatoeba"]["interval"]["avg_accuracy"]
    assert high - low < 4


def test_transfer_gap() -> None:
    result = score_task([cell("xnli", "en", 9), cell("xnli", "de", 5), cell("xnli", "fr", 6)], XTREME, intervals=False)
    assert result.summary.transfer_gap == pytest.approx(35)
    assert score_task([cell("xnli", "de")], XTREME, intervals=False).summary.transfer_gap is None


def test_one_cluster_has_no_interval() -> None:
    one = cell("xquad", "en")
    assert one.items is not None
    items = Items(one.items.ids, ("p",) * 10, one.items.statistics)
    ours = summary([Cell(one.task, "en", items)], XTREME, resamples=50)["xharness"]
    assert ours["cells"]["xquad"]["en"]["score_interval"] is None
    assert ours["tasks"]["xquad"]["interval"] == {}


def test_the_text_is_deterministic_json_without_nan() -> None:
    empty = Cell(TASKS["xnli"], "de", Items((), (), np.zeros((0, 2))))
    texts = {to_json(summary([empty, cell("panx", "de")], XTREME, resamples=30)) for _ in range(2)}
    assert len(texts) == 1
    assert json.loads(texts.pop())["xnli"]["avg_metric"] == 0


def test_signature_keeps_the_order_of_its_parts() -> None:
    assert str(Signature.of(metric="accuracy", layer="7")).startswith("metric:accuracy|layer:7|version:")
