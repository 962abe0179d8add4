"""XNLI where gold only says whether the premise entails the hypothesis: what perturbations by a rule are written as."""

from dataclasses import replace

from xharness.tasks.adversarial.hans import NOT_ENTAILED
from xharness.tasks.base import DIAGNOSTICS
from xharness.tasks.metrics.accuracy import AccuracyByLabel
from xharness.tasks.readers.hans import LABELS
from xharness.tasks.readers.pairs import XnliReader
from xharness.tasks.xnli import LANGUAGES
from xharness.tasks.xnli import TASK as XNLI

TASK = replace(
    XNLI,
    name="xnli-entailment",
    title="XNLI: entailed or not",
    group=DIAGNOSTICS,
    metric=AccuracyByLabel(LABELS),
    reader=XnliReader(labels=LABELS, languages=LANGUAGES),
    translated=None,
    labels=LABELS,
    label_aliases={"entails": LABELS[0], "entailed": LABELS[0], **NOT_ENTAILED},
    published={},
    recipe=None,
    trains_on=XNLI.name,
    jiant=None,
    reference={},
    reference_source="",
    demo="",
    not_fetched=("it is made of XNLI", "xharness data perturb --by subject-object"),
    sample=("The dog saw the cat. / The cat saw the dog.", "non-entailment"),
)
