"""Mentions in English Wikipedia and the entities that they mean. Mewsli-X's models train on them."""

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.wikipedia_pairs import WikipediaPairsReader
from xharness.tasks.recipes import MEWSLIX
from xharness.tasks.types.text_pairs import TEXT_PAIRS

TASK = Task(
    name="wikipedia_pairs",
    title="Mentions in Wikipedia and the entities that they mean (Mewsli-X)",
    type=TEXT_PAIRS,
    group=INTERMEDIATE,
    languages=("en",),
    metric=Accuracy(),
    reader=WikipediaPairsReader(),
    max_length=64,
    recipe=MEWSLIX,  # 167,719 pairs
    suite_folders=("mewslix", "wikipedia_pairs"),
    data_folders=("mewslix", "dataset"),
    sample=("Paris: He lives in { Paris } now.", "Paris is the capital of France."),
    citation="Ruder et al. 2021, XTREME-R: Towards More Challenging and Nuanced Multilingual Evaluation, EMNLP",
    licence="Apache-2.0, Wikipedia text",
    source="https://github.com/google-research/google-research/blob/master/"
    "dense_representations_for_entity_retrieval/mel/mewsli-x.md",
)
