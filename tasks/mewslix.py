"""Mewsli-X (XTREME-R): rank entities for a mention in context. Can be scored; answering needs a dual encoder."""

from xharness.tasks.base import Task
from xharness.tasks.metrics.ranking import ReciprocalRank
from xharness.tasks.types.ranking import RANKING

TASK = Task(
    name="mewslix",
    title="Mewsli-X multilingual entity linking",
    type=RANKING,
    group="retrieval",
    languages=("ar", "de", "en", "es", "fa", "ja", "pl", "ro", "ta", "tr", "uk"),
    metric=ReciprocalRank(),
    reader=None,
    max_length=64,
    suite_folders=("mewslix",),
    not_fetched=(
        "it is made by a downloader of its authors, out of Wikipedia and WikiNews",
        "follow mewsli-x.md in github.com/google-research/google-research, then import the folder with --from",
    ),
    sample=("Paris { won } the match", '{"m1": ["Q1", "Q2"]}: at most 20 entities a mention'),
    citation="Ruder et al. 2021, XTREME-R: Towards More Challenging and Nuanced Multilingual Evaluation, EMNLP",
    licence="Apache-2.0, Wikipedia and WikiNews text",
    source="https://github.com/google-research/google-research/blob/master/"
    "dense_representations_for_entity_retrieval/mel/mewsli-x.md",
)
