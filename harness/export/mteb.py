"""A run as a results folder of mteb: only what MTEB measures too, by its protocol and on its data.

``<out>/results/<owner>__<model>/<revision>/<task>.json`` and ``model_meta.json`` beside it, as mteb 2 reads them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xharness.export.model_name import ModelName
from xharness.runs.cells import CellItems
from xharness.runs.reading import Run
from xharness.runs.record import Record
from xharness.runs.verify import VARIANT_METRICS
from xharness.submissions.signature import Signature
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import render_json
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.languages import language
from xharness.tasks.readers.bitext import THREE_LETTERS
from xharness.tasks.registry import Registry

SCRIPTS = {
    "Arabic": "Arab", "Bengali": "Beng", "Chinese": "Hans", "Cyrillic": "Cyrl", "Devanagari": "Deva",
    "Georgian": "Geor", "Greek": "Grek", "Hangul": "Hang", "Hebrew": "Hebr", "Japanese": "Jpan", "Latin": "Latn",
    "Malayalam": "Mlym", "Tamil": "Taml", "Telugu": "Telu", "Thai": "Thai",
}  # fmt: skip
"""Names of scripts to their codes in ISO 15924."""
ENGLISH = "eng-Latn"


@dataclass(frozen=True)
class MtebTask:
    """A task of MTEB whose numbers stand beside the official ones of one of ours.

    Attributes:
        scores: MTEB's names of scores, and the variant of ours that each is.
        main: The one that MTEB ranks by.
    """

    name: str
    ours: str
    scores: Mapping[str, str]
    main: str = "f1"

    def subset(self, code: str) -> str:
        """MTEB's name of a language."""
        return f"{THREE_LETTERS[code]}-eng" if self.ours == TATOEBA else f"{code}-en"


TATOEBA, BUCC = "tatoeba", "bucc2018"
TASKS = (
    MtebTask("Tatoeba", TATOEBA, {"f1": "mteb_f1", "accuracy": "accuracy_to_english"}),
    MtebTask("BUCC", BUCC, {"f1": "mteb_v1_f1", "accuracy": "mteb_v1_accuracy"}),
    MtebTask("BUCC.v2", BUCC, {"f1": "mteb_v2_f1", "accuracy": "mteb_v2_accuracy"}),
)


def mteb_files(run: Run, registry: Registry) -> tuple[dict[str, str], list[str]]:
    """Contents by name, and a line for each thing of the run that MTEB does not measure so.

    Raises:
        UserError: there is nothing that it measures so.
    """
    model, left_out = ModelName.of(run.manifest), _foreign(run)
    folder = f"results/{model.name.replace('/', '__').replace(' ', '_')}/{model.revision}"
    files = {}
    for task in TASKS:
        cells = [cell for cell in run.cells if cell[0].task == task.ours]
        listed, why = _scores(task, cells, registry)
        left_out += [f"{task.name}: {each}" for each in why]
        if listed:
            files[f"{folder}/{task.name}.json"] = render_json(_result(task, listed, cells))
    if not files:
        fix = "evaluate tatoeba or bucc2018 whole, on the published data; or choose another --format"
        raise UserError(f"{run.path} has nothing that MTEB measures", "; ".join(left_out) or "no bitext task", fix)
    return {**files, f"{folder}/model_meta.json": render_json(_meta(model))}, left_out


def _foreign(run: Run) -> list[str]:
    """Tasks that MTEB does not have, or measures otherwise."""
    names = [name for name in run.scores.cells if name not in (TATOEBA, BUCC)]
    return [f"{', '.join(names)}: MTEB does not have it by the same protocol"] if names else []


def _scores(
    task: MtebTask, cells: Sequence[tuple[Record, CellItems]], registry: Registry
) -> tuple[list[dict[str, Json]], list[str]]:
    """The scores of each language, as fractions, and why those of others are left out."""
    found, left_out = list[dict[str, Json]](), []
    for record, items in cells:
        if why := _not_theirs(task, record, items, registry):
            left_out.append(f"{record.language}: {why}")
            continue
        values = {name: _fraction(record.variants[ours], items, ours) for name, ours in task.scores.items()}
        found.append(
            {**values, "main_score": values[task.main], "hf_subset": task.subset(record.language),
             "languages": [_tagged(record.language), ENGLISH]}
        )  # fmt: skip
    return found, left_out


def _not_theirs(task: MtebTask, record: Record, items: CellItems, registry: Registry) -> str:
    """Why the numbers of a cell are not those that MTEB would print; empty if they are."""
    if missing := [name for name in task.scores.values() if name not in items or name not in record.variants]:
        return f"there is no {missing[0]}"
    there, published = len(items[task.scores[task.main]].ids), registry.task(task.ours).published.get(record.language)
    if there != published:
        return f"{there} queries, and MTEB has {published}"
    return "" if record.split == "test" else f"it is {record.split}, not test"


def _fraction(metric: str, items: CellItems, name: str) -> float:
    measured = VARIANT_METRICS[metric]
    return float(measured.aggregate(items[name].statistics.sum(axis=0))[measured.primary_scores[0]]) / 100


def _tagged(code: str) -> str:
    """Language and script: ``deu-Latn``."""
    return f"{THREE_LETTERS[code]}-{SCRIPTS[language(code).script]}"


def _result(task: MtebTask, listed: Sequence[JsonObject], cells: Sequence[tuple[Record, CellItems]]) -> JsonObject:
    """A ``TaskResult``. mteb did not compute it, so that it has no version of mteb and no revision of its data set."""
    data = "".join(Signature.parse(record.signature)["data"] for record, _ in cells)
    return {
        "dataset_revision": f"xharness-{hashlib.sha256(data.encode()).hexdigest()[:12]}",
        "task_name": task.name,
        "mteb_version": None,
        "scores": {"test": list(listed)},
        "evaluation_time": None,
    }


def _meta(model: ModelName) -> JsonObject:
    """A ``ModelMeta``; what a run does not tell is null."""
    unknown = (
        "loader", "release_date", "languages", "n_parameters", "memory_usage_mb", "max_tokens", "embed_dim", "license",
        "open_weights", "public_training_code", "public_training_data", "similarity_fn_name", "use_instructions",
        "training_datasets",
    )  # fmt: skip
    return {"name": model.name, "revision": model.revision, "framework": ["PyTorch"], **dict.fromkeys(unknown)}
