"""Templates rebuild exactly what the tokenizer makes of one text and of two."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tiny
from tests.models import ARCHITECTURES
from xharness.compute.device import Device
from xharness.compute.loading import Loaded
from xharness.compute.special_tokens import SpecialTokenTemplate, pair_template, single_template
from xharness.predict.extractive_qa import make_windows
from xharness.predict.pairs import encode_pairs
from xharness.predict.spans import SpanOptions
from xharness.predict.tagging import segment
from xharness.tasks.common.errors import UserError
from xharness.tasks.types.extractive_qa import SpanQuestion
from xharness.tasks.types.tagging import TaggedSentence

TEXTS = ["Bada lomi, kupe!", "бада ломи", "山田水木。", "บดาลม", "a", "بدا  لومي", "", "lomi " * 40]


def tokenizer_of(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def plain(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def check(tokenizer: Any, texts: Sequence[str] = TEXTS) -> None:
    single, pair = single_template(tokenizer), pair_template(tokenizer)
    assert single.size == tokenizer.num_special_tokens_to_add()
    assert pair.size == tokenizer.num_special_tokens_to_add(pair=True)
    for text in texts:
        whole, inner = tokenizer(text), plain(tokenizer, text)
        assert single.ids(inner) == whole["input_ids"]
        assert single.token_types(len(inner)) == whole.get("token_type_ids")
        for other in texts:
            both = tokenizer([text], [other])  # a call without lists takes an empty second text for none
            second = plain(tokenizer, other)
            assert pair.ids(inner, second) == both["input_ids"][0]
            assert pair.token_types(len(inner), len(second)) == both.get("token_type_ids", [None])[0]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_frames_rebuild_what_the_tokenizer_makes(tiny: Tiny, architecture: str) -> None:
    check(tokenizer_of(tiny(architecture, "encoder")))


def test_a_real_tokenizer(minilm: Path) -> None:
    check(tokenizer_of(minilm))


def test_what_the_families_look_like(tiny: Tiny) -> None:
    bert = pair_template(tokenizer_of(tiny("bert", "encoder")))
    assert (len(bert.before), len(bert.between), len(bert.after)) == (1, 1, 1)
    assert bert.token_types(2, 3) == [0, 0, 0, 0, 1, 1, 1, 1]
    roberta = pair_template(tokenizer_of(tiny("xlm-roberta", "encoder")))
    assert (len(roberta.before), len(roberta.between), len(roberta.after)) == (1, 2, 1)
    assert roberta.types is None
    assert pair_template(tokenizer_of(tiny("qwen2", "encoder"))) == SpecialTokenTemplate([], [], [], None)


def test_a_beginning_for_each_text() -> None:
    """Some decoders put their first token before both texts."""
    template = SpecialTokenTemplate([1], [1], [], None)
    assert template.ids([5, 6], [7]) == [1, 5, 6, 1, 7]
    assert template.size == 2


def test_padding_and_truncation_stored_in_the_tokenizer_do_not_leak_in(tiny: Tiny) -> None:
    tokenizer = tokenizer_of(tiny("bert", "encoder"))
    tokenizer.backend_tokenizer.enable_padding(length=64)
    tokenizer.backend_tokenizer.enable_truncation(3)
    check(tokenizer)


def test_a_tokenizer_that_changes_a_text_is_told(tiny: Tiny) -> None:
    real = tokenizer_of(tiny("bert", "encoder"))

    class Odd:
        backend_tokenizer, model_input_names = real.backend_tokenizer, real.model_input_names

        def __call__(self, *texts: list[str], **options: Any) -> Any:
            encoded = real(*texts, **options)
            if options.get("add_special_tokens", True):
                encoded["input_ids"][0].reverse()
            return encoded

    for make in (single_template, pair_template):
        with pytest.raises(UserError, match="changes a text"):
            make(Odd())


def _with_template(folder: Path, single: str, pair: str) -> Any:
    from tokenizers import processors

    tokenizer = tokenizer_of(folder)
    ids = [(token, tokenizer.convert_tokens_to_ids(token)) for token in ("[CLS]", "[SEP]")]
    template = processors.TemplateProcessing(single=single, pair=pair, special_tokens=ids)
    tokenizer.backend_tokenizer.post_processor = template
    return tokenizer


@pytest.mark.parametrize("single", ["[CLS] [SEP]", "[CLS] $A $A [SEP]"])
def test_a_template_that_does_not_keep_a_text(tiny: Tiny, single: str) -> None:
    tokenizer = _with_template(tiny("bert", "encoder"), single, "[CLS] $A [SEP] $B:1 [SEP]:1")
    with pytest.raises(UserError, match="special tokens around a text"):
        single_template(tokenizer)


def test_a_template_that_swaps_two_texts_is_told(tiny: Tiny) -> None:
    tokenizer = _with_template(tiny("bert", "encoder"), "[CLS] $A [SEP]", "[CLS] $B [SEP] $A:1 [SEP]:1")
    with pytest.raises(UserError, match="special tokens around two texts"):
        pair_template(tokenizer)


SPECIAL = {"<pad>": 0, "<s>": 1, "</s>": 2}
TEMPLATES = [
    ("$A", "$A $B:1"),
    ("<s> $A", "<s> $A <s> $B"),
    ("<s> $A", "<s> $A $B"),
    ("$A </s>", "$A </s> $B </s>"),
    ("<s> $A </s>", "<s> $A </s> $B:1 </s>:1"),
    ("<s> $A </s>", "<s> $A </s> </s> $B </s>"),
    ("$A </s> <s>:2", "$A </s> $B:1 </s>:1 <s>:2"),
]


def without_pieces(single: str, pair: str, *, unknown: bool = False) -> Any:
    """A tokenizer of Kazakh letters only: any other text is nothing to it, or only unknown tokens."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = SPECIAL | {letter: number for number, letter in enumerate("абдеіңзлқөт<", start=3)}
    backend = Tokenizer(models.BPE(vocabulary, [], unk_token="<" if unknown else None))
    backend.normalizer = normalizers.Lowercase()
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.post_processor = processors.TemplateProcessing(
        single=single, pair=pair, special_tokens=list(SPECIAL.items())
    )
    names = ["input_ids", "token_type_ids", "attention_mask"]
    return PreTrainedTokenizerFast(tokenizer_object=backend, pad_token="<pad>", model_input_names=names)


