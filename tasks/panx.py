"""PAN-X (WikiAnn): named entities (person, organisation, location) in 40 languages."""

from xharness.tasks.base import Recipe, Selection, Task
from xharness.tasks.metrics.tag_spans import SpanF1
from xharness.tasks.readers.tagged import PanxReader
from xharness.tasks.recipes import classification
from xharness.tasks.types.tagging import TAGGING

LANGUAGES = tuple(
    (
        "ar he vi id jv ms tl eu ml ta te af nl en de el bn hi mr ur "
        "fa fr it pt es bg ru ja ka ko th sw yo my zh kk tr et fi hu"
    ).split()
)

ADDED = ("qu", "pl", "uk", "az", "lt", "pa", "gu", "ro")
"""Languages that XTREME-R adds."""

PUBLISHED = (
    dict.fromkeys((*LANGUAGES, *ADDED), 10000)
    | dict.fromkeys("ms tl ml ta te af bn hi mr ur sw kk az".split(), 1000)
    | dict.fromkeys("jv yo my qu pa gu".split(), 100)
)

TASK = Task(
    name="panx",
    title="PAN-X named entity recognition (WikiAnn)",
    type=TAGGING,
    group="tagging",
    languages=LANGUAGES,
    metric=SpanF1(),
    reader=PanxReader(languages=(*LANGUAGES, *ADDED)),
    labels=("O", "B-LOC", "B-ORG", "B-PER", "I-LOC", "I-ORG", "I-PER"),
    published=PUBLISHED,
    max_length=128,
    recipe=Recipe(  # WikiAnn, English (20,000 sentences)
        learning_rate=2e-5,
        epochs=10,
        batch_size=32,
        reference_micro_batch=8,
        reference_micro_batch_large=2,
        max_length=128,
        seed=1,
        selection=Selection(every=1000),
    ),
    jiant=classification(epochs=10),
    suite_folders=("panx",),
    reference={"XLM-R Large": 65.4, "mBERT": 62.2},
    reference_source="Hu et al. 2020, as quoted in the mT5 repository",
    demo="tags:entity_files",
    sample=("Ada / lives / in / Turin", "B-PER, O, O, B-LOC: one tag a line"),
    citation="Pan et al. 2017, Cross-lingual Name Tagging and Linking for 282 Languages; splits of Rahimi et al. 2019",
    licence="ODC-BY, Wikipedia text CC BY-SA",
    source="https://github.com/afshinrahimi/mmner",
)
