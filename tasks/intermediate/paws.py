"""PAWS: do two English sentences with the same words say the same? PAWS-X is a part of it in six more languages."""

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.pawsx import TASK as PAWSX
from xharness.tasks.readers.english import PawsReader
from xharness.tasks.readers.translated import translated_paraphrases
from xharness.tasks.recipes import classification
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION

TASK = Task(
    name="paws",
    title="Paraphrase Adversaries from Word Scrambling",
    type=TEXT_CLASSIFICATION,
    group=INTERMEDIATE,
    languages=("en",),
    metric=Accuracy(),
    reader=PawsReader(),
    translated=translated_paraphrases,
    labels=PAWSX.labels,
    label_aliases=PAWSX.label_aliases,
    max_length=256,
    recipe=classification(epochs=5),  # PAWS-Wiki (49,401 pairs)
    suite_folders=("paws", "pawsx"),
    data_folders=("paws_wiki_labeled_final", "pawsx"),
    data_of=("pawsx/en",),
    sample=("A flew from B to C. / A flew from C to B.", "0"),
    citation="Zhang et al. 2019, PAWS: Paraphrase Adversaries from Word Scrambling, NAACL",
    licence="free for any purpose, with attribution",
    source="https://github.com/google-research-datasets/paws",
)
