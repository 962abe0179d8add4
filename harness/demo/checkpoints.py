"""Models for the demo world: a tokenizer learned from its text, and a suite of tiny XLM-R-style checkpoints.

**Nothing here is trained**: the encoder and every head are random, so scores are at chance. What they show is that
everything runs, from folder to leaderboard file, with checkpoints of the standard form.
"""

from __future__ import annotations

import json
import math
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.demo.whole import MARKER, make_whole
from tasks import panx, pawsx, udpos, xnli

VOCABULARY = 8000
MAX_LENGTH = 512
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
HIDDEN = 64
LAYERS = 3

# Folder of the suite: class of transformers and label names (none: the class's own).
SUITE: dict[str, tuple[str, tuple[str, ...]]] = {
    "encoder": ("XLMRobertaModel", ()),
    "xnli": ("XLMRobertaForSequenceClassification", xnli.TASK.labels),
    "pawsx": ("XLMRobertaForSequenceClassification", pawsx.TASK.labels),
    "udpos": ("XLMRobertaForTokenClassification", udpos.TASK.labels),
    "panx": ("XLMRobertaForTokenClassification", panx.TASK.labels),
    "squad": ("XLMRobertaForQuestionAnswering", ("start", "end")),
    "tydiqa": ("XLMRobertaForQuestionAnswering", ("start", "end")),
}


def _sentences(data: Path) -> Iterator[str]:
    """The world's unlabelled text of every language, and its English training pairs."""
    for path in sorted((data / "text").glob("*.txt")):
        yield from path.read_text(encoding="utf-8").split("\n")
    for name in ("xnli", "pawsx"):
        for row in (data / "download" / name / "train-en.tsv").read_text(encoding="utf-8").split("\n"):
            yield from row.split("\t")[:2]


def train_tokenizer(data: Path) -> Any:
    """An XLM-R-style tokenizer (Unigram, Metaspace, pair template) for the world at ``data``.

    The pieces are those that byte pair encoding finds, with the logarithm of their frequency as their score. The
    library's own Unigram trainer gives other pieces on a machine with another number of cores; this gives the same.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    sentences = list(_sentences(data))
    pairs = Tokenizer(models.BPE())
    pairs.normalizer = normalizers.NFKC()
    # Digits and punctuation stand alone, so that no piece reaches over the end of a word.
    alone = pre_tokenizers.Split(Regex(r"[\p{N}\p{P}]"), "isolated")
    pairs.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Metaspace(), alone])
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(SPECIAL),
        max_token_length=12,
        initial_alphabet=list(string.punctuation + string.digits),
        show_progress=False,
    )
    pairs.train_from_iterator(sentences, trainer)
    counts = Counter(piece for encoded in pairs.encode_batch_fast(sentences) for piece in encoded.tokens)
    total = sum(counts.values())
    # Pieces that only occur inside longer ones count half.
    scores = {piece: math.log(counts.get(piece, 0.5) / total) for piece in pairs.get_vocab()}
    vocabulary = [(token, 0.0) for token in SPECIAL]
    vocabulary += sorted(((p, round(s, 6)) for p, s in scores.items()), key=lambda entry: (-entry[1], entry[0]))

    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=SPECIAL.index("<unk>")))
    tokenizer.normalizer = pairs.normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
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


def _config(vocabulary: int, labels: tuple[str, ...]) -> Any:
    """XLM-R's shape, tiny. Positions start at 2, so 512 pieces need 514 of them."""
    from transformers import XLMRobertaConfig

    named = {"id2label": dict(enumerate(labels)), "label2id": {label: i for i, label in enumerate(labels)}}
    return XLMRobertaConfig(
        vocab_size=vocabulary,
        hidden_size=HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=4,
        intermediate_size=4 * HIDDEN,
        max_position_embeddings=MAX_LENGTH + 2,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        bos_token_id=SPECIAL.index("<s>"),
        pad_token_id=SPECIAL.index("<pad>"),
        eos_token_id=SPECIAL.index("</s>"),
        **(named if labels else {}),
    )


def write_models(folder: Path, data: Path, *, seed: int = 0) -> Path:
    """Write a suite of untrained checkpoints for the world at ``data`` to ``folder`` and return ``folder``.

    Sub-folders xnli, pawsx, udpos, panx, squad, tydiqa and encoder share one encoder; equal seeds give equal bytes.
    Returns at once if the suite for this world and seed is there already.

    Raises:
        UserError: The folder holds something else.
    """
    world = json.loads((data / MARKER).read_text(encoding="utf-8"))["made_from"]
    make_whole(folder, {"seed": seed, "world": world}, lambda part: _write_suite(part, data, seed))
    return folder


def _write_suite(folder: Path, data: Path, seed: int) -> None:
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    tokenizer = train_tokenizer(data)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        encoder = transformers.XLMRobertaModel(_config(len(tokenizer), ()))
        for name, (class_name, labels) in SUITE.items():
            model = getattr(transformers, class_name)(_config(len(tokenizer), labels))
            # Heads without a pooler leave the encoder's aside.
            model.base_model.load_state_dict(encoder.state_dict(), strict=False)
            model.save_pretrained(folder / name)
            tokenizer.save_pretrained(folder / name)
