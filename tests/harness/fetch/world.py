"""The demo world as its authors would have published it: archives, CoNLL-U, JSON, and parquet on the Hub."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from tests.harness.fetch.double import Double, parquet
from xharness.demo.files import World
from xharness.demo.world import files
from xharness.fetch import catalogue
from xharness.tasks import bucc2018, mlqa, panx, pawsx, tatoeba, tydiqa, udpos, xnli, xquad
from xharness.tasks.readers.bitext import THREE_LETTERS

ENTITIES = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")


def zipped(members: Mapping[str, str]) -> bytes:
    """A zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return stream.getvalue()


def tarred(members: Mapping[str, str | bytes], mode: str = "w:gz") -> bytes:
    """A tar archive."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        for name, text in members.items():
            content = text.encode() if isinstance(text, str) else text
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def made_up() -> dict[str, str]:
    """Every file of the tiny world by path."""
    return {file.path: file.text for file in files(World(0, "tiny"))}


def rows(text: str) -> list[list[str]]:
    """The fields of a tab-separated file."""
    return [line.split("\t") for line in text.splitlines()]


def publish(world: Mapping[str, str], double: Double) -> None:
    """Put everything that XTREME needs on the host."""
    for maker in (_xnli, _pawsx, _udpos, _panx, _questions, _bitexts):
        maker(world, double)


def put(double: Double, url: str, content: bytes | str) -> None:
    """A file behind an upstream URL."""
    double.files[url.partition("://")[2]] = content.encode() if isinstance(content, str) else content


def _xnli(world: Mapping[str, str], double: Double) -> None:
    header = "\t".join(["language", "gold_label", *(f"c{number}" for number in range(2, 6)), "sentence1", "sentence2"])
    test, dev = [header], [header]
    for language in xnli.LANGUAGES:
        pairs = rows(world[f"download/xnli/test-{language}.tsv"])
        gold = world[f"labels/xnli/test-{language}.tsv"].split()
        test += ["\t".join([language, label, "", "", "", "", *pair]) for pair, label in zip(pairs, gold, strict=True)]
        english = rows(world["download/xnli/dev-en.tsv"])
        dev += ["\t".join([language, row[2], "", "", "", "", *row[:2]]) for row in english]
    archive = {"XNLI-1.0/xnli.test.tsv": "\n".join(test) + "\n", "XNLI-1.0/xnli.dev.tsv": "\n".join(dev) + "\n"}
    put(double, f"{catalogue.FACEBOOK}/XNLI/XNLI-1.0.zip", zipped(archive))
    train = ["premise\thypo\tlabel"]
    train += [
        "\t".join([*row[:2], row[2].replace("contradiction", "contradictory")])
        for row in rows(world["download/xnli/train-en.tsv"])
    ]
    members = {"XNLI-MT-1.0/multinli/multinli.train.en.tsv": "\n".join(train) + "\n"}
    put(double, f"{catalogue.FACEBOOK}/XNLI/XNLI-MT-1.0.zip", zipped(members))


def _pawsx(world: Mapping[str, str], double: Double) -> None:
    def table(pairs: list[list[str]]) -> str:
        numbered = (f"{number}\t{first}\t{second}\t{label}\n" for number, (first, second, label) in enumerate(pairs, 1))
        return "id\tsentence1\tsentence2\tlabel\n" + "".join(numbered)

    members: dict[str, str | bytes] = {"x-final/en/train.tsv": table(rows(world["download/pawsx/train-en.tsv"]))}
    for language in pawsx.LANGUAGES:
        pairs = rows(world[f"download/pawsx/test-{language}.tsv"])
        gold = world[f"labels/pawsx/test-{language}.tsv"].split()
        labelled = [[*pair, label] for pair, label in zip(pairs, gold, strict=True)]
        members[f"x-final/{language}/test_2k.tsv"] = table(labelled)
        members[f"x-final/{language}/dev_2k.tsv"] = table(rows(world["download/pawsx/dev-en.tsv"]))
    put(double, "https://storage.googleapis.com/paws/pawsx/x-final.tar.gz", tarred(members))


def sentences(words: str, tags: str) -> list[list[tuple[str, str]]]:
    """Sentences of (word, tag) from the two files of a test set."""
    blocks = zip(words.strip("\n").split("\n\n"), tags.strip("\n").split("\n\n"), strict=True)
    return [list(zip(first.split("\n"), second.split("\n"), strict=True)) for first, second in blocks]


def tagged(text: str) -> list[list[tuple[str, str]]]:
    """Sentences of (word, tag) from a labelled file."""
    blocks = text.strip("\n").split("\n\n")
    return [[(row[0], row[1]) for row in rows(block)] for block in blocks]


def conllu(made: list[list[tuple[str, str]]]) -> str:
    """Sentences as a treebank."""
    lines = []
    for sentence in made:
        lines.append("# a sentence")
        for number, (word, tag) in enumerate(sentence, 1):
            lines.append(f"{number}\t{word}\t_\t{tag}\t_\t_\t{number - 1}\tdep\t_\t_")
        lines.append("")
    return "\n".join(lines) + "\n"


def _udpos(world: Mapping[str, str], double: Double) -> None:
    members: dict[str, str | bytes] = {}
    for language in udpos.LANGUAGES:
        test = sentences(world[f"download/udpos/test-{language}.tsv"], world[f"labels/udpos/test-{language}.tsv"])
        # Two treebanks, whose sentences come in the order of their names.
        members[f"ud-treebanks-v2.5/UD_X-B/{language}_b-ud-test.conllu"] = conllu(test[2:])
        members[f"ud-treebanks-v2.5/UD_X-A/{language}_a-ud-test.conllu"] = conllu(test[:2])
    for split in ("train", "dev"):
        made = tagged(world[f"download/udpos/{split}-en.tsv"])
        members[f"ud-treebanks-v2.5/UD_X-A/en_a-ud-{split}.conllu"] = conllu(made)
    put(double, catalogue.UD_25, tarred(members))


def _panx(world: Mapping[str, str], double: Double) -> None:
    for language in panx.LANGUAGES:
        test = sentences(world[f"download/panx/test-{language}.tsv"], world[f"labels/panx/test-{language}.tsv"])
        for split, made in (
            ("test", test),
            ("train", tagged(world["download/panx/train-en.tsv"])),
            ("validation", tagged(world["download/panx/dev-en.tsv"])),
        ):
            double.add("unimelb-nlp/wikiann", f"{language}/{split}-00000-of-00001.parquet", entities(made))


def entities(made: list[list[tuple[str, str]]]) -> bytes:
    """Sentences as WikiAnn's parquet."""
    columns: dict[str, Sequence[Any]] = {
        "tokens": [[word for word, _ in sentence] for sentence in made],
        "ner_tags": [[ENTITIES.index(tag) for _, tag in sentence] for sentence in made],
    }
    return parquet(columns, {"ner_tags": ENTITIES})


