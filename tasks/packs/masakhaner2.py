"""MasakhaNER 2.0: names and dates in news of 20 African languages, tagged by hand.

There is no English part. ``masakhaner2`` is for models of its four types, which train on one file of a language of the
user's choice; ``masakhaner2-names`` leaves dates out, so that models of names such as PAN-X's can answer it.
"""

from xharness.tasks.base import Reader, Recipe, Task
from xharness.tasks.languages import canonical
from xharness.tasks.metrics.tag_spans import SpanF1
from xharness.tasks.readers.beside import BesideReader
from xharness.tasks.readers.declared import TagsReader
from xharness.tasks.readers.tagged import ENTITY_TAGS
from xharness.tasks.recipes import LAST
from xharness.tasks.types.tagging import TAGGING

FOLDER = "masakhaner2"
NAMES = {
    canonical(name): name
    for name in "bam bbj ewe fon hau ibo kin lug luo mos nya pcm sna swa tsn twi wol xho yor zul".split()
}
DATES = ("B-DATE", "I-DATE")
FILES = {"train": "train.txt", "dev": "{language}/dev.txt", "test": "{language}/test.txt"}
PUBLISHED = dict(
    bm=1274, bbj=966, ee=1001, fon=1228, ha=1633, ig=2181, rw=2235, lg=1412, luo=1474, mos=1294, ny=1785, pcm=1613,
    sn=1773, sw=1883, tn=996, tw=1211, wo=1312, xh=1633, yo=1964, zu=1670,
)  # fmt: skip

RECIPE = Recipe(  # scripts of Adelani et al. 2022 for XLM-R, who take the last step
    learning_rate=5e-5,
    epochs=20,
    batch_size=32,
    max_length=164,
    selection=LAST,
)


def _task(name: str, title: str, labels: tuple[str, ...], reader: Reader, trains_on: str = "") -> Task:
    return Task(
        name=name,
        title=title,
        type=TAGGING,
        group="africa",
        languages=tuple(NAMES),
        metric=SpanF1(),
        reader=reader,
        data_folders=(FOLDER,) if name != FOLDER else (),
        data_of=(FOLDER,),
        labels=labels,
        published=PUBLISHED,
        max_length=164,
        recipe=None if trains_on else RECIPE,
        trains_on=trains_on,
        suite_folders=tuple(dict.fromkeys(filter(None, (name, trains_on, FOLDER)))),
        demo="newer:masakhaner2_files" if name == FOLDER else "",
        sample=("Ada / lives / in / Lagos", "B-PER, O, O, B-LOC: one tag a line"),
        citation="Adelani et al. 2022, MasakhaNER 2.0: Africa-centric Transfer Learning for Named Entity Recognition, "
        "EMNLP",
        licence="CC BY-NC 4.0",
        source="https://github.com/masakhane-io/masakhane-ner",
    )


TASKS = (
    _task(
        FOLDER,
        "MasakhaNER 2.0",
        (*ENTITY_TAGS, *DATES),
        TagsReader(files=FILES, names=NAMES, tags=(*ENTITY_TAGS, *DATES)),
    ),
    _task(
        f"{FOLDER}-names",
        "MasakhaNER 2.0 without dates",
        ENTITY_TAGS,
        BesideReader(
            TagsReader(files={"test": FILES["test"]}, names=NAMES, tags=ENTITY_TAGS, outside=DATES), (FOLDER,)
        ),
        trains_on="panx",
    ),
)
