"""PAWS-X: do two sentences with the same words say the same? 7 languages, the same items in each."""

from xharness.tasks.base import Recipe, Selection, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.pairs import PawsxReader
from xharness.tasks.readers.translated import translated_paraphrases
from xharness.tasks.recipes import classification
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION

LANGUAGES = ("de", "en", "es", "fr", "ja", "ko", "zh")

TASK = Task(
    name="pawsx",
    title="Cross-lingual Paraphrase Adversaries from Word Scrambling",
    type=TEXT_CLASSIFICATION,
    group="classification",
    languages=LANGUAGES,
    metric=Accuracy(),
    reader=PawsxReader(),
    translated=translated_paraphrases,
    labels=("0", "1"),
    label_aliases={
        "not_paraphrase": "0",
        "not paraphrase": "0",
        "different": "0",
        "not_duplicate": "0",
        "paraphrase": "1",
        "duplicate": "1",
        "same": "1",
        "label_0": "0",
        "label_1": "1",
    },
    parallel=True,
    published=dict.fromkeys(LANGUAGES, 2000),
    max_length=128,
    recipe=Recipe(  # PAWS, English (49,401 pairs)
        learning_rate=2e-5,
        epochs=5,
        batch_size=32,
        reference_micro_batch=8,
        reference_micro_batch_large=2,
        max_length=128,
        selection=Selection(every=200),
    ),
    jiant=classification(epochs=5),
    suite_folders=("pawsx",),
    reference={"XLM-R Large": 86.4, "mBERT": 81.9},
    reference_source="Hu et al. 2020, as quoted in the mT5 repository",
    demo="pairs:paraphrase_files",
    sample=("A flew from B to C. / A flew from C to B.", "0"),
    citation="Yang et al. 2019, PAWS-X: A Cross-lingual Adversarial Dataset for Paraphrase Identification, EMNLP",
    licence="free for any purpose, with attribution",
    source="https://github.com/google-research-datasets/paws/tree/master/pawsx",
)
