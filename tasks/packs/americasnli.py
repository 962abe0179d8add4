"""AmericasNLI: XNLI's question in ten indigenous languages of the Americas. Items are others than in XNLI's test.

Models are trained on the English pairs of XNLI. The sets of Nahuatl and Otomí lack some items, so that translations of
each other are told by their ids, not by their lines.
"""

from xharness.tasks.base import Recipe, Selection, Task
from xharness.tasks.languages import canonical
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.declared_columns import TextsReader
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION
from xharness.tasks.xnli import TASK as XNLI

NAMES = {canonical(name): name for name in "aym bzd cni gn hch nah oto quy shp tar".split()}

RECIPE = Recipe(  # MultiNLI, English; configurations of Ebrahimi et al. 2022 for XLM-R
    learning_rate=2e-5,
    learning_rate_large=5e-6,
    epochs=5,
    batch_size=32,
    batch_size_large=16,
    max_length=256,
    selection=Selection(every=2500, patience=15),
)

TASK = Task(
    name="americasnli",
    title="AmericasNLI",
    type=TEXT_CLASSIFICATION,
    group="americas",
    languages=tuple(NAMES),
    metric=Accuracy(),
    reader=TextsReader(
        files={"dev": "dev/{language}.tsv", "test": "test/{language}.tsv"},
        names=NAMES,
        id="id",
        first="premise",
        second="hypothesis",
        labels=XNLI.labels,
        translations=True,
    ),
    labels=XNLI.labels,
    label_aliases=XNLI.label_aliases,
    parallel=True,
    published={**dict.fromkeys(NAMES, 750), "nah": 738, "oto": 748},
    max_length=256,
    recipe=RECIPE,
    trains_on="xnli",
    suite_folders=("americasnli", "xnli"),
    demo="newer:americasnli_files",
    sample=("She closed the door. / The door is open.", "contradiction"),
    citation="Ebrahimi et al. 2022, AmericasNLI: Evaluating Zero-shot Natural Language Understanding of Pretrained "
    "Multilingual Models in Truly Low-resource Languages, ACL",
    licence="CC BY-SA 4.0",
    source="https://github.com/abteen/americasnli",
)