def _questions(world: Mapping[str, str], double: Double) -> None:
    for split in ("train", "dev"):
        name = f"{split}-v1.1.json"
        put(double, f"https://rajpurkar.github.io/SQuAD-explorer/dataset/{name}", world[f"download/squad/{name}"])
    for language in xquad.LANGUAGES:
        put(double, f"{catalogue.XQUAD}/xquad.{language}.json", world[f"labels/xquad/test-{language}.json"])
    members = {}
    for language in mlqa.LANGUAGES:
        stem = f"context-{language}-question-{language}.json"
        members[f"MLQA_V1/test/test-{stem}"] = world[f"labels/mlqa/test-{language}.json"]
        members[f"MLQA_V1/dev/dev-{stem}"] = world["download/mlqa/MLQA_V1/dev/dev-context-en-question-en.json"]
    put(double, f"{catalogue.FACEBOOK}/MLQA/MLQA_V1.zip", zipped(members))
    base = "https://storage.googleapis.com/tydiqa/v1.1/tydiqa-goldp-v1.1"
    dev = [json.loads(world[f"labels/tydiqa/test-{language}.json"])["data"] for language in tydiqa.LANGUAGES]
    put(double, f"{base}-dev.json", json.dumps({"version": "1.1", "data": [a for articles in dev for a in articles]}))
    train = json.loads(world["download/tydiqa/tydiqa-goldp-v1.1-train/tydiqa.goldp.en.train.json"])
    every = [*_renamed(train["data"], "english"), *(a for w in WORDS for a in _renamed(train["data"][:1], w))]
    put(double, f"{base}-train.json", json.dumps({"version": "1.1", "data": every}))


WORDS = ("arabic", "bengali", "finnish", "indonesian", "korean", "russian", "swahili", "telugu")


def _renamed(articles: list[Any], word: str) -> list[Any]:
    """The same articles with the ids of a language."""
    copied: list[Any] = json.loads(json.dumps(articles))
    for article in copied:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                question["id"] = f"{word}-{question['id']}"
    return copied


def _bitexts(world: Mapping[str, str], double: Double) -> None:
    for language in tatoeba.LANGUAGES:
        code = THREE_LETTERS[language]
        foreign = world[f"download/tatoeba/{language}-en.{language}"]
        in_order = world[f"download/tatoeba/{language}-en.en"].splitlines()
        places = [int(line) for line in world[f"labels/tatoeba/test-{language}.tsv"].split()]
        english = dict(zip(places, in_order, strict=True))
        put(double, f"{catalogue.LASER}/tatoeba.{code}-eng.{code}", foreign)
        text = "".join(f"{english[number]}\n" for number in range(len(english)))
        put(double, f"{catalogue.LASER}/tatoeba.{code}-eng.eng", text)
    for language in bucc2018.TASK.languages:
        for published, split in (("training", "test"), ("sample", "dev")):
            stem = f"bucc2018/{language}-en/{language}-en.{published}"
            gold = "labels/bucc2018/test-{}.tsv" if split == "test" else "download/bucc2018/{}-en.dev.gold"
            members: dict[str, str | bytes] = {
                f"{stem}.{side}": world[f"download/bucc2018/{language}-en.{split}.{side}"] for side in (language, "en")
            }
            members[f"{stem}.gold"] = world[gold.format(language)]
            url = f"https://comparable.limsi.fr/bucc2018/bucc2018-{language}-en.{published}-gold.tar.bz2"
            put(double, url, tarred(members, "w:bz2"))
