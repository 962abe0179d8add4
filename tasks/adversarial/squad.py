"""Adversarial SQuAD: a sentence that answers nothing is added to each paragraph.

AddSent has up to five such sentences a question, of which the worst counts; AddOneSent has one, drawn without a model.
"""

from xharness.tasks.base import DIAGNOSTICS, Task
from xharness.tasks.metrics.worst_answer import WorstAnswer
from xharness.tasks.readers.beside import BesideReader
from xharness.tasks.readers.squad_english import NamedSquadReader
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA

FOLDERS = ("adversarial_squad",)


def _added(name: str, title: str, file: str, size: int) -> Task:
    return Task(
        name=name,
        title=f"Adversarial SQuAD, {title}",
        type=EXTRACTIVE_QA,
        group=DIAGNOSTICS,
        languages=("en",),
        metric=WorstAnswer(),
        reader=BesideReader(NamedSquadReader(file), FOLDERS),
        data_folders=FOLDERS,
        published={"en": size},
        max_length=384,
        trains_on="squad_v1",
        suite_folders=("xquad", "squad", "squad_v1", "mlqa"),
        sample=("Who left? / At noon Ada left. At ten Bea stayed.", '{"q1": "Ada"}: one JSON object of question ids'),
        citation="Jia and Liang 2017, Adversarial Examples for Evaluating Reading Comprehension Systems, EMNLP",
        licence="CC BY-SA 4.0 (SQuAD), MIT",
        source="https://worksheets.codalab.org/worksheets/0xc86d3ebe69a3427d91f9aaa63f7d1e7d/",
    )


TASKS = (
    _added("addsent", "AddSent", "sample1k-HCVerifyAll.json", 3560),
    _added("addonesent", "AddOneSent", "sample1k-HCVerifySample.json", 1787),
)
