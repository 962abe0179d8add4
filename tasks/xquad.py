"""XQuAD: SQuAD questions translated into 11 languages; the answer is a span of the paragraph."""

from xharness.tasks.base import Task
from xharness.tasks.metrics.squad import SquadScore
from xharness.tasks.readers.squad import XquadReader
from xharness.tasks.recipes import XTREME_ANSWERING, answering
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA

LANGUAGES = ("en", "es", "de", "el", "ru", "tr", "ar", "vi", "th", "zh", "hi")

ADDED = ("ro",)
"""The language that XTREME-R adds."""

TASK = Task(
    name="xquad",
    title="Cross-lingual Question Answering Dataset",
    type=EXTRACTIVE_QA,
    group="qa",
    languages=LANGUAGES,
    metric=SquadScore(),
    reader=XquadReader(),
    parallel=True,
    published=dict.fromkeys((*LANGUAGES, *ADDED), 1190),
    max_length=384,
    recipe=XTREME_ANSWERING,  # SQuAD v1.1, English (87,599 questions)
    jiant=answering(),
    trains_on="squad_v1",
    suite_folders=("xquad", "squad", "squad_v1", "mlqa"),
    reference={"XLM-R Large": (76.6 + 60.8) / 2},
    reference_source="Hu et al. 2020, as quoted in the mT5 repository (F1) and RemBERT, Table 16 (EM)",
    demo="questions:xquad_files",
    sample=("Who left? / At noon Ada left the room.", '{"q1": "Ada"}: one JSON object of question ids'),
    citation="Artetxe et al. 2020, On the Cross-lingual Transferability of Monolingual Representations, ACL",
    licence="CC BY-SA 4.0",
    source="https://github.com/google-deepmind/xquad",
)
