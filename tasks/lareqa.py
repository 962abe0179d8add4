"""LAReQA (XTREME-R): for a question the sentences that answer it, among those of all languages.

A question has one right sentence in each language of the data, and is answered well if all of them come first,
whatever their language: an encoder that prefers its own language loses. The official code has it without a language and
without a format; here it is a file a language, as Mewsli-X has.
"""

from xharness.tasks.base import RankingInputs, Task
from xharness.tasks.metrics.ranking import AveragePrecision
from xharness.tasks.readers.xquad_r import XquadRReader
from xharness.tasks.recipes import LAREQA
from xharness.tasks.types.ranking import RANKING

LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")

TASK = Task(
    name="lareqa",
    title="LAReQA answer retrieval in all languages (XQuAD-R)",
    type=RANKING,
    group="retrieval",
    languages=LANGUAGES,
    metric=AveragePrecision(),
    reader=XquadRReader(LANGUAGES),
    parallel=True,
    published=dict.fromkeys(LANGUAGES, 1190),
    ranking=RankingInputs(template="question;sentence+paragraph", separator="none", query_length=96),
    max_length=256,
    recipe=LAREQA,
    trains_on="squad_pairs",
    suite_folders=("lareqa", "retrieval", "encoder"),
    data_folders=("xquad-r",),
    demo="rankings:lareqa_files",
    sample=("How many points did they give up?", '{"q1_en": ["de_1_0", "en_1_0"]}: at most 20 sentences a question'),
    citation="Roy et al. 2020, LAReQA: Language-Agnostic Answer Retrieval from a Multilingual Pool, EMNLP",
    licence="CC BY-SA 4.0",
    source="https://github.com/google-research-datasets/lareqa",
)
