"""Ranking tasks end to end with tiny models: answered, resumed, scored, compared, shown."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import Tiny
from tests.harness.conftest import Call
from tests.tasks.readers.ranked import write_json, write_mewslix, write_xquad_r
from xharness.evaluation.evaluate import Result, evaluate
from xharness.evaluation.options import EvaluateOptions
from xharness.retrieve.ranking import RankingSearch
from xharness.submissions.check import check
from xharness.submissions.expected import expected_of_data
from xharness.submissions.score import score_folder
from xharness.tasks.lareqa import TASK as LAREQA
from xharness.tasks.mewslix import TASK as MEWSLIX
from xharness.tasks.registry import XTREME_R

LANGUAGES = ["ar", "de", "en"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ranked")
    write_xquad_r(folder / "download" / "lareqa", LANGUAGES)
    write_mewslix(folder / "download" / "mewslix", LANGUAGES)
    return folder


@pytest.fixture(scope="module")
def model(tiny: Tiny) -> Path:
    return tiny("xlm-roberta", "encoder")


def options(model: Path, data: Path, out: Path, **more: Any) -> EvaluateOptions:
    chosen = {"model": model, "data": data, "out": out, "tasks": "lareqa,mewslix", "device": "cpu", **more}
    return EvaluateOptions(**chosen)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in ("manifest.json", ".lock"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def whole(model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return evaluate(options(model, data, tmp_path_factory.mktemp("run") / "run"))


def test_predictions_gold_and_scores(whole: Result, data: Path, tmp_path: Path) -> None:
    run = whole.prepared.folder.path
    answers = json.loads((run / "predictions" / "lareqa" / "test-de.json").read_text())
    assert set(answers) == {f"q{number}.{k}_de" for number in range(3) for k in range(2)}
    assert {len(ranking) for ranking in answers.values()} == {20}
    for task in (LAREQA, MEWSLIX):
        assert list(whole.scores[task.name]["map@20"]) == LANGUAGES
        labels = tmp_path / "labels" / task.name
        for language in LANGUAGES:
            assert task.reader is not None
            gold = task.reader.read(data / "download" / task.name, language, "test").gold
            write_json(labels / task.file_name(language), gold)
    expected = expected_of_data(data, XTREME_R, [LAREQA, MEWSLIX])
    problems = check(run, XTREME_R, expected=expected, tasks=[LAREQA, MEWSLIX])
    assert {one.file.stem.rpartition("-")[2] for one in problems}.isdisjoint(LANGUAGES)
    scores, _ = score_folder(run, tmp_path / "labels", XTREME_R, lenient=True, tasks=[LAREQA, MEWSLIX])
    assert scores is not None
    for task in (LAREQA, MEWSLIX):
        assert scores.official[task.name] == whole.scores[task.name]
    assert set(whole.scores["lareqa"]) == {"map@20", "avg_map@20", "avg_metric"}


def test_cells_tell_what_produced_them(whole: Result) -> None:
    cell = whole.scores["xharness"]["cells"]["lareqa"]["de"]
    assert "|layer:2/2|pooling:mean|template:question;sentence+paragraph|separator:none|query:96|" in cell["signature"]
    assert "|length:256|" in cell["signature"]
    assert cell["candidates"] == 27
    assert "own_language@20" in cell["variants"]
    by_language = cell["by_answer_language"]
    assert list(by_language) == ["share@20", "map@20"]
    assert list(by_language["share@20"]) == LANGUAGES
    assert sum(by_language["share@20"].values()) == pytest.approx(100)
    assert by_language["share@20"]["de"] == pytest.approx(cell["variants"]["own_language@20"])
    other = whole.scores["xharness"]["cells"]["mewslix"]["de"]
    assert "|template:mention:sentence;description|separator:space|query:64|vectors:fp16|" in other["signature"]
    assert "by_answer_language" not in other


def test_rankings_are_those_of_vectors_made_one_by_one(whole: Result, model: Path, data: Path) -> None:
    """An independent statement: transformers, one text at a time, mean over tokens, all products, a stable sort."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, encoder = AutoTokenizer.from_pretrained(model), AutoModel.from_pretrained(model).eval()

    def vector(text: str, length: int) -> Any:
        given = tokenizer(text, truncation=True, max_length=length, return_tensors="pt")
        with torch.inference_mode():
            hidden = encoder(**given).last_hidden_state[0].mean(0).numpy()
        return hidden / np.linalg.norm(hidden)

    assert LAREQA.reader is not None
    (queries,) = LAREQA.reader.read(data / "download" / "lareqa", "en", "test").examples
    names = list(queries.candidates.rows)
    candidates = np.stack([vector(text, 256) for text in queries.candidates.texts(range(len(names)))])
    path = whole.prepared.folder.path / "predictions" / "lareqa" / "test-en.json"
    answers = json.loads(path.read_text())
    for name, text in zip(queries.ids, queries.texts, strict=True):
        similarity = candidates @ vector(text, 96)
        mine = [similarity[names.index(each)] for each in answers[name]]
        assert np.allclose(mine, np.sort(similarity)[::-1][:20], atol=1e-5)


