"""Cosmos QA: a story and a question whose answer it does not state; one of four answers is right."""

from tasks.base import Format, Kind, Task
from tasks.intermediate.recipes import classification
from tasks.metrics.accuracy import Accuracy
from tasks.readers.commonsense import CosmosqaReader

TASK = Task(
    name="cosmosqa",
    title="Cosmos QA",
    kind=Kind.CHOICE,
    group="intermediate",
    languages=("en",),
    metric=Accuracy(),
    format=Format.CHOICES,
    reader=CosmosqaReader(),
    max_length=256,
    recipe=classification("Cosmos QA (25,262 questions)", epochs=15, max_length=256),
    suite_folders=("cosmosqa",),
    data_folders=("cosmos_qa", "CosmosQA"),
    sample=(
        "It rained on my picnic. How do I feel? / Sad. / Dry. / Tall. / None of the above choices .",
        '{"label": 0}',
    ),
    citation="Huang et al. 2019, Cosmos QA: Machine Reading Comprehension with Contextual Commonsense Reasoning, EMNLP",
    licence="CC BY 4.0",
    source="https://wilburone.github.io/cosmos/",
)
