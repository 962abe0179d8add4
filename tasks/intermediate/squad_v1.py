"""SQuAD 1.1: questions about Wikipedia paragraphs, each answered by a span. XQuAD and MLQA train on it."""

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.squad import SquadScore
from xharness.tasks.overlaps import XQUAD
from xharness.tasks.readers.squad_english import SquadReader
from xharness.tasks.readers.translated import translated_questions
from xharness.tasks.recipes import answering
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA

TASK = Task(
    name="squad_v1",
    title="Stanford Question Answering Dataset 1.1",
    type=EXTRACTIVE_QA,
    group=INTERMEDIATE,
    languages=("en",),
    metric=SquadScore(),
    reader=SquadReader(),
    translated=translated_questions,
    max_length=384,
    recipe=answering(),  # SQuAD 1.1 (87,599 questions)
    suite_folders=("squad_v1", "squad", "xquad", "mlqa"),
    data_folders=("squad", "squad_v1.1", "squad1.1"),
    overlaps=(XQUAD,),
    demo="questions:squad_files",
    sample=("Who left? / At noon Ada left the room.", '{"q1": "Ada"}: one JSON object of question ids'),
    citation="Rajpurkar et al. 2016, SQuAD: 100,000+ Questions for Machine Comprehension of Text, EMNLP",
    licence="CC BY-SA 4.0",
    source="https://rajpurkar.github.io/SQuAD-explorer/",
)
