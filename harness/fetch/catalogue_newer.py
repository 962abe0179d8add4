"""Every part of the newer benchmarks, in the layout in which their authors publish them, with the gold beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from xharness.fetch import convert
from xharness.fetch.catalogue import ALL, DEV, FACEBOOK, GITHUB, TEST, TRAIN
from xharness.fetch.sources import (
    DataPackage,
    Origin,
    Output,
    SourceFiles,
    SourceRoute,
    Upstream,
    by_hand,
    upstream,
)
from xharness.tasks.base import Reader, Task
from xharness.tasks.packs import PACKS, americasnli, belebele, flores, masakhaner2, massive, ntrex, sib200
from xharness.tasks.readers.declared import ENGLISH, DeclaredReader

SIB_200 = f"{GITHUB}/dadelani/sib-200/593cea88519930f776c1a4a1980b6a35b39dca57/data/annotated"
AMERICAS_NLI = f"{GITHUB}/abteen/americasnli/bebd02ca1e4529016fca2e4554a5c48c285b8fba/data/anli_final"
MASAKHANER = f"{GITHUB}/masakhane-io/masakhane-ner/ba5843cd08aa491d5f96a5e809e71eb9ec461391/MasakhaNER2.0/data"
NTREX = f"{GITHUB}/MicrosoftTranslator/NTREX/8561f6a622db9edad1217683e5c83daefd8bb2bf/NTREX-128"
FLORES = f"{FACEBOOK}/nllb/flores200_dataset.tar.gz"
BELEBELE = f"{FACEBOOK}/belebele/Belebele.zip"
MASSIVE = "https://amazon-massive-nlu-dataset.s3.amazonaws.com/amazon-massive-dataset-1.0.tar.gz"


def sib200_parts() -> Iterator[DataPackage]:
    """Dev and test in every language, train in English."""
    for code, name in sib200.NAMES.items():
        splits = ALL if code == ENGLISH else (DEV, TEST)
        names = {split: f"{name}/{split}.tsv" for split in splits}
        yield _files(sib200.TASK, code, splits, names, {split: f"{SIB_200}/{file}" for split, file in names.items()})


def americasnli_parts() -> Iterator[DataPackage]:
    """Dev and test; training is XNLI's."""
    for code, name in americasnli.NAMES.items():
        names = {split: f"{split}/{name}.tsv" for split in (DEV, TEST)}
        urls = {split: f"{AMERICAS_NLI}/{file}" for split, file in names.items()}
        yield _files(americasnli.TASK, code, (DEV, TEST), names, urls)


def masakhaner2_parts() -> Iterator[DataPackage]:
    """All splits; a training file has to be chosen."""
    for code, name in masakhaner2.NAMES.items():
        names = {split: f"{name}/{split}.txt" for split in ALL}
        urls = {split: f"{MASAKHANER}/{file}" for split, file in names.items()}
        yield _files(PACKS[masakhaner2.FOLDER], code, (DEV, TEST), names, urls)


def ntrex_parts() -> Iterator[DataPackage]:
    """English and another language."""
    for code, name in ntrex.NAMES.items():
        names = {ENGLISH: "newstest2019-src.eng.txt", TEST: f"newstest2019-ref.{name}.txt"}
        yield _files(ntrex.TASK, code, (TEST,), names, {key: f"{NTREX}/{file}" for key, file in names.items()})


def flores_parts() -> Iterator[DataPackage]:
    """English and another language, dev and devtest."""
    for code in flores.LANGUAGES:
        names = [flores.NAMES[each] for each in (ENGLISH, code)]
        members = {
            f"{split}/{name}.{split}": f"flores200_dataset/{split}/{name}.{split}"
            for split in ("dev", "devtest")
            for name in names
        }
        test = [f"devtest/{name}.devtest" for name in names]
        yield _archive(flores.TASK, code, (DEV, TEST), FLORES, members, test)


def belebele_parts() -> Iterator[DataPackage]:
    """Test in every language; the English training set is assembled by the authors' script."""
    task = belebele.TASK
    for code, name in belebele.NAMES.items():
        file = f"{name}.jsonl"
        yield _archive(task, code, (TEST,), BELEBELE, {file: f"Belebele/{file}"}, [file])
    route = by_hand(
        convert.each_as_published("download/belebele", belebele.TRAINING),
        belebele.TRAINING,
        "a script of the authors assembles it from six data sets, one of which is encrypted",
        f"run assemble_training_set.py of {task.source}, then import what it writes with --from {belebele.TRAINING}",
    )
    yield DataPackage("belebele/train", "belebele", ENGLISH, (TRAIN, DEV), "download/belebele", task.licence, (route,))


def massive_parts() -> Iterator[DataPackage]:
    """One file a locale, with all splits."""
    for code, name in massive.NAMES.items():
        file = f"{name}.jsonl"
        yield _archive(massive.TASK, code, ALL, MASSIVE, {file: f"1.0/data/{file}"}, [file])


def _files(
    task: Task, code: str, splits: tuple[str, ...], names: Mapping[str, str], urls: Mapping[str, str]
) -> DataPackage:
    """A part of files that are published one by one.

    Args:
        names: Where each goes below the task's folder, those of test last.
        urls: Where each comes from, by the same keys.
    """

    def made(files: SourceFiles) -> Iterator[Output]:
        paths = [files.folder(index) / Path(name).name for index, name in enumerate(names.values())]
        for name, path in zip(names.values(), paths, strict=True):
            yield Output(f"download/{task.name}/{name}", path.read_bytes())
        yield from _gold(task, code, [path for key, path in zip(names, paths, strict=True) if key in (ENGLISH, TEST)])

    sources = tuple(Upstream(urls[key], in_folder=True) for key in names)
    return _part(task, code, splits, SourceRoute(Origin.UPSTREAM, sources, made))


def _archive(
    task: Task, code: str, splits: tuple[str, ...], url: str, members: Mapping[str, str], test: list[str]
) -> DataPackage:
    """A part that lies in an archive.

    Args:
        members: Where each member goes below the task's folder, to its path in the archive.
        test: Those of the test.
    """

    def made(files: SourceFiles) -> Iterator[Output]:
        unpacked = files.folder(0, *sorted({f"*{Path(member).suffix}" for member in members.values()}))
        for name, member in members.items():
            yield Output(f"download/{task.name}/{name}", convert.member(unpacked, member).read_bytes())
        yield from _gold(task, code, [convert.member(unpacked, members[name]) for name in test])

    return _part(task, code, splits, upstream(made, url))


def _part(task: Task, code: str, splits: tuple[str, ...], route: SourceRoute) -> DataPackage:
    folder = f"download/{task.name}"
    return DataPackage(f"{task.name}/{code}", task.name, code, splits, folder, task.licence, (route,))


def _gold(task: Task, code: str, files: list[Path]) -> Iterator[Output]:
    """The labels of the test, which the files hold as well, where ``xharness score`` reads them."""
    reader: Reader | None = belebele.TEST if task is belebele.TASK else task.reader
    assert isinstance(reader, DeclaredReader)
    found = reader.parse(tuple(files), TEST)
    if not found.problems and found.gold is not None:
        yield Output(f"labels/{task.name}/{task.file_name(code)}", task.type.render(found.gold).encode())
