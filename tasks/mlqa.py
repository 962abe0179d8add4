"""MLQA: questions and paragraphs from Wikipedia in 7 languages, partly parallel; scored with per-language rules."""

from xharness.tasks.base import Task
from xharness.tasks.metrics.mlqa import MlqaAnswers
from xharness.tasks.readers.squad import MlqaReader
from xharness.tasks.recipes import XTREME_ANSWERING, answering
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA

LANGUAGES = ("en", "es", "de", "ar", "hi", "vi", "zh")

TASK = Task(
    name="mlqa",
    title="MultiLingual Question Answering",
    type=EXTRACTIVE_QA,
    group="qa",
    languages=LANGUAGES,
    metric=MlqaAnswers(),
    reader=MlqaReader(),
    parallel=True,
    published={"en": 11590, "es": 5253, "de": 4517, "ar": 5335, "hi": 4918, "vi": 5495, "zh": 5137},
    max_length=384,
    recipe=XTREME_ANSWERING,  # SQuAD v1.1, English (87,599 questions)
    jiant=answering(),
    trains_on="squad_v1",
    suite_folders=("mlqa", "squad", "squad_v1", "xquad"),
    reference={"XLM-R Large": (71.6 + 53.2) / 2},
    reference_source="Hu et al. 2020, as quoted in the mT5 repository (F1) and RemBERT, Table 16 (EM)",
    demo="questions:mlqa_files",
    sample=("Who left? / At noon Ada left the room.", '{"q1": "Ada"}: one JSON object of question ids'),
    citation="Lewis et al. 2020, MLQA: Evaluating Cross-lingual Extractive Question Answering, ACL",
    licence="CC BY-SA 3.0",
    source="https://github.com/facebookresearch/MLQA",
)
