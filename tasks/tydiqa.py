"""TyDiQA-GoldP: questions asked by speakers of 9 languages; not translations of each other."""

from xharness.tasks.base import Recipe, Task
from xharness.tasks.metrics.squad import SquadAnswers
from xharness.tasks.readers.squad import TydiqaReader
from xharness.tasks.recipes import LAST, answering
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA

LANGUAGES = ("en", "ar", "bn", "fi", "id", "ko", "ru", "sw", "te")

TASK = Task(
    name="tydiqa",
    title="Typologically Diverse Question Answering, gold passage",
    type=EXTRACTIVE_QA,
    group="qa",
    languages=LANGUAGES,
    metric=SquadAnswers(),
    reader=TydiqaReader(),
    parallel=False,
    published={"en": 440, "ar": 921, "bn": 113, "fi": 782, "id": 565, "ko": 276, "ru": 812, "sw": 499, "te": 669},
    max_length=384,
    recipe=Recipe(  # TyDiQA-GoldP, English (3,696 questions)
        learning_rate=3e-5,
        epochs=3,
        batch_size=32,
        reference_micro_batch=4,
        max_length=384,
        warmup_steps=500,
        weight_decay=1e-4,
        selection=LAST,
        doc_stride=128,
        max_question_length=64,
    ),
    jiant=answering(selection=LAST),  # theirs was selected on XTREME's test questions: English dev is those
    suite_folders=("tydiqa",),
    reference={"XLM-R Large": (65.1 + 45.0) / 2},
    reference_source="Hu et al. 2020, as quoted in the mT5 repository (F1) and RemBERT, Table 16 (EM)",
    sample=("Who left? / At noon Ada left the room.", '{"q1": "Ada"}: one JSON object of question ids'),
    citation="Clark et al. 2020, TyDi QA: A Benchmark for Information-Seeking Question Answering, TACL",
    licence="Apache-2.0",
    source="https://github.com/google-research-datasets/tydiqa",
)
