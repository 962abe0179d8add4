"""Tiny random models with tokenizers, made on the spot and the same every time, for every architecture we support.

Torch and transformers are imported inside the functions, so that tests without models stay fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

ARCHITECTURES = ("xlm-roberta", "bert", "deberta-v2", "rembert", "modernbert", "qwen2")
HEADS = {
    "encoder": "AutoModel",
    "sequence": "AutoModelForSequenceClassification",
    "token": "AutoModelForTokenClassification",
    "qa": "AutoModelForQuestionAnswering",
    "choice": "AutoModelForMultipleChoice",
}
MAX_LENGTH = 512

# Code points of the alphabets: Latin, Greek, Cyrillic, Hebrew, Arabic, Indic scripts, Thai, Burmese, Georgian, kana.
LETTERS = ((0x21, 0x180), (0x370, 0x530), (0x590, 0x700), (0x900, 0xE80), (0x1000, 0x1100), (0x3000, 0x3100))
SYLLABLES = tuple(consonant + vowel for consonant in "bdfghklmnprstvw" for vowel in "aeiou")


class NoSuchHeadError(LookupError):
    """Transformers has no class with this head for this architecture."""


def _alphabet(*more: tuple[int, int]) -> list[str]:
    """Every printable character of the scripts above that is its own compatibility form."""
    import unicodedata

    characters = [chr(code) for first, last in (*LETTERS, *more) for code in range(first, last)]
    return [c for c in characters if unicodedata.category(c) != "Cn" and unicodedata.normalize("NFKC", c) == c]


def _unigram(special: dict[str, str]) -> Any:
    """SentencePiece style: letters and some syllables; ideographs and Hangul fall back to bytes."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

    pieces = ["▁", *(chr(0x2581) + s for s in SYLLABLES), *SYLLABLES, *_alphabet()]
    vocabulary = [(token, 0.0) for token in special.values()]
    vocabulary += [(f"<0x{byte:02X}>", -20.0) for byte in range(256)]
    vocabulary += [(piece, -8.0) for piece in dict.fromkeys(pieces)]
    unknown = list(special.values()).index(special["unk_token"])
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=unknown, byte_fallback=True))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])
    return tokenizer


def _word_piece(special: dict[str, str]) -> Any:
    """BERT style: lower case, accents stripped, every ideograph a word of its own."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

    letters = [*_alphabet((0x1100, 0x1200), (0x4E00, 0xA000)), *SYLLABLES]
    inner = [f"##{piece}" for piece in [*_alphabet((0x1100, 0x1200)), *SYLLABLES]]
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys([*special.values(), *letters, *inner]))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=special["unk_token"]))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def _byte_level(special: dict[str, str]) -> Any:
    """GPT-2 style: bytes and a few merges; no text is unknown."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    symbols = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [(s[0], s[1]) for s in SYLLABLES] + [("Ġ", s) for s in SYLLABLES]
    pieces = dict.fromkeys([*special.values(), *symbols, *(left + right for left, right in merges)])
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


ROBERTA = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>", "mask_token": "<mask>"}
BERT = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
T5 = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
DECODER = {"pad_token": "<|pad|>", "eos_token": "<|end|>"}

# Builder, special tokens, template of a pair ("" for none; a single text uses its first half).
FAMILIES: dict[str, tuple[Any, dict[str, str], str, str]] = {
    "xlm-roberta": (_unigram, ROBERTA, "<s> $A </s>", "<s> $A </s> </s> $B </s>"),
    "bert": (_word_piece, BERT, "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"),
    "deberta-v2": (_unigram, BERT, "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"),
    "rembert": (_unigram, BERT, "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"),
    "modernbert": (_byte_level, BERT, "[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]"),
    "qwen2": (_byte_level, DECODER, "", ""),
    "mt5": (_unigram, T5, "$A </s>", "$A </s> $B </s>"),
}


