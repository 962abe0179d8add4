"""SQuAD 2.0: SQuAD 1.1 and questions that their paragraph does not answer."""

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.squad_v2 import SquadV2Answers
from xharness.tasks.overlaps import XQUAD
from xharness.tasks.readers.squad_english import SquadReader
from xharness.tasks.recipes import answering
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA

TASK = Task(
    name="squad_v2",
    title="Stanford Question Answering Dataset 2.0",
    type=EXTRACTIVE_QA,
    group=INTERMEDIATE,
    languages=("en",),
    metric=SquadV2Answers(),
    reader=SquadReader("2.0"),
    unanswerable=True,
    max_length=384,
    recipe=answering(),  # SQuAD 2.0 (130,319 questions)
    suite_folders=("squad_v2",),
    data_folders=("squad", "squad_v2.0", "squad2.0"),
    overlaps=(XQUAD,),
    demo="intermediate:unanswerable_files",
    sample=("Who sang? / At noon Ada left the room.", '{"q1": ""}: an empty text where there is no answer'),
    citation="Rajpurkar et al. 2018, Know What You Don't Know: Unanswerable Questions for SQuAD, ACL",
    licence="CC BY-SA 4.0",
    source="https://rajpurkar.github.io/SQuAD-explorer/",
)
