"""Dependency relations: how each word depends on its head, as tags. Parts of speech are the task ``udpos``."""

from tasks.base import Format, Kind, Task
from tasks.intermediate.recipes import classification
from tasks.metrics.tag_accuracy import TagAccuracy
from tasks.readers.dependencies import RELATIONS, DependencyReader

TASK = Task(
    name="ud_dependency",
    title="Universal Dependencies relations",
    kind=Kind.TAGGING,
    group="intermediate",
    languages=("en",),
    metric=TagAccuracy(),
    format=Format.TAGS,
    reader=DependencyReader(),
    labels=RELATIONS,
    max_length=256,
    recipe=classification("Universal Dependencies, English treebanks", epochs=10, score="accuracy of words"),
    suite_folders=("ud_dependency",),
    data_folders=("ud_conllu", "ud", "udpos"),
    sample=("The / door / opened", "det, nsubj, root: one tag a line"),
    citation="de Marneffe et al. 2021, Universal Dependencies, Computational Linguistics 47(2)",
    licence="per treebank (CC BY-SA and others)",
    source="https://universaldependencies.org",
)
