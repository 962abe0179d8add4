"""PAWS: do two English sentences with the same words say the same? PAWS-X is a part of it in six more languages."""

from tasks.base import Format, Kind, Task
from tasks.intermediate.recipes import classification
from tasks.metrics.accuracy import Accuracy
from tasks.pawsx import TASK as PAWSX
from tasks.readers.english import PawsReader

TASK = Task(
    name="paws",
    title="Paraphrase Adversaries from Word Scrambling",
    kind=Kind.PAIR,
    group="intermediate",
    languages=("en",),
    metric=Accuracy(),
    format=Format.LABELS,
    reader=PawsReader(),
    labels=PAWSX.labels,
    label_aliases=PAWSX.label_aliases,
    max_length=256,
    recipe=classification("PAWS-Wiki (49,401 pairs)", epochs=5),
    suite_folders=("paws", "pawsx"),
    data_folders=("paws_wiki_labeled_final", "pawsx"),
    sample=("A flew from B to C. / A flew from C to B.", "0"),
    citation="Zhang et al. 2019, PAWS: Paraphrase Adversaries from Word Scrambling, NAACL",
    licence="free for any purpose, with attribution",
    source="https://github.com/google-research-datasets/paws",
)
