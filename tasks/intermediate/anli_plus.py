"""ANLI+: SNLI, MultiNLI and the three rounds of Adversarial NLI as one set with one three-way head.

``round=R2`` or ``source=snli`` select parts of it; training on all of it draws from each part in proportion to size.
"""

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.nli import ANLI, LABELS, MNLI, SNLI, NliReader
from xharness.tasks.readers.translated import translated_nli
from xharness.tasks.recipes import classification
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION
from xharness.tasks.xnli import TASK as XNLI

TASK = Task(
    name="anli_plus",
    title="SNLI, MultiNLI and Adversarial NLI",
    type=TEXT_CLASSIFICATION,
    group=INTERMEDIATE,
    languages=("en",),
    metric=Accuracy(),
    reader=NliReader((SNLI, MNLI, *ANLI)),
    translated=translated_nli,
    labels=LABELS,
    label_aliases=XNLI.label_aliases,
    max_length=256,
    recipe=classification(epochs=2),  # SNLI, MultiNLI, ANLI rounds 1 to 3 (1,104,934 pairs)
    suite_folders=("anli_plus",),
    data_folders=("anli+", ".", "anli_v1.0", "anli"),
    data_of=("anli_plus", "mnli"),
    demo="intermediate:anli_files",
    sample=("The shop opened in 1990. / The shop is older than 1980.", "contradiction"),
    citation="Nie et al. 2020, Adversarial NLI, ACL; Bowman et al. 2015 (SNLI); Williams et al. 2018 (MultiNLI)",
    licence="CC BY-NC 4.0 (ANLI), CC BY-SA 4.0 (SNLI), OANC and others (MultiNLI)",
    source="https://github.com/facebookresearch/anli",
)
