"""Social IQa: what do people want, feel or do next? One of three answers is right. Comes before COPA for XCOPA."""

from tasks.base import Format, Kind, Task
from tasks.intermediate.recipes import classification
from tasks.metrics.accuracy import Accuracy
from tasks.readers.commonsense import SocialiqaReader

TASK = Task(
    name="socialiqa",
    title="Social IQa",
    kind=Kind.CHOICE,
    group="intermediate",
    languages=("en",),
    metric=Accuracy(),
    format=Format.CHOICES,
    reader=SocialiqaReader(),
    max_length=128,
    recipe=classification("Social IQa (33,410 questions)", epochs=5, max_length=128),
    suite_folders=("socialiqa",),
    data_folders=("social_iqa", "SocialIQa", "socialiqa-train-dev", "siqa"),
    sample=("Ada gave Bo a gift. How does Bo feel? / grateful / tall / wet", '{"label": 0}'),
    citation="Sap et al. 2019, Social IQa: Commonsense Reasoning about Social Interactions, EMNLP",
    licence="CC BY 4.0",
    source="https://leaderboard.allenai.org/socialiqa",
)
