"""The Hub: parquet only, pinned commits, announced hashes, and what its copies are known to get wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.harness.fetch.double import COMMIT, CONVERTED, Double, parquet
from xharness.fetch.cache import Cache
from xharness.fetch.download import TRIES
from xharness.fetch.failures import Changed, Gone, Unavailable, Unreachable
from xharness.fetch.hub import HubClient, read_rows
from xharness.fetch.plan import all_parts, routes, select
from xharness.fetch.run import FetchOptions, FetchReport, fetch
from xharness.fetch.sources import Hub, Origin
from xharness.tasks.registry import XTREME

SOURCE = Hub("org/set", "de", "test")


class Silent:
    """Nobody is told."""

    def part(self, *_: object) -> None: ...

    def transfer(self, *_: object) -> None: ...

    def next_source(self, *_: object) -> None: ...


def run(names: list[str], tmp_path: Path, origin: Origin | None = Origin.HUB) -> FetchReport:
    parts = [all_parts()[name] for name in names]
    return fetch(parts, FetchOptions(data=tmp_path / "data", cache=tmp_path / "cache", origin=origin), Silent())


def text(tmp_path: Path, path: str) -> str:
    return (tmp_path / "data" / path).read_text()


@pytest.fixture
def client(double: Double, tmp_path: Path) -> HubClient:
    double.add("org/set", "de/test-00000-of-00001.parquet", parquet({"a": [1, 2]}))
    double.add("org/set", "de/train-00000-of-00001.parquet", parquet({"a": [3]}))
    double.add("org/set", "set.py", b"raise SystemExit('code was run')")
    return HubClient(Cache(tmp_path / "cache"))


def test_the_parquet_files_of_a_split_and_no_other(client: HubClient, double: Double) -> None:
    (file,) = client.files(SOURCE)
    assert (file.path, file.commit) == ("de/test-00000-of-00001.parquet", COMMIT)
    assert read_rows([client.fetch(file)]).to_dict() == {"a": [1, 2]}
    assert not [path for _, path, _ in double.asked if path.endswith(".py")]


def test_shards_come_in_order(client: HubClient, double: Double) -> None:
    for number in range(3):
        double.add("org/many", f"de/test-0000{number}-of-00003.parquet", parquet({"a": [number]}))
    paths = [client.fetch(file) for file in client.files(Hub("org/many", "de", "test"))]
    assert read_rows(paths)["a"][:] == [0, 1, 2]


def test_a_dataset_with_a_script_is_read_from_the_converters_branch(client: HubClient, double: Double) -> None:
    double.add("org/old", "old.py", b"raise SystemExit('code was run')")
    double.add("org/old", "de/test/0000.parquet", parquet({"a": [7]}), CONVERTED)
    (file,) = client.files(Hub("org/old", "de", "test"))
    assert (file.branch, file.path) == (CONVERTED, "de/test/0000.parquet")
    assert read_rows([client.fetch(file)])["a"][:] == [7]
    with pytest.raises(Gone, match="no parquet files of de, dev"):
        client.files(Hub("org/old", "de", "dev"))


@pytest.mark.parametrize("faults", [["cut"], [500, 503], ["cut", "cut"]])
def test_an_unwell_hub_is_asked_again(client: HubClient, double: Double, faults: list[Any]) -> None:
    double.faults["/resolve/"] = list(faults)
    double.faults["/api/"] = [503]
    (file,) = client.files(SOURCE)
    assert read_rows([client.fetch(file)])["a"][:] == [1, 2]


def test_a_lying_hub_is_caught_and_nothing_is_kept(client: HubClient, double: Double) -> None:
    (file,) = client.files(SOURCE)
    double.faults["/resolve/"] = ["lie"]
    with pytest.raises(Changed, match="sha256"):
        client.fetch(file)
    assert read_rows([client.fetch(file)])["a"][:] == [1, 2]


def test_gone_unwell_and_offline(client: HubClient, double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Gone, match="org/none is not on the Hub"):
        client.files(Hub("org/none", "de", "test"))
    double.faults["/api/"] = [500] * TRIES
    with pytest.raises(Unavailable, match="broke off"):
        client.files(SOURCE)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(Unreachable, match="HF_HUB_OFFLINE is set"):
        client.files(SOURCE)


# --- traps -----------------------------------------------------------------------------------------------------------


def test_the_names_in_the_file_decide_what_a_number_means(double: Double, tmp_path: Path) -> None:
    """Three orders of the same labels, none of them ours."""
    orders = [("entailment", "neutral", "contradiction"), ("neutral", "contradiction", "entailment")]
    for order in orders:
        for split in ("train", "validation_matched", "validation_mismatched"):
            rows: dict[str, Sequence[Any]] = {
                "premise": ["p1", "p2", "p3"],
                "hypothesis": ["h"] * 3,
                "label": [0, 1, 2],
                "idx": [0, 1, 2],
            }
            double.add("nyu-mll/glue", f"mnli/{split}-00000-of-00001.parquet", parquet(rows, {"label": order}))
        target = tmp_path / order[0]
        parts = [all_parts()["mnli"]]
        assert not fetch(parts, FetchOptions(data=target, cache=target, origin=Origin.HUB), Silent()).failed
        lines = (target / "intermediate/mnli/train.jsonl").read_text().splitlines()
        assert [json.loads(line)["label"] for line in lines] == list(order)


def test_a_label_that_the_task_does_not_have_is_refused(double: Double, tmp_path: Path) -> None:
    for split in ("train", "validation", "test"):
        rows: dict[str, Sequence[Any]] = {"tokens": [["a"]], "ner_tags": [[1]]}
        double.add(
            "unimelb-nlp/wikiann", f"af/{split}-00000-of-00001.parquet", parquet(rows, {"ner_tags": ["O", "MISC"]})
        )
    ((part, reasons),) = run(["panx/af"], tmp_path).failed
    assert (part.name, "labels that panx does not have: MISC" in str(reasons[0])) == ("panx/af", True)


def test_udpos_is_never_taken_from_the_hub_where_it_is_unusable(tmp_path: Path, double: Double) -> None:
    for language in XTREME.languages["udpos"]:
        part = all_parts()[f"udpos/{language}"]
        assert [route.origin for route in routes(part, None)] == [Origin.UPSTREAM]
        assert len(routes(part, Origin.HUB)) == (language not in ("de", "el", "fr", "ru", "zh"))
    failed = run([f"udpos/{language}" for language in ("de", "el", "fr", "ru", "zh")], tmp_path).failed
    assert len(failed) == 5
    assert all("Swiss German" in str(reasons[0]) for _, reasons in failed)
    assert not double.asked


def test_rows_that_a_copy_drops_are_counted(double: Double, tmp_path: Path) -> None:
    assert Origin.HUB not in {route.origin for route in routes(all_parts()["pawsx/de"], None)}
    for split in ("validation", "test"):
        rows = {"sentence1": ["a", "b"], "sentence2": ["c", "d"], "label": ["0", "1"]}
        double.add("google/xtreme", f"PAWS-X.de/{split}-00000-of-00001.parquet", parquet(rows))
    result = run(["pawsx/de"], tmp_path)
    assert "test has 2 of 2000 published examples: this copy is not comparable" in result.notes["pawsx/de"]
    assert "drops rows" in result.notes["pawsx/de"][0]


def test_tydiqa_is_split_by_the_language_in_the_id(double: Double, tmp_path: Path) -> None:
    ids = ["korean-1-0", "english-2-0", "korean-3-0"]
    answers = [{"text": ["a"], "answer_start": [0]}] * 3
    rows: dict[str, Sequence[Any]] = {
        "id": ids,
        "title": ["t", "u", "t"],
        "context": ["a b", "a c", "a b"],
        "question": ["q"] * 3,
        "answers": answers,
    }
    double.add("google/xtreme", "tydiqa/validation-00000-of-00001.parquet", parquet(rows))
    assert not run(["tydiqa/ko", "tydiqa/en"], tmp_path).failed
    for language, expected in (("ko", ["korean-1-0", "korean-3-0"]), ("en", ["english-2-0"])):
        path = f"download/tydiqa/tydiqa-goldp-v1.1-dev/tydiqa.goldp.{language}.dev.json"
        root = json.loads(text(tmp_path, path))
        assert [question["id"] for a in root["data"] for p in a["paragraphs"] for question in p["qas"]] == expected


def test_tatoeba_keeps_its_order_and_says_when_it_is_not_lasers(double: Double, tmp_path: Path) -> None:
    rows = {
        "source_sentence": ["eins", "zwei", "drei"], "target_sentence": ["one\n", "two", "three"],
        "source_lang": ["deu"] * 3, "target_lang": ["eng"] * 3,
    }  # fmt: skip
    swapped = {
        "source_sentence": rows["target_sentence"], "target_sentence": rows["source_sentence"],
        "source_lang": ["eng"] * 3, "target_lang": ["fra"] * 3,
    }  # fmt: skip
    double.add("google/xtreme", "tatoeba.deu/validation-00000-of-00001.parquet", parquet(rows))
    double.add("google/xtreme", "tatoeba.fra/validation-00000-of-00001.parquet", parquet(swapped))
    result = run(["tatoeba/de", "tatoeba/fr"], tmp_path)
    assert "differs from LASER's file" in result.notes["tatoeba/de"][0]
    for language in ("de", "fr"):
        assert text(tmp_path, f"download/tatoeba/{language}-en.{language}") == "eins\nzwei\ndrei\n"
        assert text(tmp_path, f"download/tatoeba/{language}-en.en") == "one\nthree\ntwo\n"
        assert text(tmp_path, f"labels/tatoeba/test-{language}.tsv") == "0\n2\n1\n"


def test_snli_without_agreement_and_social_iqa_by_numbers(double: Double, tmp_path: Path) -> None:
    for split in ("train", "validation", "test"):
        rows: dict[str, Sequence[Any]] = {"premise": ["p", "q"], "hypothesis": ["h", "i"], "label": [-1, 0]}
        nli = ("entailment", "neutral", "contradiction")
        double.add("stanfordnlp/snli", f"plain_text/{split}-00000-of-00001.parquet", parquet(rows, {"label": nli}))
    for split in ("train", "validation"):
        social = {name: ["x"] for name in ("context", "question", "answerA", "answerB", "answerC")} | {"label": ["3"]}
        double.add("allenai/social_i_qa", "social_i_qa.py", b"raise SystemExit")
        double.add("allenai/social_i_qa", f"default/{split}/0000.parquet", parquet(social), CONVERTED)
    assert not run(["snli", "socialiqa"], tmp_path).failed
    from xharness.tasks.intermediate import INTERMEDIATE
    from xharness.tasks.intermediate.data import load

    pairs = load(INTERMEDIATE["anli_plus"], tmp_path / "data")
    assert (pairs.gold, pairs.notes[-1]) == (["entailment"], "train.jsonl: 1 row left out: no gold label")
    assert load(INTERMEDIATE["socialiqa"], tmp_path / "data").gold == [2]


def test_an_unpinned_commit_is_pinned_by_the_first_fetch(double: Double, tmp_path: Path) -> None:
    rows = {"sentence1": ["a"], "sentence2": ["b"], "gold_label": ["neutral"], "language": ["de"]}
    for split in ("validation", "test"):
        double.add("google/xtreme", f"XNLI/{split}-00000-of-00001.parquet", parquet(rows))
    result = run(["xnli/de"], tmp_path)
    assert result.trusted == [f"hub:google/xtreme@main, commit {COMMIT[:12]}"]
    manifest = json.loads(text(tmp_path, "fetched.json"))
    assert manifest["sources"]["hub:google/xtreme@main"] == {"commit": COMMIT, "basis": "first fetch"}
    (tmp_path / "data/download/xnli/test-de.tsv").unlink()
    double.asked.clear()
    assert run(["xnli/de"], tmp_path).trusted == []
    assert any(path.endswith(f"/revision/{COMMIT}") for _, path, _ in double.asked)


def test_a_known_upstream_file_that_changed_gives_way_to_the_hub(double: Double, tmp_path: Path) -> None:
    double.files["dl.fbaipublicfiles.com/XNLI/XNLI-1.0.zip"] = b"something else"
    rows = {"sentence1": ["a"], "sentence2": ["b"], "gold_label": ["neutral"], "language": ["de"]}
    for split in ("validation", "test"):
        double.add("google/xtreme", f"XNLI/{split}-00000-of-00001.parquet", parquet(rows))
    ((part, origin),) = run(["xnli/de"], tmp_path, None).made
    assert (part.name, origin) == ("xnli/de", Origin.HUB)


def test_every_task_has_sources_and_every_part_a_reader_finds(tmp_path: Path) -> None:
    parts, without = select(["all"], None)
    assert set(without) == {"mlm", "squad_pairs"}
    cells = {(part.task, part.language) for part in parts if "test" in part.splits}
    for task, languages in XTREME.languages.items():
        assert {(task, language) for language in languages} <= cells, task
    for part in parts:
        assert part.licence
        for route in part.routes:
            assert route.sources
            assert all(not getattr(source, "url", "https://").startswith("http:") for source in route.sources)
