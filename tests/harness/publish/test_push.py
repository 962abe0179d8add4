"""Pushing to a hub on this machine: what is there afterwards, what stays, what is said when it goes wrong."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

from tests.hub import Hub
from xharness.publish.options import PushOptions
from xharness.publish.push import push
from xharness.tasks.common.errors import UserError

REPO = "me/xlmr"
RESULTS = "me/xlmr-results"
OTHER = """---
license: mit
model-index:
- name: my model
  results:
  - task: {type: text-classification}
    dataset: {type: glue, name: GLUE}
    metrics: [{type: accuracy, value: 1.0}]
---

My own words.
"""


def card(hub: Hub) -> Any:
    return ModelCard(hub.repositories["models", REPO].files["README.md"].decode())


def test_the_card_has_every_score_and_the_data_set_all_of_them(hub: Hub, pushed_run: Path) -> None:
    done = push(pushed_run, PushOptions(REPO))
    assert (done.model, done.data_set) == (f"{hub.url}/{REPO}", f"{hub.url}/datasets/{RESULTS}")
    scores = json.loads((pushed_run / "scores.json").read_text("utf-8"))
    found = {(each.dataset_type, each.dataset_config, each.metric_type): each for each in card(hub).data.eval_results}
    assert found["pawsx", "de", "accuracy"].metric_value == scores["pawsx"]["accuracy"]["de"]
    assert found["pawsx", "average", "average"].metric_value == scores["pawsx"]["avg_metric"]
    assert set(found) >= {("mlqa", "en", "f1"), ("mlqa", "en", "exact_match")}
    one = found["pawsx", "de", "accuracy"]
    assert (one.task_type, one.dataset_split, one.source_url) == ("text-classification", "test", done.data_set)
    cell = scores["xharness"]["cells"]["pawsx"]["de"]
    assert one.metric_args["interval_95"] == cell["interval"]["accuracy"]
    assert one.metric_args["signature"] == cell["signature"]
    there = hub.repositories["datasets", RESULTS].files
    assert set(there) == {"README.md", "scores.parquet", "scores.json"}
    import pandas

    table = pandas.read_parquet(io.BytesIO(there["scores.parquet"]))
    assert len(table[table.level == "cell"]) > 8


def test_no_path_of_this_machine_leaves_it(hub: Hub, pushed_run: Path) -> None:
    push(pushed_run, PushOptions(REPO, predictions=True))
    manifest = json.loads((pushed_run / "manifest.json").read_text("utf-8"))
    places = {manifest["options"]["data"], *(model["path"] for model in manifest["model"].values()), str(pushed_run)}
    for repository in hub.repositories.values():
        for content in repository.files.values():
            assert not any(place.encode() in content for place in places)


def test_predictions_go_if_they_are_asked_for(hub: Hub, pushed_run: Path) -> None:
    push(pushed_run, PushOptions(REPO, results="me/other", predictions=True, private=True))
    repository = hub.repositories["datasets", "me/other"]
    file = "predictions/pawsx/test-de.tsv"
    assert repository.files[file] == (pushed_run / file).read_bytes()
    assert repository.private


def test_the_same_push_again_commits_nothing(hub: Hub, pushed_run: Path) -> None:
    push(pushed_run, PushOptions(REPO))
    assert hub.commits == [RESULTS, REPO]
    push(pushed_run, PushOptions(REPO))
    assert hub.commits == [RESULTS, REPO]


def test_what_others_wrote_in_a_card_stays(hub: Hub, pushed_run: Path) -> None:
    hub.add(REPO, {"README.md": OTHER.encode(), "model.safetensors": b"w"})
    for _ in range(2):
        push(pushed_run, PushOptions(REPO))
    found = card(hub)
    assert "My own words." in found.text
    assert (found.data.license, found.data.model_name) == ("mit", "my model")
    assert [each.dataset_type for each in found.data.eval_results if each.source_name is None] == ["glue"]
    names = [(each.dataset_type, each.dataset_config, each.metric_type) for each in found.data.eval_results]
    assert len(names) == len(set(names)) > 5
    assert hub.repositories["models", REPO].files["model.safetensors"] == b"w"


def test_a_dry_run_writes_the_same_and_connects_to_nothing(pushed_run: Path, tmp_path: Path) -> None:
    done = push(pushed_run, PushOptions(REPO, dry_run=True, out=tmp_path / "dry"))
    assert done.model == str(tmp_path / "dry/model")
    written = ModelCard.load(tmp_path / "dry/model/README.md")
    assert written.data.model_name == "xlmr"
    assert "## " in written.text
    assert sorted(path.name for path in (tmp_path / "dry/dataset").iterdir()) == [
        "README.md", "scores.json", "scores.parquet",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (PushOptions("xlmr"), "REPO cannot be xlmr"),
        (PushOptions(REPO, results=REPO), "are the same"),
        (PushOptions(REPO, out=Path("x")), "--out without --dry-run"),
    ],
)
def test_what_makes_no_sense_is_refused(pushed_run: Path, options: PushOptions, said: str) -> None:
    with pytest.raises(UserError, match=said):
        push(pushed_run, options)


def test_who_may_not_write_is_told_so(hub: Hub, pushed_run: Path) -> None:
    hub.unwritable.add(RESULTS)
    with pytest.raises(UserError) as error:
        push(pushed_run, PushOptions(REPO))
    assert "lets only its owner write" in error.value.why


def test_a_card_whose_metadata_are_broken_is_left_alone(hub: Hub, pushed_run: Path) -> None:
    broken = b"---\nmodel-index: 3\n---\nwords\n"
    hub.add(REPO, {"README.md": broken})
    with pytest.raises(UserError, match=f"cannot push to {REPO}"):
        push(pushed_run, PushOptions(REPO))
    assert hub.repositories["models", REPO].files["README.md"] == broken
