"""Tagging: a tag for every word, whatever its length and its pieces, and windows that fit."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Tiny
from tests.models import ARCHITECTURES
from xharness.checkpoints.checkpoint import inspect
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, load
from xharness.compute.special_tokens import single_template
from xharness.predict.tagging import segment, tag, word_pieces
from xharness.tasks.types.tagging import TaggedSentence

LABELS = ("A", "B", "C")
WORDS = "bada lomi , kupe ! toda ve dumi бада ломи 山田 水木 。 บดาลม ( dava ) vesi 42 نومي Kupe x".split()
BYTE_LEVEL = ("modernbert", "qwen2")  # a word inside a sentence begins with its space


def loaded(folder: Path) -> Loaded:
    found = inspect(folder)
    return load(found, found.head, Device("cpu", "fp32"))


def sentence(*words: str) -> TaggedSentence:
    return TaggedSentence("1", words)


SENTENCES = [sentence(*(WORDS[(i * 5 + j * j + j) % len(WORDS)] for j in range(1 + i % 13))) for i in range(20)]


def one_by_one(model: Loaded, words: tuple[str, ...], architecture: str, labels: tuple[str | None, ...]) -> list[str]:
    """The definition: the tag at each word's first piece, words mapped to pieces by the tokenizer itself."""
    import torch

    if architecture in BYTE_LEVEL:  # the tokenizer call for words would leave the spaces out
        inputs = model.tokenizer([" ".join(words)], return_tensors="pt")
        begins = list(itertools.accumulate((len(word) + 1 for word in words[:-1]), initial=0))
        firsts = [inputs.char_to_token(0, begin - bool(begin)) for begin in begins]
    else:
        inputs = model.tokenizer([list(words)], is_split_into_words=True, return_tensors="pt")
        owners = inputs.word_ids(0)
        firsts = [owners.index(number) for number in range(len(words))]
    with torch.inference_mode():
        logits = model.model(**inputs).logits[0, firsts]
        logits[:, [index for index, label in enumerate(labels) if label is None]] = -torch.inf
    return [str(labels[index]) for index in logits.argmax(-1).tolist()]


@pytest.mark.parametrize("labels", [LABELS, ("A", None, "C")])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_tags_equal_a_plain_computation_whatever_the_batch_size(tiny: Tiny, architecture: str, labels: Any) -> None:
    model = loaded(tiny(architecture, "token"))
    wanted = [one_by_one(model, sentence.words, architecture, labels) for sentence in SENTENCES]
    assert None in labels or len({tag for tags in wanted for tag in tags}) > 1, "the model tells words apart"
    for budget in (1, 100, 100_000):
        found, spent = tag(model, SENTENCES, labels, max_length=128, batch_tokens=budget)
        assert found == wanted
        assert spent.examples == len(SENTENCES), "each fits one window"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_outputs_that_the_task_lacks_are_never_chosen(tiny: Tiny, architecture: str) -> None:
    model = loaded(tiny(architecture, "token"))
    plain, _ = tag(model, SENTENCES, LABELS, max_length=128, batch_tokens=999)
    for lacking in range(3):
        labels = [None if index == lacking else label for index, label in enumerate(LABELS)]
        found, _ = tag(model, SENTENCES, labels, max_length=128, batch_tokens=999)
        for before, after in zip(itertools.chain(*plain), itertools.chain(*found), strict=True):
            assert after in set(LABELS) - {LABELS[lacking]}
            assert after == before or before == LABELS[lacking]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_odd_word_gets_a_tag(tiny: Tiny, architecture: str) -> None:
    model = loaded(tiny(architecture, "token"))
    odd = [
        "\u200d",
        "\x01",
        "",
        "\u00ad",
        "\u0301",
        "\ufeff",
        "\u3000",
        "bada" * 200,
        "\U0001f600",
        "a\u00a0b",
        "x" * 5000,
    ]
    for words in ([word] for word in odd):
        assert len(tag(model, [sentence(*words)], LABELS, max_length=32, batch_tokens=64)[0][0]) == 1
    found, _ = tag(
        model, [sentence(*odd), sentence(), sentence("bada", *odd, "lomi")], LABELS, max_length=32, batch_tokens=64
    )
    assert [len(tags) for tags in found] == [len(odd), 0, len(odd) + 2]
    assert {tag for tags in found for tag in tags} <= set(LABELS)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_words_of_no_pieces_and_of_too_many_become_one(tiny: Tiny, architecture: str) -> None:
    model = loaded(tiny(architecture, "token"))
    unknown = model.tokenizer.unk_token_id
    unknown = model.tokenizer.eos_token_id if unknown is None else unknown
    pieces = word_pieces(model, [["bada", "", "bada" * 15]], 20)[0]
    assert pieces[0] != [unknown]
    if architecture not in BYTE_LEVEL:  # there an empty word still has its space
        assert pieces[1] == [unknown]
    assert pieces[2] == [unknown]
    assert word_pieces(model, [["bada" * 15]], 500)[0][0] != [unknown]


