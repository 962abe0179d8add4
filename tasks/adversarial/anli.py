"""Adversarial NLI: three rounds of pairs that people wrote until a model of inference was wrong."""

from xharness.tasks.base import DIAGNOSTICS, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.beside import BesideReader
from xharness.tasks.readers.nli import ANLI, LABELS, NliReader, NliSource
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION
from xharness.tasks.xnli import TASK as XNLI

FOLDERS = ("anli", "anli_v1.0", "anli_plus")


def _round(source: NliSource, size: int) -> Task:
    name = source.facts["round"]
    return Task(
        name=f"anli-{name.lower()}",
        title=f"Adversarial NLI, round {name[1:]}",
        type=TEXT_CLASSIFICATION,
        group=DIAGNOSTICS,
        languages=("en",),
        metric=Accuracy(),
        reader=BesideReader(NliReader((source,)), FOLDERS),
        data_folders=FOLDERS,
        labels=LABELS,
        label_aliases=XNLI.label_aliases,
        published={"en": size},
        max_length=256,
        trains_on="mnli",
        suite_folders=("xnli", "mnli", "anli_plus"),
        sample=("The shop opened in 1990. / The shop is older than 1980.", "contradiction"),
        citation="Nie et al. 2020, Adversarial NLI: A New Benchmark for Natural Language Understanding, ACL",
        licence="CC BY-NC 4.0",
        source="https://github.com/facebookresearch/anli",
    )


TASKS = tuple(map(_round, ANLI, (1000, 1000, 1200)))
