"""What a checkpoint can answer: heads, labels by name, suites; and what is said where it cannot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.checkpoints.compatibility import Compatible, Incompatible
from xharness.evaluation.answer import answerer_of
from xharness.evaluation.selection import match
from xharness.tasks import panx, pawsx, tatoeba, udpos, xcopa, xnli, xquad
from xharness.tasks.base import Task
from xharness.tasks.registry import Registry


def checkpoint(head: Head, labels: tuple[str, ...] = (), name: str = "m") -> Checkpoint:
    return Checkpoint(Path(name), {"model_type": "bert"}, head, labels, 2, (), (), False)


def fit(task: Task, model: Checkpoint) -> Compatible | Incompatible:
    return answerer_of(task).fit(task, model)


def classifier(*labels: str) -> Checkpoint:
    return checkpoint(Head.SEQUENCE, labels)


def tagger(*labels: str) -> Checkpoint:
    return checkpoint(Head.TOKEN, labels)


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (("contradiction", "entailment", "neutral"), ("contradiction", "entailment", "neutral")),
        (("ENTAILMENT", "Neutral", " Contradiction "), ("entailment", "neutral", "contradiction")),
        (("entails", "neutral", "contradictory"), ("entailment", "neutral", "contradiction")),
        (("Neutral", "Entailed", "CONTRADICTORY"), ("neutral", "entailment", "contradiction")),
    ],
)
def test_labels_are_found_by_name_in_any_order_and_case(names: tuple[str, ...], labels: tuple[str, ...]) -> None:
    found = fit(xnli.TASK, classifier(*names))
    assert isinstance(found, Compatible)
    assert found.labels == labels
    assert found.note == ""


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (("0", "1"), ("0", "1")),
        (("1", "0"), ("1", "0")),
        (("LABEL_0", "LABEL_1"), ("0", "1")),
        (("paraphrase", "not_paraphrase"), ("1", "0")),
        (("Not Paraphrase", "Duplicate"), ("0", "1")),
    ],
)
def test_paraphrases_have_many_names(names: tuple[str, ...], labels: tuple[str, ...]) -> None:
    found = fit(pawsx.TASK, classifier(*names))
    assert isinstance(found, Compatible)
    assert found.labels == labels


REFUSED = [
    (
        xnli.TASK,
        classifier("LABEL_0", "LABEL_1", "LABEL_2"),
        "the head's outputs have no names (LABEL_0, LABEL_1, LABEL_2), so their order is unknown",
        "name them in the order of training, or in config.json: --label-names contradiction,entailment,neutral",
    ),
    (
        xnli.TASK,
        classifier("LABEL_0", "LABEL_1"),
        "its labels (LABEL_0, LABEL_1) are not those of xnli (contradiction, entailment, neutral)",
        "fine-tune it on xnli, or correct id2label in config.json",
    ),
    (
        xnli.TASK,
        classifier("entailment", "not_entailment"),
        "its labels (entailment, not_entailment) are not those of xnli (contradiction, entailment, neutral)",
        "fine-tune it on xnli, or correct id2label in config.json",
    ),
    (
        xnli.TASK,
        classifier("contradiction", "entailment", "neutral", "none"),
        "its labels (contradiction, entailment, neutral, none) are not those of xnli "
        "(contradiction, entailment, neutral)",
        "fine-tune it on xnli, or correct id2label in config.json",
    ),
    (
        udpos.TASK,
        tagger(*panx.TASK.labels),
        "its labels (O, B-LOC, B-ORG, B-PER, I-LOC, I-ORG, ...) are not those of udpos "
        "(ADJ, ADP, ADV, AUX, CCONJ, DET)",
        "fine-tune it on udpos, or correct id2label in config.json",
    ),
    (
        xnli.TASK,
        checkpoint(Head.ENCODER),
        "needs a head for text classification (SequenceClassification); the checkpoint is a bare encoder",
        "fine-tune it on xnli first, or give a suite with xnli/",
    ),
    (
        xquad.TASK,
        classifier("a", "b"),
        "needs a head for extractive QA (QuestionAnswering); the checkpoint is SequenceClassification",
        "fine-tune it on xquad first, or give a suite with xquad/",
    ),
]


@pytest.mark.parametrize(
    ("task", "model", "reason", "fix"), REFUSED, ids=[f"{t.name}-{r[:30]}" for t, _, r, _ in REFUSED]
)
def test_refusals_say_why_and_what_to_do(task: Task, model: Checkpoint, reason: str, fix: str) -> None:
    assert fit(task, model) == Incompatible(task, reason, fix)


def test_taggers_may_have_more_tags_and_lack_a_rare_one() -> None:
    tags = [tag for tag in udpos.TASK.labels if tag != "SYM"]
    found = fit(udpos.TASK, tagger(*[tag.lower() for tag in reversed(tags)], "_", "ROOT"))
    assert isinstance(found, Compatible)
    assert found.labels == (*reversed(tags), None, None)
    assert found.note == "the head has no output for SYM"


def test_taggers_must_have_most_tags() -> None:
    assert isinstance(fit(udpos.TASK, tagger(*udpos.TASK.labels[:14])), Compatible)
    assert isinstance(fit(udpos.TASK, tagger(*udpos.TASK.labels[:13])), Incompatible)
    ten = replace(udpos.TASK, labels=udpos.TASK.labels[:10])
    assert isinstance(fit(ten, tagger(*ten.labels[:8])), Compatible), "eight of ten are four fifths"
    assert isinstance(fit(ten, tagger(*ten.labels[:7])), Incompatible)


def test_heads_without_labels() -> None:
    assert fit(xquad.TASK, checkpoint(Head.SPAN)) == Compatible(xquad.TASK, checkpoint(Head.SPAN))
    assert isinstance(fit(xcopa.TASK, checkpoint(Head.CHOICE)), Compatible)


@pytest.mark.parametrize("head", list(Head))
def test_every_checkpoint_has_an_encoder_for_retrieval(head: Head) -> None:
    assert isinstance(match(tatoeba.TASK, {"": checkpoint(head)}), Compatible)


def test_a_suite_answers_by_folder() -> None:
    suite = {
        "xnli": classifier(*xnli.TASK.labels),
        "encoder": checkpoint(Head.ENCODER, name="encoder"),
        "udpos": classifier("a", "b"),
    }
    found = match(xnli.TASK, suite)
    assert isinstance(found, Compatible)
    assert found.checkpoint is suite["xnli"]
    wrong = match(udpos.TASK, suite)
    assert isinstance(wrong, Incompatible)
    assert wrong.reason.startswith("needs a head for tagging")
    missing = match(panx.TASK, suite)
    assert missing == Incompatible(panx.TASK, "the suite has no folder for it", "add a folder panx/")


def test_the_best_folder_of_a_suite_that_fits_is_taken() -> None:
    task = replace(xquad.TASK, suite_folders=("xquad", "squad"))
    spans, classes = checkpoint(Head.SPAN, name="squad"), classifier("a", "b")
    for suite, wanted in (
        ({"squad": spans, "xquad": checkpoint(Head.SPAN, name="xquad")}, "xquad"),
        ({"squad": spans}, "squad"),
        ({"squad": spans, "xquad": classes}, "squad"),
    ):
        found = match(task, suite)
        assert isinstance(found, Compatible)
        assert found.checkpoint.path.name == wanted


def test_every_task_of_the_registry_is_matched_or_refused_with_a_reason() -> None:
    for task in Registry().tasks.values():
        for head in Head:
            found = match(task, {"": checkpoint(head, ("x",))})
            if isinstance(found, Incompatible):
                assert found.reason
                assert found.fix


def test_tasks_that_can_only_be_scored() -> None:
    found = match(replace(xnli.TASK, reader=None), {"": classifier(*xnli.TASK.labels)})
    assert isinstance(found, Incompatible)
    assert found.reason == "text classification can be scored, not answered"
    assert found.fix == "use: xharness score PREDICTIONS LABELS"
