"""XCOPA (XTREME-R): which of two alternatives is the cause or effect of a premise? 11 languages, parallel items."""

from tasks.base import Format, Kind, Recipe, Task
from tasks.metrics.accuracy import Accuracy
from tasks.readers.choices import XcopaReader

LANGUAGES = ("et", "ht", "id", "it", "qu", "sw", "ta", "th", "tr", "vi", "zh")

TASK = Task(
    name="xcopa",
    title="Cross-lingual Choice of Plausible Alternatives",
    kind=Kind.CHOICE,
    group="classification",
    languages=LANGUAGES,
    metric=Accuracy(),
    format=Format.CHOICES,
    reader=XcopaReader(),
    parallel=True,
    published=dict.fromkeys(LANGUAGES, 500),
    max_length=128,
    recipe=Recipe(
        learning_rate=2e-5,
        learning_rate_large=3e-5,
        epochs=5,
        batch_size=32,
        max_length=128,
        train_on="Social IQa, then English COPA",
        select_by="the last step",
    ),
    suite_folders=("xcopa", "copa", "siqa"),
    reference={"XLM-R Large": 68.69},
    reference_source="Ponti et al. 2020, the XCOPA repository",
    sample=("The glass fell. What was the effect? / It broke. / It sang.", '{"label": 0}'),
    citation="Ponti et al. 2020, XCOPA: A Multilingual Dataset for Causal Commonsense Reasoning, EMNLP",
    licence="CC BY 4.0",
    source="https://github.com/cambridgeltl/xcopa",
)
