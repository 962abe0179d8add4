"""COPA: which of two alternatives is the cause or effect of a premise? XCOPA is its translation."""

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.english import CopaReader
from xharness.tasks.recipes import classification
from xharness.tasks.types.multiple_choice import MULTIPLE_CHOICE

TASK = Task(
    name="copa",
    title="Choice of Plausible Alternatives",
    type=MULTIPLE_CHOICE,
    group=INTERMEDIATE,
    languages=("en",),
    metric=Accuracy(),
    reader=CopaReader(),
    choices=2,
    max_length=128,
    recipe=classification(epochs=5, max_length=128),  # COPA (400 questions)
    suite_folders=("copa",),
    data_folders=("COPA", "xcopa"),
    data_of=("xcopa/en",),
    sample=("The glass fell. What was the effect? / It broke. / It sang.", '{"label": 0}'),
    citation="Roemmele et al. 2011, Choice of Plausible Alternatives, AAAI Spring Symposium",
    licence="BSD 2-Clause",
    source="https://people.ict.usc.edu/~gordon/copa.html",
)
