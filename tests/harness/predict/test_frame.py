"""Frames rebuild exactly what the tokenizer makes of one text and of two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.predict.frame import Frame, pair_frame, single_frame
from tests.models import ARCHITECTURES

TEXTS = ["Bada lomi, kupe!", "бада ломи", "山田水木。", "บดาลม", "a", "بدا  لومي", "", "lomi " * 40]


def tokenizer_of(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def plain(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def check(tokenizer: Any) -> None:
    single, pair = single_frame(tokenizer), pair_frame(tokenizer)
    assert single.size == tokenizer.num_special_tokens_to_add()
    assert pair.size == tokenizer.num_special_tokens_to_add(pair=True)
    for text in TEXTS:
        whole, inner = tokenizer(text), plain(tokenizer, text)
        assert single.ids(inner) == whole["input_ids"]
        assert single.token_types(len(inner)) == whole.get("token_type_ids")
        for other in TEXTS:
            both = tokenizer([text], [other])  # a call without lists takes an empty second text for none
            second = plain(tokenizer, other)
            assert pair.ids(inner, second) == both["input_ids"][0]
            assert pair.token_types(len(inner), len(second)) == both.get("token_type_ids", [None])[0]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_frames_rebuild_what_the_tokenizer_makes(tiny, architecture: str) -> None:
    check(tokenizer_of(tiny(architecture, "encoder")))


def test_a_real_tokenizer(minilm: Path) -> None:
    check(tokenizer_of(minilm))


def test_what_the_families_look_like(tiny) -> None:
    bert = pair_frame(tokenizer_of(tiny("bert", "encoder")))
    assert (len(bert.before), len(bert.between), len(bert.after)) == (1, 1, 1)
    assert bert.token_types(2, 3) == [0, 0, 0, 0, 1, 1, 1, 1]
    roberta = pair_frame(tokenizer_of(tiny("xlm-roberta", "encoder")))
    assert (len(roberta.before), len(roberta.between), len(roberta.after)) == (1, 2, 1)
    assert roberta.types is None
    assert pair_frame(tokenizer_of(tiny("qwen2", "encoder"))) == Frame([], [], [], None)


def test_a_beginning_for_each_text() -> None:
    """Some decoders put their first token before both texts."""
    frame = Frame([1], [1], [], None)
    assert frame.ids([5, 6], [7]) == [1, 5, 6, 1, 7]
    assert frame.size == 2


def test_padding_and_truncation_stored_in_the_tokenizer_do_not_leak_in(tiny) -> None:
    tokenizer = tokenizer_of(tiny("bert", "encoder"))
    tokenizer.backend_tokenizer.enable_padding(length=64)
    tokenizer.backend_tokenizer.enable_truncation(3)
    check(tokenizer)


def test_a_tokenizer_that_changes_a_text_is_told() -> None:
    class Odd:
        def __call__(self, *texts: str, add_special_tokens: bool = True, **_options: Any) -> dict[str, list[int]]:
            return {"input_ids": [9] if add_special_tokens else [1, 2]}

    with pytest.raises(ValueError, match="changes a text"):
        single_frame(Odd())
