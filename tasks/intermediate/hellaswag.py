"""HellaSwag: which of four endings continues a text? Wrong ones were written by a model and filtered by another."""

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.hellaswag import HellaswagReader
from xharness.tasks.recipes import classification
from xharness.tasks.types.multiple_choice import MULTIPLE_CHOICE

TASK = Task(
    name="hellaswag",
    title="HellaSwag",
    type=MULTIPLE_CHOICE,
    group=INTERMEDIATE,
    languages=("en",),
    metric=Accuracy(),
    reader=HellaswagReader(),
    choices=4,
    max_length=256,
    recipe=classification(epochs=7, max_length=256),  # HellaSwag (39,905 contexts)
    suite_folders=("hellaswag",),
    data_folders=("HellaSwag",),
    demo="choices:hellaswag_files",
    sample=("She lifts the lid. She / closes the door. / smells the soup. / sings. / is a lid.", '{"label": 1}'),
    citation="Zellers et al. 2019, HellaSwag: Can a Machine Really Finish Your Sentence?, ACL",
    licence="MIT",
    source="https://github.com/rowanz/hellaswag",
)
