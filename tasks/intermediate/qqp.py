"""QQP: do two questions of Quora ask the same?"""

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.paraphrase import AccuracyAndF1
from xharness.tasks.pawsx import TASK as PAWSX
from xharness.tasks.readers.qqp import QqpReader
from xharness.tasks.readers.translated import translated_paraphrases
from xharness.tasks.recipes import classification
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION

TASK = Task(
    name="qqp",
    title="Quora Question Pairs",
    type=TEXT_CLASSIFICATION,
    group=INTERMEDIATE,
    languages=("en",),
    metric=AccuracyAndF1(),
    reader=QqpReader(),
    translated=translated_paraphrases,
    labels=("0", "1"),
    label_aliases=PAWSX.label_aliases,
    max_length=256,
    recipe=classification(epochs=3),  # QQP as in GLUE (about 363,850 pairs)
    suite_folders=("qqp",),
    data_folders=("QQP",),
    demo="intermediate:duplicate_files",
    sample=("How do I learn to swim? / What is the best way to learn swimming?", "1"),
    citation="Wang et al. 2019, GLUE: A Multi-Task Benchmark and Analysis Platform, ICLR",
    licence="Quora's terms of service, non-commercial",
    source="https://gluebenchmark.com/tasks",
)
