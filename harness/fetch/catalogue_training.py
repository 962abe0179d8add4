"""Every part of the intermediate tasks: English training sets under the names that their authors gave them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xharness.fetch import convert, convert_hub
from xharness.fetch.catalogue import ALL, DEV, FACEBOOK, NLI, TEST, TRAIN, UD_25, UD_MEMBERS
from xharness.fetch.convert_hub import LabelOf
from xharness.fetch.layout import HubRow
from xharness.fetch.sources import DataPackage, Hub, by_hand, hub, upstream
from xharness.tasks.intermediate import INTERMEDIATE

GLUE = "bcdcba79d07bc864c1c254ccfcedcce55bcc9a8c"
SQUAD = "https://rajpurkar.github.io/SQuAD-explorer/dataset"


def squad_parts() -> Iterator[DataPackage]:
    """SQuAD 1.1, which XQuAD and MLQA train on, where XTREME puts it; SQuAD 2.0 among the intermediate tasks."""
    for task, version, folder, dataset, config, revision in (
        (
            "squad_v1", "1.1", "download/squad", "rajpurkar/squad", "plain_text",
            "7b6d24c440a36b6815f21b70d25016731768db1f",
        ),
        (
            "squad_v2", "2.0", "intermediate/squad_v2", "rajpurkar/squad_v2", "squad_v2",
            "3ffb306f725f7d2ce8394bc1873b24868140c412",
        ),
    ):  # fmt: skip
        names = tuple(f"{split}-v{version}.json" for split in (TRAIN, DEV))
        copies = tuple(Hub(dataset, config, split, revision) for split in ("train", "validation"))
        yield DataPackage(
            task, task, "en", (TRAIN, DEV), folder, INTERMEDIATE[task].licence,
            (
                upstream(convert.each_as_published(folder, *names), *(f"{SQUAD}/{name}" for name in names)),
                hub(convert_hub.squad_files(version, folder), *copies),
            ),
        )  # fmt: skip


def nli_parts() -> Iterator[DataPackage]:
    """MultiNLI, SNLI and the three rounds of ANLI; ANLI+ is all of them."""
    yield _mnli()
    yield _snli()
    yield _anli()


def _mnli() -> DataPackage:
    mnli = {
        f"multinli_1.0_{name}.jsonl": f"multinli_1.0_{name}.jsonl"
        for name in ("train", "dev_matched", "dev_mismatched")
    }
    targets = {
        f"intermediate/mnli/{name}.jsonl": i for i, name in enumerate(("train", "dev_matched", "dev_mismatched"))
    }
    copies = tuple(
        Hub("nyu-mll/glue", "mnli", split, GLUE, NLI)
        for split in ("train", "validation_matched", "validation_mismatched")
    )
    return DataPackage(
        "mnli", "mnli", "en", (TRAIN, DEV), "intermediate/mnli", INTERMEDIATE["mnli"].licence,
        (
            upstream(
                convert.as_published("intermediate/mnli", mnli), "https://cims.nyu.edu/~sbowman/multinli/multinli_1.0.zip"
            ),
            hub(convert_hub.lines(targets, _nli, "label", copies), *copies),
        ),
    )  # fmt: skip


def _snli() -> DataPackage:
    snli = {f"snli_1.0_{split}.jsonl": f"snli_1.0_{split}.jsonl" for split in ALL}
    revision = "cdb5c3d5eed6ead6e5a341c8e56e669bb666725b"
    copies = tuple(
        Hub("stanfordnlp/snli", "plain_text", split, revision, NLI) for split in ("train", "validation", "test")
    )
    targets = {f"intermediate/snli/{split}.jsonl": i for i, split in enumerate(ALL)}
    return DataPackage(
        "snli", "anli_plus", "en", ALL, "intermediate/snli", "CC BY-SA 4.0",
        (
            upstream(
                convert.as_published("intermediate/snli", snli), "https://nlp.stanford.edu/projects/snli/snli_1.0.zip"
            ),
            hub(convert_hub.lines(targets, _nli, "label", copies), *copies),
        ),
    )  # fmt: skip


def _anli() -> DataPackage:
    rounds = [(number, split) for number in (1, 2, 3) for split in ALL]
    anli = {f"R{number}/{split}.jsonl": f"R{number}/{split}.jsonl" for number, split in rounds}
    copies = tuple(Hub("facebook/anli", "plain_text", f"{split}_r{number}", labels=NLI) for number, split in rounds)
    targets = {f"intermediate/anli_v1.0/R{number}/{split}.jsonl": i for i, (number, split) in enumerate(rounds)}
    return DataPackage(
        "anli", "anli_plus", "en", ALL, "intermediate/anli_v1.0", "CC BY-NC 4.0",
        (
            upstream(convert.as_published("intermediate/anli_v1.0", anli), f"{FACEBOOK}/anli/anli_v1.0.zip"),
            hub(convert_hub.lines(targets, _nli, "label", copies), *copies),
        ),
    )  # fmt: skip


def _nli(row: HubRow, label_of: LabelOf) -> HubRow:
    kept = {key: row[key] for key in ("uid", "genre") if row.get(key)}
    return {**kept, "sentence1": row["premise"], "sentence2": row["hypothesis"], "label": label_of(row["label"]) or "-"}


def qqp_parts() -> Iterator[DataPackage]:
    """Quora Question Pairs as GLUE has them."""
    members = {f"QQP/{split}.tsv": f"{split}.tsv" for split in ALL}
    copies = tuple(Hub("nyu-mll/glue", "qqp", split, GLUE) for split in ("train", "validation", "test"))
    targets = {f"intermediate/qqp/{split}.jsonl": i for i, split in enumerate(ALL)}
    yield DataPackage(
        "qqp", "qqp", "en", ALL, "intermediate/qqp", INTERMEDIATE["qqp"].licence,
        (
            upstream(convert.as_published("intermediate/qqp", members), f"{FACEBOOK}/glue/data/QQP-clean.zip"),
            hub(convert_hub.lines(targets, _qqp, "label", copies), *copies),
        ),
    )  # fmt: skip


def _qqp(row: HubRow, label_of: LabelOf) -> HubRow:
    """The number is the label: 1 is a duplicate, whatever its name."""
    name = label_of(row["label"])
    label = {"not_duplicate": "0", "duplicate": "1", None: ""}.get(name, name)
    return {"id": row["idx"], "question1": row["question1"], "question2": row["question2"], "is_duplicate": label}


def choice_parts() -> Iterator[DataPackage]:
    """HellaSwag, Cosmos QA, CommonsenseQA, Social IQa; COPA lies with XCOPA."""
    raw = "https://raw.githubusercontent.com"
    names = {split: f"hellaswag_{'val' if split == DEV else split}.jsonl" for split in ALL}
    yield _choice(
        "hellaswag", ALL, names, [f"{raw}/rowanz/hellaswag/master/data/{name}" for name in names.values()],
        ("Rowan/hellaswag", "default", "218ec52e09a7e7462a5400043bb9a69a41d06b76"), names, lambda row, _: row, "label",
    )  # fmt: skip
    names = {TRAIN: "train.csv", DEV: "valid.csv", TEST: "test.jsonl"}
    plain = {TRAIN: "train.jsonl", DEV: "valid.jsonl", TEST: "test.jsonl"}
    yield _choice(
        "cosmosqa", ALL, names, [f"{raw}/wilburOne/cosmosqa/master/data/{name}" for name in names.values()],
        ("allenai/cosmos_qa", "default", ""), plain, lambda row, _: row, "label",
    )  # fmt: skip
    names = {split: f"{split}_rand_split{'_no_answers' if split == TEST else ''}.jsonl" for split in ALL}
    yield _choice(
        "commonsenseqa", ALL, names, [f"https://s3.amazonaws.com/commensenseqa/{name}" for name in names.values()],
        ("tau/commonsense_qa", "default", "94630fe30dad47192a8546eb75f094926d47e155"), names, lambda row, _: row,
        "answerKey",
    )  # fmt: skip
    yield _social_iqa()


def _social_iqa() -> DataPackage:
    members = {f"{split}{end}": f"{split}{end}" for split in (TRAIN, DEV) for end in (".jsonl", "-labels.lst")}
    copies = tuple(Hub("allenai/social_i_qa", "default", split) for split in ("train", "validation"))
    targets = {f"intermediate/socialiqa/socialIQa_v1.4_{name}.jsonl": i for i, name in enumerate(("trn", "dev"))}
    return DataPackage(
        "socialiqa", "socialiqa", "en", (TRAIN, DEV), "intermediate/socialiqa", INTERMEDIATE["socialiqa"].licence,
        (
            upstream(
                convert.as_published("intermediate/socialiqa", members),
                "https://storage.googleapis.com/ai2-mosaic/public/socialiqa/socialiqa-train-dev.zip",
            ),
            hub(convert_hub.lines(targets, _social, "label", copies), *copies),
        ),
    )  # fmt: skip


def _choice(
    task: str, splits: tuple[str, ...], names: dict[str, str], urls: list[str], copy: tuple[str, str, str],
    copied: dict[str, str], make: Callable[[HubRow, LabelOf], HubRow], label: str,
) -> DataPackage:  # fmt: skip
    """A set that is published as one file a split."""
    folder = f"intermediate/{task}"
    dataset, config, revision = copy
    on_hub = {TRAIN: "train", DEV: "validation", TEST: "test"}
    copies = tuple(Hub(dataset, config, on_hub[split], revision) for split in splits)
    targets = {f"{folder}/{copied[split]}": index for index, split in enumerate(splits)}
    return DataPackage(
        task, task, "en", splits, folder, INTERMEDIATE[task].licence,
        (
            upstream(convert.each_as_published(folder, *names.values()), *urls),
            hub(convert_hub.lines(targets, make, label, copies), *copies),
        ),
    )  # fmt: skip


def _social(row: HubRow, label_of: LabelOf) -> HubRow:
    """The numbers 1 to 3 in ``label`` are what the published files call ``correct`` (A to C)."""
    kept = {key: row[key] for key in ("context", "question", "answerA", "answerB", "answerC")}
    return {**kept, "correct": label_of(row["label"])}


def syntax_parts() -> Iterator[DataPackage]:
    """Dependency relations from the English treebanks; CCGbank, which only its licence holders have."""
    yield DataPackage(
        "ud_dependency", "ud_dependency", "en", ALL, "intermediate/ud_dependency",
        INTERMEDIATE["ud_dependency"].licence,
        (upstream(convert.treebanks("intermediate/ud_dependency", "en", UD_MEMBERS), UD_25),),
        "the Hub has no untouched treebanks of this version",
    )  # fmt: skip
    yield DataPackage(
        "ccg", "ccg", "en", ALL, "intermediate/ccg", INTERMEDIATE["ccg"].licence,
        (
            by_hand(
                convert.by_hand, "CCGbank (LDC2005T13)", "its licence lets only the LDC hand it out",
                "order LDC2005T13 at catalog.ldc.upenn.edu and put its AUTO folder into DATA/intermediate/ccg/",
            ),
        ),
    )  # fmt: skip
