"""Dependency relations: how each word depends on its head, as tags. Parts of speech are the task ``udpos``."""

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.tag_accuracy import TagAccuracy
from xharness.tasks.readers.dependencies import RELATIONS, DependencyReader
from xharness.tasks.recipes import classification
from xharness.tasks.types.tagging import TAGGING

TASK = Task(
    name="ud_dependency",
    title="Universal Dependencies relations",
    type=TAGGING,
    group=INTERMEDIATE,
    languages=("en",),
    metric=TagAccuracy(),
    reader=DependencyReader(),
    labels=RELATIONS,
    max_length=256,
    recipe=classification(epochs=10),  # Universal Dependencies, English treebanks
    suite_folders=("ud_dependency",),
    data_folders=("ud_conllu", "ud", "udpos"),
    sample=("The / door / opened", "det, nsubj, root: one tag a line"),
    citation="de Marneffe et al. 2021, Universal Dependencies, Computational Linguistics 47(2)",
    licence="per treebank (CC BY-SA and others)",
    source="https://universaldependencies.org",
)
