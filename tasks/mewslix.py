"""Mewsli-X (XTREME-R): rank entities for a mention in context. Can be scored; answering needs a dual encoder."""

from tasks.base import Format, Kind, Task
from tasks.metrics.ranking import ReciprocalRank

TASK = Task(
    name="mewslix",
    title="Mewsli-X multilingual entity linking",
    kind=Kind.RANKING,
    group="retrieval",
    languages=("ar", "de", "en", "es", "fa", "ja", "pl", "ro", "ta", "tr", "uk"),
    metric=ReciprocalRank(),
    format=Format.RANKINGS,
    reader=None,
    max_length=64,
    suite_folders=("mewslix",),
    sample=("Paris { won } the match", '{"m1": ["Q1", "Q2"]}: at most 20 entities a mention'),
    citation="Ruder et al. 2021, XTREME-R: Towards More Challenging and Nuanced Multilingual Evaluation, EMNLP",
    licence="Apache-2.0, Wikipedia and WikiNews text",
    source="https://github.com/google-research/google-research/blob/master/"
    "dense_representations_for_entity_retrieval/mel/mewsli-x.md",
)
