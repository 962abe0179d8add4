"""Published results: every row of the file fits a task, and a user's file is not trusted."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean

import pytest

from xharness.reproduction.published import PublishedResult, plain, published_results, results_for
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import open_registry

KNOWN = published_results()
TASKS = open_registry(None).tasks
MTEB = {"mteb_f1", "accuracy_to_english", *(f"mteb_v{v}_{score}" for v in (1, 2) for score in ("accuracy", "f1"))}


@pytest.mark.parametrize("result", KNOWN, ids=lambda each: f"{each.task} {each.model} {each.name}")
def test_a_result_fits_its_task(result: PublishedResult) -> None:
    if result.task not in TASKS:  # the leaderboard's averages over several tasks
        assert result.task in ("all_task", "classification", "tagging", "qa", "retrieval")
        return
    task, languages = TASKS[result.task], result.order.split()
    assert bool(result.values) != bool(result.averages)
    assert {*result.values, *result.averages} <= {"score", *task.metric.official_scores, *MTEB}
    assert len(set(languages)) == len(languages)
    assert all(len(values) == len(languages) for values in result.values.values())
    assert all(0 < value < 100 for values in (*result.values.values(), result.averages.values()) for value in values)


def test_the_means_that_mteb_prints_over_xtremes_languages_follow() -> None:
    accuracy, f1 = {}, {}
    for name, mean in (("MTEB, current", 86.86), ("MTEB, 2024", 84.76), ("model card", 84.38)):
        (result,) = [each for each in KNOWN if (each.task, each.name) == ("tatoeba", name)]
        accuracy[name], f1[name] = result.by_language("accuracy_to_english"), result.by_language("mteb_f1")
        assert fmean(accuracy[name][code] for code in TASKS["tatoeba"].languages) == pytest.approx(mean, abs=0.01)
        assert all(f1[name][code] < accuracy[name][code] for code in f1[name])


def test_the_leaderboards_rows_are_among_them_with_both_scores() -> None:
    (xquad,) = results_for("xquad", "xlm-r-LARGE", KNOWN)
    assert xquad.by_language("f1")["en"] == 86.5
    assert xquad.by_language("exact_match")["zh"] == 50.0
    assert results_for("tydiqa", "XLM-R Large", KNOWN)[0].averages == {"f1": 65.1, "exact_match": 45.0}


def test_names_are_found_whatever_their_spelling() -> None:
    assert plain("intfloat/multilingual-e5-small@abc") == plain("Multilingual E5 small") == "multilinguale5small"


def test_a_file_of_ones_own_adds_results(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        '[[result]]\ntask = "xnli"\nmodel = "mine"\nname = "table 3"\nsource = "a paper"\norder = "de en"\n'
        "values = { accuracy = [70.0, 80] }\n"
    )
    assert published_results(file)[-1].by_language("accuracy") == {"de": 70.0, "en": 80.0}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[result]]\ntask = 'xnli'\n", "has no model"),
        ("[[result]]\nttask = 'xnli'\n", "unknown key 'ttask'"),
        ("[[result]]\ntask='x'\nmodel='m'\nname='n'\nsource='s'\n", "says nothing"),
        ("[[result]]\ntask='x'\nmodel='m'\nname='n'\nsource='s'\norder='de'\nvalues={a=[1,2]}\n", "does not fit"),
        ("[[result]]\ntask='x'\nmodel='m'\nname='n'\nsource='s'\nvalues={a=[]}\naverages={b=1}\n", "does not fit"),
        ("[[result", "it is not TOML"),
    ],
)
def test_a_wrong_file_is_answered_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(UserError, match=said):
        published_results(tmp_path / "mine.toml")
