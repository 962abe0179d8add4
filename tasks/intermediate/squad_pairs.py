"""SQuAD 1.1 as questions and the sentences that answer them. LAReQA's models train on it."""

from xharness.tasks.base import INTERMEDIATE, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.squad_pairs import SquadPairsReader
from xharness.tasks.recipes import LAREQA
from xharness.tasks.types.text_pairs import TEXT_PAIRS

TASK = Task(
    name="squad_pairs",
    title="Questions of SQuAD 1.1 and the sentences that answer them",
    type=TEXT_PAIRS,
    group=INTERMEDIATE,
    languages=("en",),
    metric=Accuracy(),
    reader=SquadPairsReader(),
    max_length=256,
    recipe=LAREQA,
    suite_folders=("lareqa", "squad_pairs"),
    data_folders=("squad", "squad_v1", "squad_v1.1", "squad1.1"),
    not_fetched=("it is made of SQuAD 1.1", "fetch squad_v1"),
    sample=("Who left?", "Ada left the room. At noon Ada left the room. It was warm."),
    citation="Roy et al. 2020, LAReQA: Language-Agnostic Answer Retrieval from a Multilingual Pool, EMNLP",
    licence="CC BY-SA 4.0",
    source="https://rajpurkar.github.io/SQuAD-explorer/",
)
