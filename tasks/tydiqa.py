"""TyDiQA-GoldP: questions asked by speakers of 9 languages; not translations of each other."""

from tasks.base import Format, Kind, Recipe, Task
from tasks.metrics.squad import SquadAnswers
from tasks.readers.squad import TydiqaReader

LANGUAGES = ("en", "ar", "bn", "fi", "id", "ko", "ru", "sw", "te")

TASK = Task(
    name="tydiqa",
    title="Typologically Diverse Question Answering, gold passage",
    kind=Kind.SPAN,
    group="qa",
    languages=LANGUAGES,
    metric=SquadAnswers(),
    format=Format.ANSWERS,
    reader=TydiqaReader(),
    parallel=False,
    published={"en": 440, "ar": 921, "bn": 113, "fi": 782, "id": 565, "ko": 276, "ru": 812, "sw": 499, "te": 669},
    max_length=384,
    recipe=Recipe(
        learning_rate=3e-5,
        epochs=3,
        batch_size=32,
        max_length=384,
        warmup_steps=500,
        weight_decay=1e-4,
        train_on="TyDiQA-GoldP, English (3,696 questions)",
        select_by="the last step",
        doc_stride=128,
        max_query_length=64,
    ),
    suite_folders=("tydiqa",),
    reference={"XLM-R Large": (65.1 + 45.0) / 2},
    reference_source="Hu et al. 2020, as quoted in the mT5 repository (F1) and RemBERT, Table 16 (EM)",
    sample=("Who left? / At noon Ada left the room.", '{"q1": "Ada"}: one JSON object of question ids'),
    citation="Clark et al. 2020, TyDi QA: A Benchmark for Information-Seeking Question Answering, TACL",
    licence="Apache-2.0",
    source="https://github.com/google-research-datasets/tydiqa",
)
