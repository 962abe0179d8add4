"""Masked language modelling over plain text in any languages (Devlin et al. 2019): trained on, never scored."""

from xharness.tasks.base import INTERMEDIATE, Recipe, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.recipes import LAST
from xharness.tasks.types.masked_lm import MASKED_LM

TASK = Task(
    name="mlm",
    title="Masked language modelling",
    type=MASKED_LM,
    group=INTERMEDIATE,
    languages=(),
    metric=Accuracy(),
    reader=None,
    max_length=256,
    recipe=Recipe(learning_rate=5e-5, epochs=1, batch_size=32, max_length=256, selection=LAST),
    not_fetched=("it is any text", "put text/<language>.txt, a sentence a line, into the data folder"),
    demo="text:text_files",
    sample=("The door is <mask>.", "open"),
    citation="Devlin et al. 2019, BERT; Conneau et al. 2020 (XLM-R)",
    licence="that of the text",
    source="text/<language>.txt, a sentence or paragraph a line",
)
