"""CCG supertagging: the category of each word in combinatory categorial grammar.

The tags are those that the training set has, so ``labels`` is empty here and
:func:`xharness.tasks.intermediate.labels.learn` fills it; words of other sets with another tag then do not count.
"""

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.tag_accuracy import TagAccuracy
from xharness.tasks.readers.ccg import CcgReader
from xharness.tasks.recipes import classification
from xharness.tasks.types.tagging import TAGGING

TASK = Task(
    name="ccg",
    title="CCG supertagging (CCGbank)",
    type=TAGGING,
    group=INTERMEDIATE,
    languages=("en",),
    metric=TagAccuracy(),
    reader=CcgReader(),
    max_length=256,
    recipe=classification(epochs=15),  # CCGbank, sections 00-18
    suite_folders=("ccg",),
    data_folders=("ccgbank", "CCGbank", "ccgbank_1_1"),
    demo="intermediate:category_files",
    sample=("Ada / left", "N, S[dcl]\\NP: one tag a line"),
    citation="Hockenmaier and Steedman 2007, CCGbank, Computational Linguistics 33(3)",
    licence="LDC user agreement (LDC2005T13)",
    source="https://catalog.ldc.upenn.edu/LDC2005T13",
)
