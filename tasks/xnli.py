"""XNLI: does a premise entail, contradict or not decide a hypothesis? 15 languages, the same items in each."""

from xharness.tasks.base import Recipe, Selection, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.pairs import XnliReader
from xharness.tasks.readers.translated import translated_nli
from xharness.tasks.recipes import classification
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION

LANGUAGES = ("ar", "bg", "de", "el", "en", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi", "zh")

RECIPE = Recipe(  # MultiNLI, English (392,702 pairs)
    learning_rate=2e-5,
    learning_rate_large=3e-5,
    epochs=5,
    batch_size=32,
    reference_micro_batch=8,
    reference_micro_batch_large=2,
    max_length=128,
    selection=Selection(every=100),
)

TASK = Task(
    name="xnli",
    title="Cross-lingual Natural Language Inference",
    type=TEXT_CLASSIFICATION,
    group="classification",
    languages=LANGUAGES,
    metric=Accuracy(),
    reader=XnliReader(languages=LANGUAGES),
    translated=translated_nli,
    labels=("contradiction", "entailment", "neutral"),
    label_aliases={"contradictory": "contradiction", "entails": "entailment", "entailed": "entailment"},
    parallel=True,
    published=dict.fromkeys(LANGUAGES, 5010),
    max_length=128,
    recipe=RECIPE,
    jiant=classification(epochs=2),
    suite_folders=("xnli",),
    reference={"XLM-R Large": 79.2, "mBERT": 65.4},
    reference_source="Hu et al. 2020, as quoted in the mT5 repository",
    demo="pairs:inference_files",
    sample=("She closed the door. / The door is open.", "contradiction"),
    citation="Conneau et al. 2018, XNLI: Evaluating Cross-lingual Sentence Representations, EMNLP",
    licence="CC BY-NC 4.0",
    source="https://github.com/facebookresearch/XNLI",
)
