"""UDPOS: universal part-of-speech tags on Universal Dependencies 2.5, all treebanks of 33 languages.

The official score is span F1 by the rules of seqeval 0.0.12 over bare tags, not token accuracy; both are reported.
"""

from xharness.tasks.base import Recipe, Selection, Task
from xharness.tasks.metrics.tag_spans import SpanF1
from xharness.tasks.readers.tagged import UdposReader
from xharness.tasks.recipes import classification
from xharness.tasks.types.tagging import TAGGING

LANGUAGES = tuple(
    "af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl tr ur vi yo zh".split()
)

ADDED = ("lt", "pl", "uk", "wo", "ro")
"""Languages that XTREME-R adds, from Universal Dependencies 2.7."""

UPOS = tuple("ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split())

PUBLISHED = dict(
    af=425, ar=1680, bg=1116, de=22357, el=456, en=5440, es=3147, et=3760, eu=1799, fa=600, fi=4422, fr=5009, he=491,
    hi=2684, hu=449, id=1557, it=3518, ja=2372, kk=1047, ko=4276, mr=47, nl=1471, pt=2681, ru=8976, ta=120, te=146,
    th=1000, tl=55, tr=4785, ur=535, vi=800, yo=100, zh=3455,
)  # fmt: skip

TASK = Task(
    name="udpos",
    title="Universal Dependencies part-of-speech tagging",
    type=TAGGING,
    group="tagging",
    languages=LANGUAGES,
    metric=SpanF1(),
    reader=UdposReader(added=ADDED),
    labels=UPOS,
    label_aliases={"conj": "CCONJ"},  # Universal Dependencies 1
    published=PUBLISHED,
    max_length=128,
    recipe=Recipe(  # UD 2.5, English treebanks (21,253 sentences)
        learning_rate=2e-5,
        epochs=10,
        batch_size=32,
        reference_micro_batch=8,
        reference_micro_batch_large=2,
        max_length=128,
        seed=1,
        selection=Selection(every=500),
    ),
    jiant=classification(epochs=10),
    suite_folders=("udpos",),
    reference={"XLM-R Large": 73.8},
    reference_source="Chung et al. 2020 (RemBERT), Table 16",
    demo="tags:speech_files",
    sample=("The / door / opened", "DET, NOUN, VERB: one tag a line"),
    citation="Zeman et al. 2019, Universal Dependencies 2.5",
    licence="per treebank (CC BY-SA and others)",
    source="https://universaldependencies.org",
)
