"""CommonsenseQA: a question without a text; one of five answers is right. The random split."""

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.commonsense import CommonsenseqaReader
from xharness.tasks.recipes import classification
from xharness.tasks.types.multiple_choice import MULTIPLE_CHOICE

TASK = Task(
    name="commonsenseqa",
    title="CommonsenseQA",
    type=MULTIPLE_CHOICE,
    group=INTERMEDIATE,
    languages=("en",),
    metric=Accuracy(),
    reader=CommonsenseqaReader(),
    choices=5,
    max_length=256,
    recipe=classification(epochs=10, max_length=256),  # CommonsenseQA 1.11, random split (9,741 questions)
    suite_folders=("commonsenseqa",),
    data_folders=("commonsense_qa", "CommonsenseQA", "csqa"),
    demo="choices:commonsense_files",
    sample=("Where do you keep milk? / sofa / fridge / river / shoe / tree", '{"label": 1}'),
    citation="Talmor et al. 2019, CommonsenseQA: A Question Answering Challenge Targeting Commonsense Knowledge, NAACL",
    licence="MIT",
    source="https://www.tau-nlp.org/commonsenseqa",
)
