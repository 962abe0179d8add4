"""Social IQa: what do people want, feel or do next? One of three answers is right.

XTREME trains on it before COPA, by one recipe for both (``scripts/train_xcopa.sh``); that is its recipe here.
"""

from dataclasses import replace

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.commonsense import SocialiqaReader
from xharness.tasks.types.multiple_choice import MULTIPLE_CHOICE
from xharness.tasks.xcopa import JIANT, RECIPE

TASK = Task(
    name="socialiqa",
    title="Social IQa",
    type=MULTIPLE_CHOICE,
    group=INTERMEDIATE,
    languages=("en",),
    metric=Accuracy(),
    reader=SocialiqaReader(),
    choices=3,
    max_length=128,
    recipe=replace(RECIPE, after=""),  # Social IQa (33,410 questions)
    jiant=JIANT,
    suite_folders=("socialiqa",),
    data_folders=("social_iqa", "SocialIQa", "socialiqa-train-dev", "siqa"),
    demo="causes:social_files",
    sample=("Ada gave Bo a gift. How does Bo feel? / grateful / tall / wet", '{"label": 0}'),
    citation="Sap et al. 2019, Social IQa: Commonsense Reasoning about Social Interactions, EMNLP",
    licence="CC BY 4.0",
    source="https://leaderboard.allenai.org/socialiqa",
)
