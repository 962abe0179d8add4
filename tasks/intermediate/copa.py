"""COPA: which of two alternatives is the cause or effect of a premise? XCOPA is its translation."""

from tasks.base import Format, Kind, Task
from tasks.intermediate.recipes import classification
from tasks.metrics.accuracy import Accuracy
from tasks.readers.english import CopaReader

TASK = Task(
    name="copa",
    title="Choice of Plausible Alternatives",
    kind=Kind.CHOICE,
    group="intermediate",
    languages=("en",),
    metric=Accuracy(),
    format=Format.CHOICES,
    reader=CopaReader(),
    max_length=128,
    recipe=classification("COPA (400 questions)", epochs=5, max_length=128),
    suite_folders=("copa",),
    data_folders=("COPA", "xcopa"),
    sample=("The glass fell. What was the effect? / It broke. / It sang.", '{"label": 0}'),
    citation="Roemmele et al. 2011, Choice of Plausible Alternatives, AAAI Spring Symposium",
    licence="BSD 2-Clause",
    source="https://people.ict.usc.edu/~gordon/copa.html",
)
