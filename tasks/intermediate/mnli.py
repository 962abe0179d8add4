"""MultiNLI: inference over ten genres of English. ``dev`` is the matched set, ``dev_mismatched`` the other one."""

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.nli import LABELS, MNLI, NliReader
from xharness.tasks.readers.translated import translated_nli
from xharness.tasks.recipes import classification
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION
from xharness.tasks.xnli import TASK as XNLI

TASK = Task(
    name="mnli",
    title="Multi-Genre Natural Language Inference",
    type=TEXT_CLASSIFICATION,
    group=INTERMEDIATE,
    languages=("en",),
    metric=Accuracy(),
    reader=NliReader((MNLI,)),
    translated=translated_nli,
    labels=LABELS,
    label_aliases=XNLI.label_aliases,
    max_length=256,
    recipe=classification(epochs=2),  # MultiNLI (392,702 pairs)
    suite_folders=("mnli", "xnli"),
    data_folders=("MNLI", "multinli_1.0", "multinli"),
    demo="intermediate:mnli_files",
    sample=("She closed the door. / The door is open.", "contradiction"),
    citation="Williams et al. 2018, A Broad-Coverage Challenge Corpus for Sentence Understanding, NAACL",
    licence="OANC and others",
    source="https://cims.nyu.edu/~sbowman/multinli/",
)
