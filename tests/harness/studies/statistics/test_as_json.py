"""What is written to files: plain values, the same for the same study."""

from __future__ import annotations

import json

from tests.harness.studies.statistics.made_study import exactly, study
from xharness.studies.statistics.as_json import effect_json, estimate_json, judgement_json
from xharness.studies.statistics.contrasts import Crossing, Endpoint, difference
from xharness.studies.statistics.effects import effects
from xharness.studies.statistics.estimates import estimate
from xharness.studies.statistics.judge import Hypothesis, judge
from xharness.studies.statistics.replicates import Replicates
from xharness.studies.statistics.verdicts import Direction
from xharness.tasks.common.files import render_json

ENDPOINT = Endpoint("xnli", ("de",))


def test_a_judgement() -> None:
    claims = [
        Hypothesis(arm, difference(arm, "none", ENDPOINT), Direction.GREATER, 0.5, "first") for arm in ("b", "gone")
    ]
    runs = study(seeds=range(5))
    found, gone = (json.loads(render_json(judgement_json(each))) for each in judge(claims, runs))
    assert (found["name"], found["direction"], found["tests"], found["seeds"]) == ("b", "greater", 2, 5)
    assert list(found["estimate"]["points"]) == ["0", "1", "2", "3", "4"]
    assert found["estimate"]["interval"][0] < found["estimate"]["value"] < found["estimate"]["interval"][1]
    assert found["estimate"]["seed_freedom"] == 4 and found["order"]["confidence"] == 0.975
    assert found["p_holm"] >= max(found["p"], found["p_seeds"])
    assert found["sentence"].startswith(found["verdict"])
    assert (gone["verdict"], gone["reason"], gone["estimate"], gone["order"]) == (
        "inconclusive",
        "not measured",
        None,
        None,
    )
    again = [render_json(judgement_json(each)) for each in judge(claims, dict(reversed(runs.items())))]
    assert again == [render_json(judgement_json(each)) for each in judge(claims, runs)]


def test_an_effect_and_an_undefined_crossing() -> None:
    row, _ = (effect_json(each) for each in effects(Replicates(study()), ["a", "none"], "none", [ENDPOINT]))
    assert {"arm": "a", "target": "xnli", "task": "", "languages": ["de"], "metric": ""}.items() <= row.items()
    hits = {"e0": 20, "e1": 80, "m0": 90, "m1": 90}
    replicates = Replicates(exactly(lambda arm, seed: hits[arm], tuple(hits), (0, 1)))
    crossing = Crossing((("e0", 10), ("e1", 100)), (("m0", 10), ("m1", 100)), Endpoint("tatoeba"))
    content = estimate_json(estimate(crossing, replicates))
    assert isinstance(content, dict) and content["value"] is None and content["seed_interval"] is None
    json.dumps(content, allow_nan=False)
