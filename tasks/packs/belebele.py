"""Belebele: which of four answers does a passage give? 122 languages and scripts, the same 900 questions in each.

It is a test set only. Its authors train on a set that their script assembles from six English ones
(``assemble_training_set.py``, 67,500 questions); ``belebele_training_set.tsv`` is read as the script writes it.
"""

from xharness.tasks.base import NEWER, Recipe, Selection, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.packs.flores_codes import by_code
from xharness.tasks.readers.declared_columns import ChoicesReader
from xharness.tasks.readers.of_splits import SplitsReader
from xharness.tasks.types.multiple_choice import MULTIPLE_CHOICE

NAMES = by_code(
    (
        "acm_Arab afr_Latn als_Latn amh_Ethi apc_Arab arb_Arab arb_Latn ars_Arab ary_Arab arz_Arab asm_Beng azj_Latn "
        "bam_Latn ben_Beng ben_Latn bod_Tibt bul_Cyrl cat_Latn ceb_Latn ces_Latn ckb_Arab dan_Latn deu_Latn ell_Grek "
        "eng_Latn est_Latn eus_Latn fin_Latn fra_Latn fuv_Latn gaz_Latn grn_Latn guj_Gujr hat_Latn hau_Latn heb_Hebr "
        "hin_Deva hin_Latn hrv_Latn hun_Latn hye_Armn ibo_Latn ilo_Latn ind_Latn isl_Latn ita_Latn jav_Latn jpn_Jpan "
        "kac_Latn kan_Knda kat_Geor kaz_Cyrl kea_Latn khk_Cyrl khm_Khmr kin_Latn kir_Cyrl kor_Hang lao_Laoo lin_Latn "
        "lit_Latn lug_Latn luo_Latn lvs_Latn mal_Mlym mar_Deva mkd_Cyrl mlt_Latn mri_Latn mya_Mymr nld_Latn nob_Latn "
        "npi_Deva npi_Latn nso_Latn nya_Latn ory_Orya pan_Guru pbt_Arab pes_Arab plt_Latn pol_Latn por_Latn ron_Latn "
        "rus_Cyrl shn_Mymr sin_Latn sin_Sinh slk_Latn slv_Latn sna_Latn snd_Arab som_Latn sot_Latn spa_Latn srp_Cyrl "
        "ssw_Latn sun_Latn swe_Latn swh_Latn tam_Taml tel_Telu tgk_Cyrl tgl_Latn tha_Thai tir_Ethi tsn_Latn tso_Latn "
        "tur_Latn ukr_Cyrl urd_Arab urd_Latn uzn_Latn vie_Latn war_Latn wol_Latn xho_Latn yor_Latn zho_Hans zho_Hant "
        "zsm_Latn zul_Latn"
    ).split()
)

ANSWERS = ("1", "2", "3", "4")
TRAINING = "belebele_training_set.tsv"

TEST = ChoicesReader(
    files={"test": "{language}.jsonl"},
    names=NAMES,
    premise="flores_passage",
    question="question",
    choices=tuple(f"mc_answer{number}" for number in ANSWERS),
    answers=ANSWERS,
    label="correct_answer_num",
    passages=True,
)
TRAIN = ChoicesReader(
    files={"train": TRAINING, "dev": TRAINING},
    split="split",
    quoted=True,
    premise="passage",
    question="question",
    choices=tuple(f"answer{number}" for number in ANSWERS),
    answers=ANSWERS,
    label="correct_answer_num",
)

# Our choice: the numbers of XTREME-R's multiple choice (XCOPA), for longer texts. Those of Bandarkar et al. 2024 are in
# their appendix and could not be checked.
RECIPE = Recipe(
    learning_rate=2e-5,
    learning_rate_large=1e-5,
    epochs=3,
    batch_size=32,
    max_length=512,
    selection=Selection(examples=1000, every=500),
)

TASK = Task(
    name="belebele",
    title="Belebele reading comprehension",
    type=MULTIPLE_CHOICE,
    group=NEWER,
    languages=tuple(NAMES),
    metric=Accuracy(),
    reader=SplitsReader({"test": TEST, "train": TRAIN, "dev": TRAIN}),
    choices=4,
    parallel=True,
    published=dict.fromkeys(NAMES, 900),
    max_length=512,
    recipe=RECIPE,
    suite_folders=("belebele",),
    demo="newer:belebele_files",
    sample=("It rained. What fell? / rain / snow / hail / sand", '{"label": 0}'),
    citation="Bandarkar et al. 2024, The Belebele Benchmark: a Parallel Reading Comprehension Dataset in 122 Language "
    "Variants, ACL",
    licence="CC BY-SA 4.0; the training set CC BY-NC 4.0 and others",
    source="https://github.com/facebookresearch/belebele",
)
