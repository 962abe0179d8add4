"""QQP: do two questions of Quora ask the same?"""

from tasks.base import Format, Kind, Task
from tasks.intermediate.recipes import classification
from tasks.metrics.paraphrase import AccuracyAndF1
from tasks.pawsx import TASK as PAWSX
from tasks.readers.qqp import QqpReader

TASK = Task(
    name="qqp",
    title="Quora Question Pairs",
    kind=Kind.PAIR,
    group="intermediate",
    languages=("en",),
    metric=AccuracyAndF1(),
    format=Format.LABELS,
    reader=QqpReader(),
    labels=("0", "1"),
    label_aliases=PAWSX.label_aliases,
    max_length=256,
    recipe=classification("QQP as in GLUE (about 363,850 pairs)", epochs=3, score="mean of accuracy and F1"),
    suite_folders=("qqp",),
    data_folders=("QQP",),
    sample=("How do I learn to swim? / What is the best way to learn swimming?", "1"),
    citation="Wang et al. 2019, GLUE: A Multi-Task Benchmark and Analysis Platform, ICLR",
    licence="Quora's terms of service, non-commercial",
    source="https://gluebenchmark.com/tasks",
)