def test_the_same_again_computes_nothing_and_another_language_encodes_no_candidate(
    model: Path, data: Path, tmp_path: Path, whole: Result
) -> None:
    first = evaluate(options(model, data, tmp_path / "run", langs="de"))
    assert first.computed == 2
    vectors = {name: path for name, path in contents(tmp_path / "run").items() if name.startswith("candidates/")}
    second = evaluate(options(model, data, tmp_path / "run"))
    assert {phase["task"] for phase in second.manifest["phases"]} == {"lareqa", "mewslix"}
    assert evaluate(options(model, data, tmp_path / "run")).computed == 0
    after = contents(tmp_path / "run")
    assert {name: path for name, path in after.items() if name.startswith("candidates/")} == vectors
    assert second.scores["lareqa"] == whole.scores["lareqa"]


def test_approximate_search_tells_its_recall(model: Path, data: Path, tmp_path: Path) -> None:
    chosen = options(model, data, tmp_path / "run", tasks="mewslix", ranking=RankingSearch("ivf"))
    result = evaluate(chosen)
    cell = result.scores["xharness"]["cells"]["mewslix"]["de"]
    assert "|index:ivf|" in cell["signature"]
    assert 0 < cell["recall"] <= 1
    assert any("approximate search (ivf) found" in note for note in result.scores["xharness"]["notes"])


def test_a_sweep_ranks_at_every_block(model: Path, data: Path, tmp_path: Path, whole: Result) -> None:
    result = evaluate(options(model, data, tmp_path / "run", tasks="lareqa", layer="sweep", langs="de"))
    by_block = result.scores["xharness"]["sweep"]["lareqa"]["de"]["map@20"]
    assert list(by_block) == ["1", "2"]
    assert by_block["2"] == pytest.approx(whole.scores["lareqa"]["map@20"]["de"])


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.harness.evaluation.test_ranking import evaluate, options
from xharness.evaluation.answer import embedding
from xharness.retrieve import shards
shards.VectorShards.__init__.__kwdefaults__["shard"] = 10
real, calls = embedding.Encoder.__call__, []
def deadly(self, *given, **more):
    calls.append(1)
    if len(calls) > int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, *given, **more)
embedding.Encoder.__call__ = deadly
evaluate(options(*map(Path, sys.argv[1:4])))
"""


def test_kill_9_in_the_shards_then_the_same_command_gives_the_same_bytes(
    model: Path, data: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}

    def run(out: Path, calls: int) -> int:
        command = [sys.executable, "-c", KILLED, str(model), str(data), str(out), str(calls)]
        return subprocess.run(command, env=environment, check=False, capture_output=True).returncode

    assert run(tmp_path / "whole", 1000) == 0
    for calls in (1, 2, 3):
        assert run(tmp_path / "cut", calls) == -signal.SIGKILL
    assert run(tmp_path / "cut", 1000) == 0
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


def test_every_command_works_with_them(whole: Result, data: Path, tmp_path: Path, tiny: Tiny, call: Call) -> None:
    run = whole.prepared.folder.path
    evaluate(options(tiny("xlm-roberta", "encoder", seed=1), data, tmp_path / "other"))
    checked = call("data", "check", "--data", data)
    assert checked.code == 0, checked.err
    assert "mewslix" in checked.out
    compared = call("compare", run, tmp_path / "other", "--resamples", 100)
    assert "lareqa" in compared.out
    assert "mewslix" in compared.out
    shown = call("diff", run, tmp_path / "other", "--data", data, "--task", "lareqa", "--lang", "de")
    assert shown.code == 0, shown.err
    for name in ("report.html", "report.md"):
        done = call("report", run, "--data", data, "--out", tmp_path / name)
        assert done.code == 0, done.err
        assert "by language of question and answer" in (tmp_path / name).read_text()


def test_faults_are_told_before_a_model_is_loaded(model: Path, data: Path, tmp_path: Path, call: Call) -> None:
    import shutil

    copy = tmp_path / "data"
    shutil.copytree(data / "download", copy / "download")
    path = copy / "download" / "mewslix" / "candidate_set_entities.jsonl"
    path.write_text(path.read_text() + path.read_text().splitlines()[0] + "\n")
    write_json(copy / "labels" / "lareqa" / "test-de.json", {"q0.0_de": ["de_99_0"], "q9_de": ["de_1_0"]})
    done = call("evaluate", "--model", model, "--data", copy, "--out", tmp_path / "out", "--tasks", "lareqa,mewslix")
    assert done.code != 0
    assert "candidate_set_entities.jsonl:51: entity 'Q0' is there twice, first on line 1" in done.err
    assert "'de_99_0', gold of 'q0.0_de', is not a candidate" in done.err
    assert "'q9_de' is not a query of this language and split" in done.err
    assert "query 'q1.0_de' has no gold" in done.err
