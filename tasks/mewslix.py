"""Mewsli-X (XTREME-R): for a mention in its sentence the entities that it may mean, out of a million."""

from xharness.tasks.base import RankingInputs, Task
from xharness.tasks.metrics.ranking import ReciprocalRank
from xharness.tasks.readers.mewslix import MewslixReader
from xharness.tasks.types.ranking import RANKING

LANGUAGES = ("ar", "de", "en", "es", "fa", "ja", "pl", "ro", "ta", "tr", "uk")
PUBLISHED = dict(zip(LANGUAGES, (1501, 1551, 1490, 1552, 458, 1519, 1562, 672, 1567, 1215, 1537), strict=True))

TASK = Task(
    name="mewslix",
    title="Mewsli-X multilingual entity linking",
    type=RANKING,
    group="retrieval",
    languages=LANGUAGES,
    metric=ReciprocalRank(),
    reader=MewslixReader(LANGUAGES),
    published=PUBLISHED,
    ranking=RankingInputs(
        template="mention:sentence;description", separator="space", query_length=64, half_precision=True
    ),
    max_length=64,
    suite_folders=("mewslix", "retrieval", "encoder"),
    demo="entities:mewslix_files",
    sample=("Paris { won } the match", '{"m1": ["Q1", "Q2"]}: at most 20 entities a mention'),
    citation="Ruder et al. 2021, XTREME-R: Towards More Challenging and Nuanced Multilingual Evaluation, EMNLP",
    licence="Apache-2.0, Wikipedia and WikiNews text",
    source="https://github.com/google-research/google-research/blob/master/"
    "dense_representations_for_entity_retrieval/mel/mewsli-x.md",
)