def tiny_tokenizer(folder: Path, family: str) -> Any:
    """Make a fast tokenizer in the style of ``family`` (one of FAMILIES), save it to ``folder``, return it."""
    from tokenizers import AddedToken, processors
    from transformers import PreTrainedTokenizerFast

    build, special, single, pair = FAMILIES[family]
    tokenizer = build(special)
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in special.values()])
    if single:
        ids = [(token, tokenizer.token_to_id(token)) for token in special.values()]
        tokenizer.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=ids)
    roles = dict(special)
    if special is ROBERTA:
        roles |= {"cls_token": special["bos_token"], "sep_token": special["eos_token"]}
    inputs = ["input_ids", "attention_mask"]
    if ":1" in pair:
        inputs.insert(1, "token_type_ids")
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=MAX_LENGTH, model_input_names=inputs, **roles
    )
    fast.save_pretrained(folder)
    return fast


def _config(architecture: str, tokenizer: Any, layers: int, hidden: int, labels: Sequence[str]) -> Any:
    """A tiny config; weights are spread wider than usual so that different inputs get different answers."""
    from transformers import AutoConfig

    options: dict[str, Any] = {
        "vocab_size": len(tokenizer), "hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": 2,
        "intermediate_size": 2 * hidden, "max_position_embeddings": MAX_LENGTH + 2, "initializer_range": 0.2,
        "pad_token_id": tokenizer.pad_token_id, "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id, "cls_token_id": tokenizer.cls_token_id,
        "sep_token_id": tokenizer.sep_token_id, "id2label": dict(enumerate(labels)),
        "label2id": {label: i for i, label in enumerate(labels)},
    }  # fmt: skip
    special: dict[str, dict[str, Any]] = {
        "xlm-roberta": {"layer_norm_eps": 1e-5, "type_vocab_size": 1},
        "deberta-v2": {
            "relative_attention": True, "pos_att_type": ["c2p", "p2c"], "position_buckets": 32,
            "norm_rel_ebd": "layer_norm", "share_att_key": True, "position_biased_input": False, "type_vocab_size": 0,
        },
        "rembert": {"input_embedding_size": hidden // 2, "output_embedding_size": hidden},
        "modernbert": {"global_attn_every_n_layers": 2, "local_attention": 32},
        "qwen2": {"num_key_value_heads": 1},
        "mt5": {
            "d_model": hidden, "num_layers": layers, "num_heads": 2, "d_kv": hidden // 2, "d_ff": 2 * hidden,
            "feed_forward_proj": "gated-gelu", "decoder_start_token_id": 0,
        },
    }  # fmt: skip
    return AutoConfig.for_model(architecture, **options, **special.get(architecture, {}))


def save_tiny(
    folder: Path,
    architecture: str,
    head: str,
    labels: Sequence[str] | None = None,
    seed: int = 0,
    layers: int = 2,
    hidden: int = 32,
    tokenizer_of: str | None = None,
) -> Path:
    """Write a random checkpoint with tokenizer to ``folder`` and return it.

    Args:
        architecture: One of FAMILIES; ARCHITECTURES are those with every head that is tested everywhere.
        head: One of HEADS.
        tokenizer_of: Another family whose tokenizer it has.
        labels: Label names of a sequence or token head (default A, B, C).

    Raises:
        NoSuchHeadError: Transformers has no such class for this architecture.
    """
    import torch
    import transformers

    tokenizer = tiny_tokenizer(folder, tokenizer_of or architecture)
    names = ("start", "end") if head == "qa" else tuple(labels or ("A", "B", "C"))
    config = _config(architecture, tokenizer, layers, hidden, names)
    alone = architecture == "mt5" and head == "encoder"
    model_class = transformers.AutoModelForTextEncoding if alone else getattr(transformers, HEADS[head])
    if type(config) not in model_class._model_mapping:
        raise NoSuchHeadError(f"{architecture} has no {head} head in transformers {transformers.__version__}")
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model_class.from_config(config, dtype=torch.float32).save_pretrained(folder)
    return folder
