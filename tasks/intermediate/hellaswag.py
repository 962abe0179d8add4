"""HellaSwag: which of four endings goes on with a text? Wrong ones were written by a model and filtered by another."""

from tasks.base import Format, Kind, Task
from tasks.intermediate.recipes import classification
from tasks.metrics.accuracy import Accuracy
from tasks.readers.hellaswag import HellaswagReader

TASK = Task(
    name="hellaswag",
    title="HellaSwag",
    kind=Kind.CHOICE,
    group="intermediate",
    languages=("en",),
    metric=Accuracy(),
    format=Format.CHOICES,
    reader=HellaswagReader(),
    max_length=256,
    recipe=classification("HellaSwag (39,905 contexts)", epochs=7, max_length=256),
    suite_folders=("hellaswag",),
    data_folders=("HellaSwag",),
    sample=("She lifts the lid. She / closes the door. / smells the soup. / sings. / is a lid.", '{"label": 1}'),
    citation="Zellers et al. 2019, HellaSwag: Can a Machine Really Finish Your Sentence?, ACL",
    licence="MIT",
    source="https://github.com/rowanz/hellaswag",
)
