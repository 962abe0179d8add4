"""HANS: pairs on which a model is wrong that takes overlap of words for entailment, one task a heuristic.

Gold has two labels. A head of three answers with its best one, and neutral and contradiction both mean that nothing is
entailed, as in the published evaluation.
"""

from xharness.tasks.base import DIAGNOSTICS, Task
from xharness.tasks.metrics.accuracy import AccuracyByLabel
from xharness.tasks.readers.beside import BesideReader, SelectedReader
from xharness.tasks.readers.hans import HEURISTICS, LABELS, HansReader
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION

FOLDERS = ("hans", "HANS")
NOT_ENTAILED = dict.fromkeys(("neutral", "contradiction", "contradictory", "not_entailment"), LABELS[1])
"""What a head of three labels, or of GLUE's two, calls it."""


def _heuristic(name: str) -> Task:
    return Task(
        name=f"hans-{name.replace('_', '-')}",
        title=f"HANS: {name.replace('_', ' ')}",
        type=TEXT_CLASSIFICATION,
        group=DIAGNOSTICS,
        languages=("en",),
        metric=AccuracyByLabel(LABELS),
        reader=BesideReader(SelectedReader(HansReader(), "heuristic", name), FOLDERS),
        data_folders=FOLDERS,
        labels=LABELS,
        label_aliases={"entails": LABELS[0], "entailed": LABELS[0], **NOT_ENTAILED},
        published={"en": 10000},
        max_length=128,
        trains_on="mnli",
        suite_folders=("xnli", "mnli", "anli_plus"),
        sample=("The actor was paid by the judge. / The actor paid the judge.", "non-entailment"),
        citation="McCoy et al. 2019, Right for the Wrong Reasons, ACL",
        licence="MIT",
        source="https://github.com/tommccoy1/hans",
    )


TASKS = tuple(map(_heuristic, HEURISTICS))
