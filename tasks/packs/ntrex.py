"""NTREX-128: find the translation of each sentence of news, English to 126 others; the way back is a variant.

Its three other kinds of English are left out.
"""

from xharness.tasks.base import NEWER, Task
from xharness.tasks.languages import canonical
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.declared import ENGLISH, BitextReader
from xharness.tasks.types.bitext_retrieval import BITEXT_RETRIEVAL

PUBLISHED_NAMES = (
    "afr amh arb aze-Latn bak bel bem ben bod bos bul cat ces ckb-Arab cym dan deu div dzo ell est eus ewe fao "
    "fas fij fil fin fra-CA fra fuc gle glg guj hau heb hin hmn hrv hun hye ibo ind isl ita jpn kan kat kaz khm "
    "kin kir kmr kor lao lav lit ltz mal mar mey mkd mlg mlt mon mri msa mya nde nep nld nno nob nso nya orm pan "
    "pol por-BR por prs pus ron rus shi sin slk slv smo sna-Latn snd-Arab som spa-MX spa sqi srp-Cyrl srp-Latn "
    "ssw swa swe tah tam tat tel tgk-Cyrl tha tir ton tsn tuk tur uig ukr urd uzb ven vie wol xho yor yue zho-CN "
    "zho-TW zul gsw-BE gsw-ZH"
).split()
CHINESE = {"zho-CN": "zh", "zho-TW": "zh-Hant"}
NAMES = {CHINESE.get(name) or canonical(name): name for name in PUBLISHED_NAMES}

TASK = Task(
    name="ntrex",
    title="NTREX-128 sentence retrieval",
    type=BITEXT_RETRIEVAL,
    group=NEWER,
    languages=tuple(NAMES),
    metric=Accuracy(),
    reader=BitextReader(
        files={"test": "newstest2019-ref.{language}.txt"},
        english={"test": "newstest2019-src.{language}.txt"},
        names={**NAMES, ENGLISH: "eng"},
    ),
    aligned=True,
    parallel=True,
    published=dict.fromkeys(NAMES, 1997),
    max_length=512,
    suite_folders=("ntrex", "tatoeba", "retrieval", "encoder", "bucc2018"),
    demo="newer:ntrex_files",
    sample=("Good morning. (line 1 of the English file)", "0: 0-based line of the other file"),
    citation="Federmann et al. 2022, NTREX-128: News Test References for MT Evaluation of 128 Languages, SUMEval",
    licence="CC BY-SA 4.0",
    source="https://github.com/MicrosoftTranslator/NTREX",
)
