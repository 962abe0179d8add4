"""Tag spans against a plain statement of the old rules, and against the seqeval package where it should agree."""

import random
import warnings

import numpy as np
import pytest
from seqeval.metrics import f1_score as seqeval_f1

from xharness.tasks.metrics.tag_spans import SpanF1
from xharness.tasks.types.tag_spans import Span, spans

METRIC = SpanF1()
BARE = [
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM",
    "VERB", "X", "O", "_",
]  # fmt: skip
PREFIXED = [
    "O",
    "B-PER",
    "I-PER",
    "E-PER",
    "S-PER",
    "B-LOC",
    "I-LOC",
    "B-A-B",
    "I-A-B",
    ".",
    ".-PER",
    "X-O",
    "X-",
    "I-",
]
BIO = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG"]


def plain_spans(sentences: list[list[str]]) -> set[tuple[str, int, int]]:
    """seqeval 0.0.12 word by word: (type, first, last) over the whole file with an O after each sentence."""
    stream = [tag for tags in sentences for tag in [*tags, "O"]] + ["O"]
    spans = set()
    before, type_before, begin = "O", "", 0
    for place, tag in enumerate(stream):
        role, kind = tag[0], tag.rsplit("-", 1)[-1]
        other = kind != type_before
        over = before in "ES" or (before in "BI" and role in "BSO") or (before not in "O." and other)
        opens = role in "BS" or (before in "ESO" and role in "EI") or (role not in "O." and other)
        if over:
            spans.add((type_before, begin, place - 1))
        if opens:
            begin = place
        before, type_before = role, kind
    return spans


def plain_scores(gold: list[list[str]], answers: list[list[str]]) -> tuple[float, float, float]:
    right, given = plain_spans(gold), plain_spans(answers)
    hits = len(right & given)
    precision = hits / len(given) if given else 0
    recall = hits / len(right) if right else 0
    f1 = 2 * precision * recall / (precision + recall) if hits else 0
    return 100 * f1, 100 * precision, 100 * recall


def scores(gold: list[list[str]], answers: list[list[str]]) -> dict[str, float]:
    totals = METRIC.measure(gold, answers, "xx").statistics.sum(axis=0)
    return {name: float(value) for name, value in METRIC.aggregate(totals).items()}


def random_file(generator: random.Random, tags: list[str]) -> tuple[list[list[str]], list[list[str]]]:
    """Up to five sentences, some empty, runs of equal tags likely; answers differ in about a third of the words."""
    gold = []
    for _ in range(generator.randint(1, 5)):
        words: list[str] = []
        for _ in range(generator.randint(0, 8)):
            words.append(words[-1] if words and generator.random() < 0.3 else generator.choice(tags))
        gold.append(words)
    answers = [[generator.choice(tags) if generator.random() < 0.3 else tag for tag in words] for words in gold]
    return gold, answers


@pytest.mark.parametrize("tags", [BARE, PREFIXED, BIO], ids=["bare", "prefixed", "bio"])
def test_equals_the_plain_statement_of_the_old_rules(tags: list[str]) -> None:
    generator = random.Random(7)
    for _ in range(3400):
        gold, answers = random_file(generator, tags)
        got = scores(gold, answers)
        wanted = plain_scores(gold, answers)
        assert (got["f1"], got["precision"], got["recall"]) == pytest.approx(wanted, abs=1e-12), (gold, answers)


@pytest.mark.parametrize("tags", [BARE, BIO], ids=["bare", "bio"])
def test_variant_equals_the_seqeval_package(tags: list[str]) -> None:
    generator = random.Random(8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(600):
            gold, answers = random_file(generator, tags)
            if any(map(len, gold)):
                wanted = 100 * seqeval_f1(gold, answers)
                assert scores(gold, answers)["f1_seqeval_1"] == pytest.approx(wanted, abs=1e-9), (gold, answers)


def test_old_and_new_agree_on_bio_tags() -> None:
    generator = random.Random(9)
    for _ in range(300):
        got = scores(*random_file(generator, BIO))
        assert got["f1"] == pytest.approx(got["f1_seqeval_1"], abs=1e-12)


def test_bare_tags_merge_into_one_span() -> None:
    got = scores([["NOUN", "NOUN", "VERB"]], [["NOUN", "VERB", "VERB"]])
    assert got["f1"] == 0
    assert got["token_accuracy"] == pytest.approx(200 / 3)


def test_tags_with_s_are_spans_of_one_word() -> None:
    items = METRIC.measure([["SYM", "SYM", "SCONJ"], ["NOUN", "NOUN"]], [["SYM", "SYM", "X"], ["NOUN", "NOUN"]], "xx")
    columns = dict(zip(METRIC.columns, items.statistics.T.tolist(), strict=True))
    assert columns["gold"] == [3, 1]
    assert columns["hits"] == [2, 1]
    assert columns["tokens"] == [3, 2]


def test_new_rules_confuse_the_two_conjunctions_and_the_old_ones_do_not() -> None:
    got = scores([["NOUN", "CCONJ", "NOUN"]], [["NOUN", "SCONJ", "NOUN"]])
    assert got["f1_seqeval_1"] == 100
    assert got["f1"] == pytest.approx(200 / 3)


def test_an_inside_tag_opens_a_span() -> None:
    assert scores([["O", "I-PER", "I-PER"]], [["O", "B-PER", "I-PER"]])["f1"] == 100


def test_a_span_never_crosses_a_sentence() -> None:
    items = METRIC.measure([["NOUN"], ["NOUN"]], [["NOUN"], ["NOUN"]], "xx")
    assert items.statistics[:, METRIC.columns.index("hits")].tolist() == [1, 1]


def test_files_without_spans_and_without_sentences_score_zero() -> None:
    assert set(scores([["O", "O"]], [["O", "O"]]).values()) == {0, 100}  # 100: token accuracy
    assert set(scores([], []).values()) == {0}


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="differ"):
        METRIC.measure([["O", "O"]], [["O"]], "xx")
    with pytest.raises(ValueError, match="differ"):
        METRIC.measure([["O"]], [["O"], []], "xx")


def test_aggregate_takes_any_leading_shape() -> None:
    items = METRIC.measure([["B-PER", "O"], ["B-LOC"]], [["B-PER", "O"], ["O"]], "xx")
    totals = items.statistics.sum(axis=0)
    many = METRIC.aggregate(np.broadcast_to(totals, (3, 4, len(totals))))
    assert all(values.shape == (3, 4) for values in many.values())
    assert many["f1"][2, 3] == METRIC.aggregate(totals)["f1"]


def test_spans_by_sentence_are_those_that_are_counted() -> None:
    source = random.Random(3)
    sentences = [[source.choice(BIO) for _ in range(source.randint(1, 9))] for _ in range(200)]
    listed = spans(sentences)
    assert listed[0] == [
        Span(kind, first, last + 1) for kind, first, last in sorted(plain_spans(sentences[:1]), key=lambda s: s[1])
    ]
    assert [len(found) for found in listed] == METRIC.measure(sentences, sentences, "de").statistics[:, 2].tolist()
    assert spans([["NOUN", "NOUN", "VERB"], ["O"]]) == [[Span("NOUN", 0, 2), Span("VERB", 2, 3)], []]
    assert spans([]) == []
