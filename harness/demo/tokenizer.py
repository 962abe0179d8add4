"""The tokenizer of the demo world: a Unigram model over its words, so that one word is mostly one piece.

Lower case, split at spaces, numbers and punctuation. Its pieces are the words of all languages, their suffixes being
words of their own, and letters for whatever else there is; their scores are logarithms of their frequencies. Words that
several languages write alike are one piece in all of them, also where no spaces are written.
"""

from __future__ import annotations

import math
import string
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

from xharness.demo.files import World
from xharness.demo.meaning import YEARS, sentence

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

MAX_LENGTH = 512
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
SENTENCES = 200  # of every language, to count words in
NUMBER, MARK = 1000, 5000  # frequencies of numbers and punctuation, in a language and in all
LETTER = -18.0  # score of a single letter: a last resort


def make_tokenizer(world: World) -> PreTrainedTokenizerFast:
    """An XLM-R-style tokenizer (its special tokens, its pair template) for the world."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.Unigram(_pieces(world), unk_id=SPECIAL.index("<unk>")))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    alone = pre_tokenizers.Split(Regex(r"\p{N}+|\p{P}|\p{S}"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), alone])
    tokenizer.decoder = decoders.Fuse()
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[(token, SPECIAL.index(token)) for token in ("<s>", "</s>")],
    )
    names = {"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>"}
    names |= {"pad_token": "<pad>", "unk_token": "<unk>", "mask_token": "<mask>"}
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=MAX_LENGTH,
        model_input_names=["input_ids", "attention_mask"],
        **names,
    )


def _pieces(world: World) -> list[tuple[str, float]]:
    """Special tokens, then every piece with its score, best first."""
    counts = _frequencies(world)
    total = sum(counts.values())
    letters = {letter for piece in counts for letter in piece} | set(string.printable) - set(string.whitespace)
    scores = dict.fromkeys(letters, LETTER) | {piece: math.log(count / total) for piece, count in counts.items()}
    ranked = sorted(((piece, round(score, 6)) for piece, score in scores.items()), key=lambda entry: (-entry[1], entry))
    return [*((token, 0.0) for token in SPECIAL), *ranked]


def _frequencies(world: World) -> Counter[str]:
    """How often each word, number and mark is said; a word that was never said counts once."""
    from tokenizers import normalizers

    flat = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()]).normalize_str
    counts = Counter({str(number): NUMBER for number in (*range(100), *range(*YEARS))})
    for grammar in world.grammars.values():
        rng = Random("frequencies")  # all languages say the same
        words = {word: flat(word) for word in grammar.words.values()}
        said = (token.form for _ in range(SENTENCES) for token in grammar.sentence(sentence(rng, 0.5)))
        counts.update(words.values())
        counts.update(words[form] for form in said if form in words)
    spoken = [grammar.language for grammar in world.grammars.values()]
    marks = {mark for one in spoken for mark in (one.stop, one.comma, one.question_mark) if mark}
    return counts + Counter(dict.fromkeys(marks, MARK))
