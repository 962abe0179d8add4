"""CommonsenseQA: a question without a text; one of five answers is right. The random split."""

from tasks.base import Format, Kind, Task
from tasks.intermediate.recipes import classification
from tasks.metrics.accuracy import Accuracy
from tasks.readers.commonsense import CommonsenseqaReader

TASK = Task(
    name="commonsenseqa",
    title="CommonsenseQA",
    kind=Kind.CHOICE,
    group="intermediate",
    languages=("en",),
    metric=Accuracy(),
    format=Format.CHOICES,
    reader=CommonsenseqaReader(),
    max_length=256,
    recipe=classification("CommonsenseQA 1.11, random split (9,741 questions)", epochs=10, max_length=256),
    suite_folders=("commonsenseqa",),
    data_folders=("commonsense_qa", "CommonsenseQA", "csqa"),
    sample=("Where do you keep milk? / sofa / fridge / river / shoe / tree", '{"label": 1}'),
    citation="Talmor et al. 2019, CommonsenseQA: A Question Answering Challenge Targeting Commonsense Knowledge, NAACL",
    licence="MIT",
    source="https://www.tau-nlp.org/commonsenseqa",
)
