"""Perturbed data folders: what is written, what is refused, and what a killed process leaves."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.tasks.perturbations.grown import DOG, HUND, conllu
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.json_files import read_json
from xharness.tasks.data import DataFolder
from xharness.tasks.perturbations.policy import Punctuation, WhichTexts
from xharness.tasks.perturbed import FILE, PerturbedData, read_perturbed
from xharness.tasks.perturbing import folder as made
from xharness.tasks.perturbing.folder import perturb
from xharness.tasks.perturbing.options import PerturbOptions
from xharness.tasks.registry import Registry

PREMISE, LABELS = "The dog sees a black cat.", ("entailment", "neutral", "entailment")
HYPOTHESES = ("Dogs sleep.", PREMISE, PREMISE)


@pytest.fixture
def options(tmp_path: Path) -> PerturbOptions:
    """XNLI in English and German, three rows each, and trees of its sentences."""
    for language in ("de", "en"):
        rows = "".join(f"{PREMISE}\t{second}\r\n" for second in HYPOTHESES)
        for kind, text in (("download", rows), ("labels", "".join(f"{label}\n" for label in LABELS))):
            path = tmp_path / "data" / kind / "xnli" / f"test-{language}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    (tmp_path / "en.conllu").write_text(conllu(DOG, "Dogs NOUN 2 nsubj\nsleep VERB 0 root -\n. PUNCT 2 punct"))
    (tmp_path / "hi_toy-ud-test.conllu").write_text(conllu(HUND))
    return PerturbOptions(data=tmp_path / "data", out=tmp_path / "out", by="derangement")


def of_trees(options: PerturbOptions, by: str, **more: Any) -> PerturbOptions:
    return replace(options, by=by, trees=(options.data.parent / "en.conllu",), langs="en", **more)


def contents(folder: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def texts(out: Path, task: str = "xnli", language: str = "en") -> list[tuple[str, ...]]:
    cell = DataFolder.open(out, names=Registry().tasks).load(Registry().tasks[task], language)
    assert not cell.problems
    return [(pair.first, pair.second) for pair in cell.examples]  # type: ignore[attr-defined]


def test_a_folder_that_evaluate_reads_and_that_says_what_it_is(options: PerturbOptions) -> None:
    found = perturb(replace(options, seed=3, tasks="xnli"))
    data, task = DataFolder.open(options.out), Registry().tasks["xnli"]
    cell = data.load(task, "en")
    assert cell.gold == list(LABELS)
    words = sorted(PREMISE.rstrip(".").split())
    assert all(sorted(first.rstrip(".").split()) == words for first, _ in texts(options.out))
    assert all(first != PREMISE and first.endswith(".") for first, _ in texts(options.out))
    assert texts(options.out) == texts(options.out, language="de")  # equal ids, equal lengths
    assert data.perturbed == replace(found, measures=list(found.measures))
    assert data.conditions(task, "de") == {"perturbation": "derangement,seed=3,gold=undefined,texts=both"}
    assert data.conditions(Registry().tasks["xnli-mixed"], "de-en") == data.conditions(task, "de")
    assert data.conditions(Registry().tasks["pawsx"], "de") == {}
    facts = found.cells["xnli"]["en"]
    assert (facts["examples"], facts["left_out"], facts["texts"], facts["changed"]) == (3, 0, 6, 1.0)
    plain = DataFolder.open(options.data)
    assert facts["source"] == plain.load(task, "en").sha
    assert plain.perturbed is None
    assert plain.conditions(task, "en") == {}


def test_one_text_and_a_limit(options: PerturbOptions) -> None:
    perturb(replace(options, by="reversal", texts=WhichTexts.SECOND, limit=2, langs="en"))
    assert texts(options.out) == [(PREMISE, "sleep Dogs."), (PREMISE, "cat black a sees dog The.")]
    assert (options.out / "labels/xnli/test-en.tsv").read_text() == "entailment\nneutral\n"
    assert not (options.out / "download/xnli/test-de.tsv").exists()


def test_another_languages_order_and_the_control(options: PerturbOptions) -> None:
    hindi = (options.data.parent / "hi_toy-ud-test.conllu",)
    found = perturb(of_trees(options, "reordering", order_of=hindi, punctuation=Punctuation.DROP))
    assert texts(options.out)[0] == ("The dog a black cat sees", "Dogs sleep")
    assert found.perturbation["order"] == "hi"
    assert not found.conditions("xnli", "en")["perturbation"].endswith(",control")
    own = options.data.parent / "en_own-ud-test.conllu"
    own.write_bytes((options.data.parent / "en.conllu").read_bytes())
    control = replace(options, out=options.out.with_name("control"))
    found = perturb(of_trees(control, "reordering", order_of=(own,)))
    assert found.conditions("xnli", "en")["perturbation"].endswith(",control")
    assert texts(control.out)[0] == (PREMISE, "Dogs sleep.")


def test_gold_by_rule_is_of_a_task_of_its_own(options: PerturbOptions) -> None:
    found = perturb(of_trees(options, "subject-object"))
    assert texts(options.out, "xnli-entailment") == [(PREMISE, "a black cat sees The dog.")]
    assert (options.out / "labels/xnli-entailment/test-en.tsv").read_text() == "non-entailment\n"
    assert found.cells["xnli-entailment"]["en"]["left_out"] == 2
    assert found.perturbation["texts"] == "second"
    (options.data / "labels/xnli/test-en.tsv").unlink()
    with pytest.raises(UserError, match="no gold of xnli in 'en'"):
        perturb(replace(of_trees(options, "subject-object"), out=options.out.with_name("other")))


def test_the_same_again_does_nothing_and_another_is_refused(options: PerturbOptions) -> None:
    perturb(options)
    before = contents(options.out)
    times = {path: path.stat().st_mtime_ns for path in options.out.rglob("*")}
    perturb(options)
    assert {path: path.stat().st_mtime_ns for path in options.out.rglob("*")} == times
    with pytest.raises(UserError, match="is not what would be made"):
        perturb(replace(options, seed=1))
    with pytest.raises(UserError, match="is perturbed already"):
        perturb(replace(options, data=options.out, out=options.out.with_name("twice")))
    assert contents(options.out) == before


def test_a_killed_process_leaves_nothing_that_counts(options: PerturbOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(made, "check_readable", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            perturb(options)
    assert not options.out.exists()
    (left,) = options.out.parent.glob(".out.*.partial")
    dead = left.rename(left.with_name(left.name.replace(str(os.getpid()), "999999999")))
    perturb(options)
    assert not dead.exists()
    first = contents(options.out)
    perturb(replace(options, out=options.out.with_name("again")))
    assert contents(options.out.with_name("again")) == first


REFUSED: Mapping[str, dict[str, Any]] = {
    "unknown perturbation 'windo'": {"by": "windo"},
    "--size is 0": {"by": "window", "size": 0},
    "--limit is 0": {"limit": 0},
    "--size with --by derangement": {"size": 2},
    "--seed with --by reversal": {"by": "reversal", "seed": 0},
    "--trees with --by derangement": {"trees": (Path("x"),)},
    "--order-of with --by function-words": {"by": "function-words", "trees": (Path("x"),), "order_of": (Path("y"),)},
    "--punctuation with --by unigram": {"by": "unigram", "punctuation": Punctuation.DROP},
    "--texts with --by subject-object": {"by": "subject-object", "trees": (Path("x"),), "texts": WhichTexts.BOTH},
    "--by function-words without --trees": {"by": "function-words"},
    "--by reordering without --order-of": {"by": "reordering", "trees": (Path("x"),)},
    "cannot perturb xquad": {"tasks": "xquad"},
    "unknown task 'xnl'": {"tasks": "xnl"},
    "unknown language 'xx'": {"langs": "xx"},
    "no data of xnli to perturb": {"langs": "fr"},
    "no data of pawsx to perturb": {"tasks": "pawsx"},
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_would_be_ignored_or_cannot_be_is_refused(options: PerturbOptions, what: str) -> None:
    with pytest.raises(UserError) as caught:
        perturb(replace(options, **REFUSED[what]))
    assert caught.value.what.startswith(what)
    assert not options.out.exists()


def test_trees_that_lack_sentences_or_a_language(options: PerturbOptions) -> None:
    (options.data.parent / "hi.conllu").write_text(conllu(HUND))
    wrong = of_trees(options, "reordering", order_of=(options.data.parent / "hi.conllu",))
    with pytest.raises(UserError, match=r"cannot tell the language of hi\.conllu"):
        perturb(wrong)
    (options.data.parent / "en.conllu").write_text(conllu(DOG))
    with pytest.raises(UserError, match="1 text of 6 of xnli in 'en' without trees") as caught:
        perturb(of_trees(options, "function-words"))
    assert caught.value.why == "the first is: Dogs sleep."
    (options.data.parent / "en.conllu").write_text("1\tx\n\n")
    with pytest.raises(UserError, match="trees that cannot be used"):
        perturb(of_trees(options, "function-words"))


@pytest.mark.parametrize("damage", ["text", "seal", "json", "shape", "gone"])
def test_a_damaged_folder_is_not_taken_for_plain_data(options: PerturbOptions, damage: str) -> None:
    perturb(options)
    record, text = options.out / FILE, options.out / "download/xnli/test-en.tsv"
    if damage == "text":
        text.write_bytes((options.data / "download/xnli/test-en.tsv").read_bytes())
    elif damage == "gone":
        text.unlink()
    elif damage == "json":
        record.write_text("{")
    else:
        content = read_json(record)
        content["perturbation"] = {} if damage == "shape" else {"name": "unigram", "gold": "kept"}
        record.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"perturbation\.json does not describe its data"):
        DataFolder.open(options.out)


def test_only_a_download_folder_belongs_to_the_record_beside_it(options: PerturbOptions) -> None:
    perturb(options)
    assert isinstance(read_perturbed(options.out / "download"), PerturbedData)
    assert read_perturbed(options.out / "labels") is None
    assert DataFolder.open(options.out / "download").perturbed is not None
