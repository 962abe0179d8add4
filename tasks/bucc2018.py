"""BUCC 2018: find the translations hidden in two monolingual corpora; the threshold is chosen on dev gold only.

XTREME's test is the shared task's *training* set and its dev is the shared task's *sample*.
"""

from xharness.tasks.base import Task
from xharness.tasks.metrics.bitext import BitextF1
from xharness.tasks.readers.bitext import BuccReader
from xharness.tasks.types.bitext_mining import BITEXT_MINING

TASK = Task(
    name="bucc2018",
    title="BUCC 2018 bitext mining",
    type=BITEXT_MINING,
    group="retrieval",
    languages=("de", "fr", "ru", "zh"),
    metric=BitextF1(),
    reader=BuccReader(),
    published={"de": 9580, "fr": 9086, "ru": 14435, "zh": 1899},
    max_length=512,
    suite_folders=("bucc2018", "retrieval", "encoder", "tatoeba"),
    reference={"XLM-R Large": 66.0},
    reference_source="Hu et al. 2020, as quoted in the VECO repository",
    demo="bitexts:bucc_files",
    sample=("de-000000001 Guten Tag. / en-000000007 Hello.", "de-000000001 TAB en-000000007"),
    citation="Zweigenbaum et al. 2018, Overview of the Third BUCC Shared Task",
    licence="research use",
    source="https://comparable.limsi.fr/bucc2018/",
)
