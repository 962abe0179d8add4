"""Cosmos QA: a story and a question whose answer it does not state; one of four answers is right."""

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.commonsense import CosmosqaReader
from xharness.tasks.recipes import classification
from xharness.tasks.types.multiple_choice import MULTIPLE_CHOICE

TASK = Task(
    name="cosmosqa",
    title="Cosmos QA",
    type=MULTIPLE_CHOICE,
    group=INTERMEDIATE,
    languages=("en",),
    metric=Accuracy(),
    reader=CosmosqaReader(),
    choices=4,
    max_length=256,
    recipe=classification(epochs=15, max_length=256),  # Cosmos QA (25,262 questions)
    suite_folders=("cosmosqa",),
    data_folders=("cosmos_qa", "CosmosQA"),
    demo="choices:cosmos_files",
    sample=(
        "It rained on my picnic. How do I feel? / Sad. / Dry. / Tall. / None of the above choices .",
        '{"label": 0}',
    ),
    citation="Huang et al. 2019, Cosmos QA: Machine Reading Comprehension with Contextual Commonsense Reasoning, EMNLP",
    licence="CC BY 4.0",
    source="https://wilburone.github.io/cosmos/",
)
