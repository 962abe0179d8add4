"""How good is machine-translated training data? BLEU and chrF by sacrebleu, with their signatures, per language."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.common.errors import BadFiles, UserError
from xharness.tasks.readers.lines import read_lines

# Scripts without spaces: sacrebleu's own tokenizer for Chinese, characters for the others.
TOKENIZERS = {"zh": "zh", **dict.fromkeys(("ja", "th", "my", "km", "lo"), "char")}
DEFAULT_TOKENIZER = "13a"


@dataclass(frozen=True)
class TranslationQuality:
    """BLEU and chrF of one language, each from 0 to 100, with the signature that names what was measured."""

    language: str
    sentences: int
    bleu: float
    bleu_signature: str
    chrf: float
    chrf_signature: str


def translation_quality(language: str, hypothesis: Path, reference: Path) -> TranslationQuality:
    """Score one file of translations against one of references, a sentence a line (Post 2018; Popović 2015).

    Raises:
        BadFiles: a file cannot be read or is not UTF-8.
        UserError: the files have different numbers of lines.
    """
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    (hypotheses, wrong), (references, more) = read_lines(hypothesis), read_lines(reference)
    if wrong or more:
        raise BadFiles(
            "translations that cannot be read", [*wrong, *more], "give text files in UTF-8, a sentence a line"
        )
    if len(hypotheses) != len(references):
        raise UserError(
            f"{language}: {len(hypotheses)} translations, but {len(references)} references",
            f"line i of {hypothesis} is compared with line i of {reference}",
            "give files with the same sentences in the same order",
        )
    bleu, chrf = BLEU(tokenize=TOKENIZERS.get(language, DEFAULT_TOKENIZER)), CHRF()
    scores = [metric.corpus_score(hypotheses, [references]).score for metric in (bleu, chrf)]
    return TranslationQuality(
        language, len(references), scores[0], str(bleu.get_signature()), scores[1], str(chrf.get_signature())
    )
