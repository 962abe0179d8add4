"""FLORES-200: find the translation of each sentence, English to 203 languages; the way back is a variant.

The test is devtest, 1,012 sentences; the official test is not public.
"""

from xharness.tasks.base import NEWER, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.packs.flores_codes import NOT_IN_FLORES, SIB_200, by_code
from xharness.tasks.readers.declared import ENGLISH, BitextReader
from xharness.tasks.types.bitext_retrieval import BITEXT_RETRIEVAL

NAMES = by_code(name for name in SIB_200 if name not in NOT_IN_FLORES)
LANGUAGES = tuple(code for code in NAMES if code != ENGLISH)
FILES = {"dev": "dev/{language}.dev", "test": "devtest/{language}.devtest"}

TASK = Task(
    name="flores",
    title="FLORES-200 sentence retrieval",
    type=BITEXT_RETRIEVAL,
    group=NEWER,
    languages=LANGUAGES,
    metric=Accuracy(),
    reader=BitextReader(files=FILES, english=FILES, names=NAMES),
    aligned=True,
    parallel=True,
    published=dict.fromkeys(LANGUAGES, 1012),
    max_length=512,
    suite_folders=("flores", "tatoeba", "retrieval", "encoder", "bucc2018"),
    demo="newer:flores_files",
    sample=("Good morning. (line 1 of the English file)", "0: 0-based line of the other file"),
    citation="NLLB Team 2022, No Language Left Behind: Scaling Human-Centered Machine Translation",
    licence="CC BY-SA 4.0",
    source="https://github.com/facebookresearch/flores/tree/main/flores200",
)
