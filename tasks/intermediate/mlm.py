"""Masked language modelling over plain text in any languages (Devlin et al. 2019): trained on, never scored."""

from tasks.base import Format, Kind, Recipe, Task
from tasks.metrics.accuracy import Accuracy

TASK = Task(
    name="mlm",
    title="Masked language modelling",
    kind=Kind.MASKED,
    group="intermediate",
    languages=(),
    metric=Accuracy(),
    format=Format.LABELS,
    reader=None,
    max_length=256,
    recipe=Recipe(learning_rate=5e-5, epochs=1, batch_size=32, max_length=256, select_by="the last step"),
    sample=("The door is <mask>.", "open"),
    citation="Devlin et al. 2019, BERT; Conneau et al. 2020 (XLM-R)",
    licence="that of the text",
    source="text/<language>.txt, a sentence or paragraph a line",
)