@pytest.mark.parametrize("unknown", [False, True])
@pytest.mark.parametrize(("single", "pair"), TEMPLATES)
def test_every_template_without_pieces_for_any_probe(single: str, pair: str, unknown: bool) -> None:
    tokenizer = without_pieces(single, pair, unknown=unknown)
    assert plain(tokenizer, "Біздің елдер")
    assert bool(plain(tokenizer, "ab")) is unknown
    check(tokenizer, [*TEXTS, "Біздің елдер", "еттіб"])


@pytest.mark.parametrize(("single", "pair"), TEMPLATES)
def test_words_windows_and_pairs_are_the_tokenizer_s_own_inputs(single: str, pair: str) -> None:
    """Of taggers, questions and pairs, where no probe has a piece."""
    tokenizer = without_pieces(single, pair)
    loaded = Loaded(None, tokenizer, Device("cpu", "fp32"), 64, 0)
    words = ["Біз", "елдер", "өтеді"]
    sentence = TaggedSentence("1", tuple(words), None)
    (piece,) = segment(loaded, [sentence], single_template(tokenizer), 64)
    whole = tokenizer(words, is_split_into_words=True)
    assert piece.ids == whole["input_ids"]
    assert piece.firsts == [whole.word_to_tokens(number).start for number in range(len(words))]
    _, (window,) = make_windows(loaded, [SpanQuestion("1", "Біз бе", "елдер өтеді")], SpanOptions(max_length=64))
    asked = tokenizer(["Біз бе"], ["елдер өтеді"])
    assert (window.ids, window.types) == (asked["input_ids"][0], asked["token_type_ids"][0])
    assert window.offset == asked.sequence_ids(0).index(1)
    assert encode_pairs(loaded, ["Біз бе"], ["елдер өтеді"], 64)[0] == asked["input_ids"]


@pytest.mark.parametrize("kind", ["RobertaProcessing", "BertProcessing", "ByteLevel"])
def test_other_post_processors(tiny: Tiny, kind: str) -> None:
    from tokenizers import processors

    tokenizer = tokenizer_of(tiny("modernbert", "encoder"))
    ends = [(token, tokenizer.convert_tokens_to_ids(token)) for token in ("[SEP]", "[CLS]")]
    tokenizer.backend_tokenizer.post_processor = getattr(processors, kind)(*(ends if kind != "ByteLevel" else ()))
    check(tokenizer)
