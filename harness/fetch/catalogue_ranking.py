"""Every part of the ranking tasks: XQuAD-R and Mewsli-X's pairs as published, and what has to be brought of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from xharness.fetch import convert, layout
from xharness.fetch.catalogue import DEV, GITHUB, TEST, TRAIN
from xharness.fetch.failures import Unavailable
from xharness.fetch.sources import Convert, DataPackage, Output, SourceFiles, by_hand, upstream
from xharness.tasks import lareqa, mewslix
from xharness.tasks.intermediate import wikipedia_pairs
from xharness.tasks.readers.xquad_r import FOLDER, gold_of

LAREQA = f"{GITHUB}/google-research-datasets/lareqa/5405d2a77e83d5ccb47623a3f9e5604c3f103193/{FOLDER}"
MEWSLIX = "https://storage.googleapis.com/gresearch/mewsli/mewsli-x_20220518_6.zip"
MEWSLIX_MD5 = "6d3f137027c7e0146c7aa0b3c21e90f4"


def lareqa_parts() -> Iterator[DataPackage]:
    """A file a language, and the gold that follows from all of them."""
    task = lareqa.TASK
    urls = {language: f"{LAREQA}/{language}.json" for language in task.languages}
    for language, url in urls.items():
        name = f"{language}.json"
        route = upstream(convert.each_as_published(f"download/lareqa/{FOLDER}", name), url)
        yield DataPackage(f"lareqa/{language}", "lareqa", language, (TEST,), "download/lareqa", task.licence, (route,))
    route = upstream(_lareqa_labels, *urls.values())
    yield DataPackage("lareqa/labels", "lareqa", "all", (), "labels/lareqa", task.licence, (route,))


def _lareqa_labels(got: SourceFiles) -> Iterator[Output]:
    """The right candidates of every question, in all languages."""
    paths = {language: got.path(number) for number, language in enumerate(lareqa.LANGUAGES)}
    gold, problems = gold_of(paths)
    if problems:
        raise Unavailable(f"{problems[0].file.name}:{problems[0].line}: {problems[0].what}")
    for language, right in gold.items():
        yield Output(f"labels/lareqa/{lareqa.TASK.file_name(language)}", layout.dump(right))


def mewslix_parts() -> Iterator[DataPackage]:
    """Mentions whose texts have to be restored, and the candidate set; imported from a folder."""
    task = mewslix.TASK
    why = f"the texts of WikiNews are not in the published archive ({MEWSLIX}, 291 MB, md5 {MEWSLIX_MD5})"
    how = (
        "its script get-mewsli-x.sh restores them, see mewsli-x.md in github.com/google-research/google-research; then "
        "import the folder that holds wikinews_mentions-test.jsonl and candidate_set_entities.jsonl with --from FOLDER"
    )
    for language in task.languages:
        route = by_hand(convert.by_hand, "wikinews_mentions-test.jsonl", why, how)
        yield DataPackage(
            f"mewslix/{language}", "mewslix", language, (TEST, "dev"), "download/mewslix", task.licence, (route,)
        )


def wikipedia_pairs_parts() -> Iterator[DataPackage]:
    """What Mewsli-X's models train on; unlike the texts of WikiNews it is in the archive."""
    task, folder = wikipedia_pairs.TASK, "download/mewslix"
    route = upstream(_pairs(folder), MEWSLIX)
    yield DataPackage(task.name, task.name, "en", (TRAIN, DEV), folder, task.licence, (route,))


def _pairs(folder: str) -> Convert:
    names = {f"wikipedia_pairs-{split}.jsonl": f"wikipedia_pairs-{split}.jsonl" for split in (TRAIN, DEV)}
    copied = convert.as_published(folder, names)

    def checked(files: SourceFiles) -> Iterator[Output]:
        with files.path(0).open("rb") as archive:
            found = hashlib.file_digest(archive, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        if found != MEWSLIX_MD5:
            raise Unavailable(f"its md5 is {found}, and that of the released archive is {MEWSLIX_MD5}")
        yield from copied(files)

    return checked
