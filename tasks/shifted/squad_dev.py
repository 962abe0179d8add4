"""SQuAD 1.1's dev set: how good a model is at home, before its questions come from elsewhere."""

from dataclasses import replace

from xharness.tasks.base import DIAGNOSTICS
from xharness.tasks.intermediate.squad_v1 import TASK as SQUAD
from xharness.tasks.readers.beside import BesideReader
from xharness.tasks.readers.squad_english import SquadReader

FOLDERS = (SQUAD.name, *SQUAD.data_folders)

TASK = replace(
    SQUAD,
    name="squad-dev",
    title=f"{SQUAD.title}, dev",
    group=DIAGNOSTICS,
    reader=BesideReader(SquadReader(), FOLDERS, test="dev"),
    translated=None,
    recipe=None,
    trains_on=SQUAD.name,
    data_folders=FOLDERS,
    suite_folders=("squad", "squad_v1", "xquad", "mlqa"),
    published={"en": 10570},
    demo="",
)
