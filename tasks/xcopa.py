"""XCOPA (XTREME-R): which of two alternatives is the cause or effect of a premise? 11 languages, parallel items."""

from dataclasses import replace

from xharness.tasks import xnli
from xharness.tasks.base import Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.choices import XcopaReader
from xharness.tasks.recipes import LAST, classification
from xharness.tasks.types.multiple_choice import MULTIPLE_CHOICE

LANGUAGES = ("et", "ht", "id", "it", "qu", "sw", "ta", "th", "tr", "vi", "zh")

RECIPE = replace(  # English COPA (400 questions), after Social IQa
    xnli.RECIPE,
    selection=LAST,
    after="socialiqa",
)

# The authors' scripts have none for it: epochs, batch and length are the reference's here.
JIANT = classification(epochs=5, max_length=128)

TASK = Task(
    name="xcopa",
    title="Cross-lingual Choice of Plausible Alternatives",
    type=MULTIPLE_CHOICE,
    group="classification",
    languages=LANGUAGES,
    beside=("en",),  # COPA itself, which the items are translations of
    metric=Accuracy(),
    reader=XcopaReader(),
    choices=2,
    parallel=True,
    published=dict.fromkeys((*LANGUAGES, "en"), 500),
    max_length=128,
    recipe=RECIPE,
    jiant=JIANT,
    suite_folders=("xcopa", "copa", "siqa"),
    reference={"XLM-R Large": 68.69},
    reference_source="Ponti et al. 2020, the XCOPA repository",
    demo="causes:xcopa_files",
    sample=("The glass fell. What was the effect? / It broke. / It sang.", '{"label": 0}'),
    citation="Ponti et al. 2020, XCOPA: A Multilingual Dataset for Causal Commonsense Reasoning, EMNLP",
    licence="CC BY 4.0",
    source="https://github.com/cambridgeltl/xcopa",
)
