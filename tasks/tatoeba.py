"""Tatoeba: for each English sentence find its translation; nearest neighbour by cosine, 36 languages.

The official direction is English to the other language. Gold follows by rule from the published files:
label k is the original line number of the k-th English sentence in code point order.
"""

from xharness.tasks.base import Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.bitext import TatoebaReader
from xharness.tasks.types.bitext_retrieval import BITEXT_RETRIEVAL

LANGUAGES = tuple(
    (
        "ar he vi id jv tl eu ml ta te af nl de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw zh kk tr et fi hu"
    ).split()
)

ADDED = ("az", "lt", "pl", "uk", "ro")
"""Languages that XTREME-R adds."""

PUBLISHED = dict.fromkeys((*LANGUAGES, *ADDED), 1000) | dict(
    jv=205, ka=746, kk=575, ml=687, sw=390, ta=307, te=234, th=548
)  # fmt: skip

TASK = Task(
    name="tatoeba",
    title="Tatoeba sentence retrieval",
    type=BITEXT_RETRIEVAL,
    group="retrieval",
    languages=LANGUAGES,
    metric=Accuracy(),
    reader=TatoebaReader(),
    aligned=True,
    published=PUBLISHED,
    max_length=512,
    suite_folders=("tatoeba", "retrieval", "encoder", "bucc2018"),
    reference={"XLM-R Large": 57.3},
    reference_source="Hu et al. 2020, as quoted in the VECO repository",
    demo="bitexts:tatoeba_files",
    sample=("Good morning. (line 1 of the English file)", "17: 0-based line of the other file"),
    citation="Artetxe and Schwenk 2019, Massively Multilingual Sentence Embeddings, TACL",
    licence="CC BY 2.0 FR",
    source="https://github.com/facebookresearch/LASER/tree/main/data/tatoeba/v1",
)
