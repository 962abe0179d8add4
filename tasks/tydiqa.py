"""TyDiQA-GoldP: questions asked by speakers of 9 languages; not translations of each other."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from xharness.tasks.base import Split, Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.metrics.squad import SquadScore
from xharness.tasks.readers.squad import TYDIQA_WORDS, TydiqaReader
from xharness.tasks.readers.translated import translated_questions
from xharness.tasks.recipes import LAST, XTREME_ANSWERING, answering
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA, SpanQuestion

LANGUAGES = ("en", "ar", "bn", "fi", "id", "ko", "ru", "sw", "te")
ENGLISH = 3696
"""English training questions of TyDiQA-GoldP; the file of all nine languages has 49,881."""


def _latin(text: str) -> bool:
    """Whether most letters of a text are Latin ones."""
    letters = [character for character in text if character.isalpha()]
    return 2 * sum("LATIN" in unicodedata.name(character, "") for character in letters) >= len(letters)


def only_english(found: Split) -> Split:
    """TyDiQA's published training file has all languages; one that was not split makes transfer no longer zero-shot."""
    ids = [question.id for question in found.gold or ()]
    others = {word for word in TYDIQA_WORDS.values() if word != "english"}
    foreign = sum(name.partition("-")[0] in others for name in ids)
    if not foreign:  # ids that XTREME shortened do not say the language
        questions: Sequence[SpanQuestion] = found.examples
        foreign = sum(not _latin(question.question) for question in questions)
    if foreign or len(ids) > ENGLISH:
        number = f"{foreign} of them in other languages" if foreign else f"English has {ENGLISH}"
        raise UserError(
            f"{found.files[0]} is not the English part of TyDiQA",
            f"it holds {len(ids)} questions, {number}: a model trained on it has seen the target languages",
            "keep only questions whose published id begins with english-",
        )
    if len(ids) < ENGLISH:
        note = f"{len(ids)} of the {ENGLISH} English questions are there"
        return replace(found, notes=(*found.notes, note))
    return found


TASK = Task(
    name="tydiqa",
    title="Typologically Diverse Question Answering, gold passage",
    type=EXTRACTIVE_QA,
    group="qa",
    languages=LANGUAGES,
    metric=SquadScore(),
    reader=TydiqaReader(),
    translated=translated_questions,
    check_training=only_english,
    parallel=False,
    published={"en": 440, "ar": 921, "bn": 113, "fi": 782, "id": 565, "ko": 276, "ru": 812, "sw": 499, "te": 669},
    max_length=384,
    recipe=XTREME_ANSWERING,  # TyDiQA-GoldP, English (3,696 questions)
    jiant=answering(selection=LAST),  # theirs was selected on XTREME's test questions: English dev is those
    suite_folders=("tydiqa",),
    reference={"XLM-R Large": (65.1 + 45.0) / 2},
    reference_source="Hu et al. 2020, as quoted in the mT5 repository (F1) and RemBERT, Table 16 (EM)",
    demo="questions:tydiqa_files",
    sample=("Who left? / At noon Ada left the room.", '{"q1": "Ada"}: one JSON object of question ids'),
    citation="Clark et al. 2020, TyDi QA: A Benchmark for Information-Seeking Question Answering, TACL",
    licence="Apache-2.0",
    source="https://github.com/google-research-datasets/tydiqa",
)
