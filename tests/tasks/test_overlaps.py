"""What of dev is the test of another task: declared by hashes, and measured where the data allow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from xharness.tasks import mlqa, panx, pawsx, tydiqa, udpos, xcopa, xnli, xquad
from xharness.tasks.base import AnyTaskType, Overlap, Task
from xharness.tasks.intermediate import INTERMEDIATE
from xharness.tasks.overlaps import XQUAD, fingerprint, shared
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA, SpanQuestion
from xharness.tasks.types.multiple_choice import MULTIPLE_CHOICE, ChoiceQuestion
from xharness.tasks.types.tagging import TAGGING, TaggedSentence
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION, SentencePair


def test_a_fingerprint_sees_letters_and_digits_only() -> None:
    assert fingerprint("The  Door,\nopened 3 times!") == fingerprint("the door opened 3 times")
    assert fingerprint("the door opened 3 times") != fingerprint("the door opened 4 times")
    assert fingerprint("ﬁn") == fingerprint("fin")
    assert len(fingerprint("")) == 12


@pytest.mark.parametrize(
    ("kind", "example", "text"),
    [
        (EXTRACTIVE_QA, SpanQuestion("q", "Who?", "Ada left."), "Ada left."),
        (TEXT_CLASSIFICATION, SentencePair("p", "One.", "Two."), "One. Two."),
        (TEXT_CLASSIFICATION, SentencePair("p", "One.", None), "One."),
        (TAGGING, TaggedSentence("t", ("a", "b")), "a b"),
        (
            MULTIPLE_CHOICE,
            ChoiceQuestion("c", "It rained.", "What then?", ("Wet.", "Dry.")),
            "It rained. What then? Wet. Dry.",
        ),
    ],
)
def test_what_makes_examples_the_same(kind: AnyTaskType, example: Any, text: str) -> None:
    assert kind.text(example) == text


def test_shared_examples_by_test() -> None:
    questions = [SpanQuestion(name, "Who?", context) for name, context in (("1", "A"), ("2", "B"), ("3", "A"))]
    overlaps = [
        Overlap(test=test, fingerprints=frozenset({fingerprint(text)})) for test, text in (("x", "a"), ("y", "c"))
    ]
    assert {test: [q.id for q in found] for test, found in shared(EXTRACTIVE_QA, questions, overlaps).items()} == {
        "x": ["1", "3"]
    }
    assert shared(EXTRACTIVE_QA, questions, ()) == {}


def test_both_squads_declare_xquad() -> None:
    assert len(XQUAD.fingerprints) == 240
    for name in ("squad_v1", "squad_v2"):
        assert INTERMEDIATE[name].overlaps == (XQUAD,)


# --- measured: the table in docs/numbers.md --------------------------------------------------------------------------


def examples(data: Path, task: Task, split: str, language: str = "en") -> Sequence[Any]:
    """One split of the real data."""
    assert task.reader is not None
    for folder in (
        data / "download" / task.name,
        *(data / "intermediate" / n for n in (task.name, *task.data_folders)),
    ):
        if task.reader.find(folder, language, split):
            return task.reader.read(folder, language, split).examples
    raise AssertionError(f"no {split} of {task.name} in {language}")


def mark(kind: AnyTaskType, item: Any) -> str:
    """The words of a sentence in lower case, since short ones differ in punctuation only; of others the fingerprint."""
    return kind.text(item).casefold() if kind is TAGGING else fingerprint(kind.text(item))


def hits(kind: AnyTaskType, dev: Sequence[Any], test: Sequence[Any]) -> int:
    """Examples of dev whose text is that of a test item."""
    known = {mark(kind, item) for item in test}
    return sum(mark(kind, item) in known for item in dev)


@pytest.mark.shared_data
def test_xquad_is_what_the_hashes_say(shared_data: Path) -> None:
    assert {fingerprint(q.context) for q in examples(shared_data, xquad.TASK, "test")} == XQUAD.fingerprints
    dev = examples(shared_data, INTERMEDIATE["squad_v1"], "dev")
    found = shared(EXTRACTIVE_QA, dev, (XQUAD,))["xquad"]
    assert (len(dev), len(found), len({q.context for q in found})) == (1000, 126, 105)
    assert {q.id for q in found} <= {q.id for q in examples(shared_data, xquad.TASK, "test")}
    assert shared(EXTRACTIVE_QA, examples(shared_data, INTERMEDIATE["squad_v1"], "train"), (XQUAD,)) == {}


SQUAD, MNLI, ANLI = (INTERMEDIATE[name] for name in ("squad_v1", "mnli", "anli_plus"))
SIQA = INTERMEDIATE["socialiqa"]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("task", "split", "test", "language", "number"),
    [
        (SQUAD, "dev", mlqa.TASK, "de", 0),
        (SQUAD, "dev", tydiqa.TASK, "en", 0),
        (mlqa.TASK, "dev", xquad.TASK, "en", 0),
        (tydiqa.TASK, "train", tydiqa.TASK, "en", 0),
        (xnli.TASK, "dev", xnli.TASK, "en", 0),
        (xnli.TASK, "train", xnli.TASK, "en", 0),
        (MNLI, "dev", xnli.TASK, "en", 0),
        (ANLI, "dev", xnli.TASK, "en", 0),
        (pawsx.TASK, "dev", pawsx.TASK, "en", 2),
        (udpos.TASK, "dev", udpos.TASK, "en", 94),
        (udpos.TASK, "train", udpos.TASK, "en", 326),
        (panx.TASK, "dev", panx.TASK, "en", 190),
        (panx.TASK, "train", panx.TASK, "en", 377),
        (xcopa.TASK, "dev", xcopa.TASK, "en", 0),
        (xcopa.TASK, "train", xcopa.TASK, "en", 0),
        (SIQA, "dev", xcopa.TASK, "en", 0),
    ],
    ids=lambda value: value.name if isinstance(value, Task) else str(value),
)
def test_pairs_of_dev_and_test(
    shared_data: Path, task: Task, split: str, test: Task, language: str, number: int
) -> None:
    found = hits(task.type, examples(shared_data, task, split), examples(shared_data, test, "test", language))
    assert found == number


@pytest.mark.shared_data
def test_what_udpos_shares_is_short(shared_data: Path) -> None:
    """Sentences such as "Thanks." stand in several treebanks; of ten words or more it is one."""
    long = [[s for s in examples(shared_data, udpos.TASK, split) if len(s.words) >= 10] for split in ("dev", "test")]
    assert hits(TAGGING, *long) == 1