def test_nothing_to_tag(tiny: Tiny) -> None:
    model = loaded(tiny("bert", "token"))
    assert tag(model, [], LABELS, max_length=32, batch_tokens=64)[0] == []
    found, spent = tag(model, [sentence(), sentence()], LABELS, max_length=32, batch_tokens=64)
    assert (found, spent.examples) == ([[], []], 0)


def test_sentences_do_not_mix_when_memory_runs_out(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    model = loaded(tiny("bert", "token"))
    wanted, _ = tag(model, SENTENCES, LABELS, max_length=16, batch_tokens=100_000)
    real, bounds = type(model.model).forward, list[int]()

    def small(self: Any, input_ids: Any, **inputs: Any) -> Any:
        if len(input_ids) > 3:
            raise RuntimeError("CUDA out of memory. Tried to allocate more")
        return real(self, input_ids=input_ids, **inputs)

    monkeypatch.setattr(type(model.model), "forward", small)
    found, _ = tag(model, SENTENCES, LABELS, max_length=16, batch_tokens=100_000, on_halved=bounds.append)
    assert found == wanted
    assert bounds


# --- windows ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def models(tiny: Tiny) -> dict[str, Loaded]:
    return {architecture: loaded(tiny(architecture, "token")) for architecture in ("xlm-roberta", "bert", "qwen2")}


@given(
    st.sampled_from(["xlm-roberta", "bert", "qwen2"]),
    st.lists(st.lists(st.sampled_from([*WORDS, "", "bada" * 4, "toda" * 20]), max_size=60), max_size=4),
    st.integers(6, 80),
)
def test_windows_hold_every_word_once_and_fit(
    models: dict[str, Loaded], architecture: str, texts: list[list[str]], max_length: int
) -> None:
    model = models[architecture]
    template = single_template(model.tokenizer)
    limit = max_length - template.size
    segments = segment(model, [sentence(*words) for words in texts], template, max_length)
    pieces = word_pieces(model, texts, limit)
    for number, words in enumerate(pieces):
        mine = [piece for piece in segments if piece.sentence == number]
        covered = [piece.first_word + offset for piece in mine for offset in range(len(piece.firsts))]
        assert covered == list(range(len(words)))
        for piece in mine:
            here = words[piece.first_word : piece.first_word + len(piece.firsts)]
            assert piece.ids == [*template.before, *itertools.chain(*here), *template.after]
            assert len(piece.ids) <= max_length
            starts = list(itertools.accumulate((len(ids) for ids in here), initial=len(template.before)))
            assert piece.firsts == starts[:-1]
        for before, after in itertools.pairwise(mine):
            assert len(before.ids) + len(words[after.first_word]) > max_length, "no window ends too early"


@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert", "deberta-v2", "rembert"])
def test_a_long_sentence_is_its_windows_glued(tiny: Tiny, architecture: str) -> None:
    model = loaded(tiny(architecture, "token"))
    words = [WORDS[(7 * i + i * i) % len(WORDS)] for i in range(150)]
    windows: list[list[str]] = [[]]
    room = 30 - model.tokenizer.num_special_tokens_to_add()
    used = 0
    for word in words:
        size = len(model.tokenizer(word, add_special_tokens=False)["input_ids"])
        if used + size > room:
            windows.append([])
            used = 0
        windows[-1].append(word)
        used += size
    wanted = [label for part in windows for label in one_by_one(model, tuple(part), architecture, LABELS)]
    found, spent = tag(model, [sentence(*words)], LABELS, max_length=30, batch_tokens=200)
    assert found == [wanted]
    assert spent.examples == len(windows) > 10


def test_the_model_s_own_limit_bounds_the_window(tiny: Tiny) -> None:
    model = replace(loaded(tiny("bert", "token")), max_tokens=10)
    longest: list[int] = []

    def forward(input_ids: Any, **_inputs: Any) -> Any:
        import torch

        longest.append(input_ids.shape[1])
        return SimpleNamespace(logits=torch.zeros(*input_ids.shape, 3))

    tag(replace(model, model=forward), [sentence(*WORDS * 4)], LABELS, max_length=128, batch_tokens=50)
    assert max(longest) == 10


# --- real data -------------------------------------------------------------------------------------------------------


@pytest.mark.shared_data
@pytest.mark.parametrize("task", ["udpos", "panx"])
def test_no_word_of_real_sentences_is_lost(tiny: Tiny, shared_data: Path, task: str) -> None:
    from xharness.tasks.data import DataFolder
    from xharness.tasks.registry import Registry

    data, registered = DataFolder.open(shared_data), Registry().tasks[task]
    models = [loaded(tiny(architecture, "token")) for architecture in ("xlm-roberta", "bert", "modernbert")]
    languages = data.languages(registered, "test")
    assert languages
    for language in languages:
        loaded_cell = data.load(registered, language, "test", limit=60)
        sentences = [each for each in loaded_cell.examples if isinstance(each, TaggedSentence)]
        for model in models:
            template = single_template(model.tokenizer)
            words = 0
            for piece in segment(model, sentences, template, 128):
                assert len(piece.ids) <= 128
                words += len(piece.firsts)
            assert words == sum(len(sentence.words) for sentence in sentences)
