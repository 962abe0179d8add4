"""SIB-200: which of seven topics has a sentence? 205 languages, the same sentences of FLORES-200 in each."""

from xharness.tasks.base import NEWER, Recipe, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.packs.flores_codes import SIB_200, by_code
from xharness.tasks.readers.declared_columns import TextsReader
from xharness.tasks.recipes import LAST
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION

NAMES = by_code(SIB_200)
LABELS = ("entertainment", "geography", "health", "politics", "science/technology", "sports", "travel")

RECIPE = Recipe(  # 701 English sentences; scripts of Adelani et al. 2024 for XLM-R Large, who take the last step
    learning_rate=1e-5,
    epochs=20,
    batch_size=32,
    reference_micro_batch=16,
    max_length=164,
    selection=LAST,
)

TASK = Task(
    name="sib200",
    title="SIB-200 topic classification",
    type=TEXT_CLASSIFICATION,
    group=NEWER,
    languages=tuple(NAMES),
    metric=Accuracy(),
    reader=TextsReader(
        files={split: f"{{language}}/{split}.tsv" for split in ("train", "dev", "test")},
        names=NAMES,
        id="index_id",
        first="text",
        label="category",
        labels=LABELS,
    ),
    labels=LABELS,
    parallel=True,
    published=dict.fromkeys(NAMES, 204),
    max_length=164,
    recipe=RECIPE,
    suite_folders=("sib200",),
    demo="newer:sib200_files",
    sample=("The bus leaves at nine.", "travel"),
    citation="Adelani et al. 2024, SIB-200: A Simple, Inclusive, and Big Evaluation Dataset for Topic Classification "
    "in 200+ Languages and Dialects, EACL",
    licence="Apache-2.0, text of FLORES-200 CC BY-SA 4.0",
    source="https://github.com/dadelani/sib-200",
)
