"""Every part of XTREME and XTREME-R: its sources in order of trust, and what is known to be wrong with the others."""

from __future__ import annotations

from collections.abc import Iterator

from xharness.fetch import convert, convert_hub, convert_questions
from xharness.fetch.sources import DataPackage, Hub, by_hand, hub, upstream
from xharness.tasks import bucc2018, mlqa, panx, pawsx, tydiqa, udpos, xcopa, xnli, xquad
from xharness.tasks.readers.bitext import THREE_LETTERS
from xharness.tasks.readers.tagged import ENTITY_TAGS
from xharness.tasks.registry import languages_of
from xharness.tasks.tatoeba import LANGUAGES
from xharness.tasks.tatoeba import TASK as TATOEBA

FACEBOOK = "https://dl.fbaipublicfiles.com"
GITHUB = "https://raw.githubusercontent.com"
LASER = f"{GITHUB}/facebookresearch/LASER/fec5c7d63daa2bea9d127e8252b10e87278586c0/data/tatoeba/v1"
XQUAD = f"{GITHUB}/google-deepmind/xquad/60cac411649156efb6aab9dd4c9cde787a2c0345"
XCOPA = f"{GITHUB}/cambridgeltl/xcopa/master/data"
XQUAD_HUB = "51adfef1c1287aab1d2d91b5bead9bcfb9c68583"
UD_25 = "https://lindat.mff.cuni.cz/repository/xmlui/bitstream/handle/11234/1-3105/ud-treebanks-v2.5.tgz"
UD_27 = "https://lindat.mff.cuni.cz/repository/xmlui/bitstream/handle/11234/1-3424/ud-treebanks-v2.7.tgz"
NLI = ("entailment", "neutral", "contradiction")
TRAIN, DEV, TEST = "train", "dev", "test"
ALL = (TRAIN, DEV, TEST)

UD_WORDS = {
    "af": "Afrikaans", "ar": "Arabic", "bg": "Bulgarian", "en": "English", "es": "Spanish", "et": "Estonian",
    "eu": "Basque", "fa": "Persian", "fi": "Finnish", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "kk": "Kazakh", "ko": "Korean", "mr": "Marathi",
    "nl": "Dutch", "pt": "Portuguese", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog", "tr": "Turkish",
    "ur": "Urdu", "vi": "Vietnamese", "yo": "Yoruba",
}  # fmt: skip
"""Names of the Hub's configurations; de, el, fr, ru and zh are missing on purpose."""
UD_WRONG = (
    "the Hub's copy mixes in other languages (Swiss German, Ancient Greek, Old French, Old Russian, Classical Chinese)"
)
UD_LOSSY = "splits multi-word tokens and drops withheld words one by one, so that words differ from XTREME's"
UD_MEMBERS = tuple(f"{language}_*.conllu" for language in udpos.LANGUAGES)
UD_27_MEMBERS = tuple(f"{language}_*.conllu" for language in udpos.ADDED)


def _xtreme(config: str, split: str) -> Hub:
    return Hub("google/xtreme", config, split)


def xnli_parts() -> Iterator[DataPackage]:
    """Dev and test in every language, and MultiNLI's English from the machine-translated sets."""
    task = xnli.TASK
    columns = ("sentence1", "sentence2", "gold_label")
    for language in task.languages:
        sources = (_xtreme("XNLI", "validation"), _xtreme("XNLI", "test"))
        yield DataPackage(
            f"xnli/{language}", "xnli", language, (DEV, TEST), "download/xnli", task.licence,
            (
                upstream(
                    convert.through_reader(task, language, (DEV, TEST), "xnli.dev.tsv", "xnli.test.tsv"),
                    f"{FACEBOOK}/XNLI/XNLI-1.0.zip",
                ),
                hub(convert_hub.pairs(task, language, (DEV, TEST), columns, sources), *sources),
            ),
        )  # fmt: skip
    train = Hub("facebook/xnli", "en", "train", labels=NLI)
    yield DataPackage(
        "xnli/train", "xnli", "en", (TRAIN,), "download/xnli", task.licence,
        (
            upstream(
                convert.through_reader(task, "en", (TRAIN,), "multinli.train.en.tsv"),
                f"{FACEBOOK}/XNLI/XNLI-MT-1.0.zip",
            ),
            hub(convert_hub.pairs(task, "en", (TRAIN,), ("premise", "hypothesis", "label"), (train,)), train),
        ),
    )  # fmt: skip


def pawsx_parts() -> Iterator[DataPackage]:
    """Dev and test in every language, train in English."""
    task = pawsx.TASK
    columns = ("sentence1", "sentence2", "label")
    for language in task.languages:
        splits = ALL if language == "en" else (DEV, TEST)
        members = tuple(f"{language}/{name}" for name in ("train.tsv", "dev_2k.tsv", "test_2k.tsv"))
        config = f"PAWS-X.{language}"
        sources = tuple(_xtreme(config, "validation" if split == DEV else split) for split in splits)
        yield DataPackage(
            f"pawsx/{language}", "pawsx", language, splits, "download/pawsx", task.licence,
            (
                upstream(
                    convert.through_reader(task, language, splits, *members),
                    "https://storage.googleapis.com/paws/pawsx/x-final.tar.gz",
                ),
                hub(
                    convert_hub.pairs(task, language, splits, columns, sources), *sources,
                    lossy="drops rows, so that the files are not those of the leaderboard",
                ),
            ),
        )  # fmt: skip


def udpos_parts() -> Iterator[DataPackage]:
    """All treebanks of a language: 2.5 for XTREME, 2.7 for the languages that XTREME-R adds."""
    task = udpos.TASK
    for language in languages_of(task):
        added = language in udpos.ADDED
        url, members = (UD_27, UD_27_MEMBERS) if added else (UD_25, UD_MEMBERS)
        routes = [upstream(convert.through_reader(task, language, ALL, *members, lenient=True), url)]
        if language in UD_WORDS:
            config = f"udpos.{UD_WORDS[language]}"
            splits = {"kk": (TRAIN, TEST), "th": (TEST,), "tl": (TEST,), "yo": (TEST,)}.get(language, ALL)
            sources = tuple(_xtreme(config, "validation" if split == DEV else split) for split in splits)
            made = convert_hub.tags(task, language, splits, ("tokens", "pos_tags"), sources)
            routes.append(hub(made, *sources, lossy=UD_LOSSY))
        missing = "" if language in UD_WORDS else "not part of the Hub's copy" if added else UD_WRONG
        yield DataPackage(
            f"udpos/{language}", "udpos", language, ALL, "download/udpos", task.licence, tuple(routes), missing
        )


def panx_parts() -> Iterator[DataPackage]:
    """WikiAnn in the splits of Rahimi et al.: the Hub first, as the authors' share is gone."""
    task = panx.TASK
    for language in languages_of(task):
        routes = []
        copies = [("unimelb-nlp/wikiann", language)]
        copies += [("google/xtreme", f"PAN-X.{language}")] if language in task.languages else []
        tags = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
        assert set(tags) == set(ENTITY_TAGS)
        for dataset, config in copies:
            sources = tuple(Hub(dataset, config, split, labels=tags) for split in ("train", "validation", "test"))
            routes.append(hub(convert_hub.tags(task, language, ALL, ("tokens", "ner_tags"), sources), *sources))
        routes.append(
            by_hand(
                convert.panx(task, language),
                "AmazonPhotos.zip",
                "the authors share it in a web page that programs cannot read, and the link may be dead",
                "get it by the link in github.com/afshinrahimi/mmner, then import it with --from AmazonPhotos.zip",
            )
        )
        yield DataPackage(f"panx/{language}", "panx", language, ALL, "download/panx", task.licence, tuple(routes))


def xquad_parts() -> Iterator[DataPackage]:
    """Test only; training is SQuAD."""
    for language in languages_of(xquad.TASK):
        name = f"xquad.{language}.json"
        own = Hub("google/xquad", f"xquad.{language}", "validation", XQUAD_HUB)
        routes = [
            upstream(convert_questions.questions("xquad", language, name, name), f"{XQUAD}/{name}"),
            hub(convert_hub.questions("xquad", language, name), own),
        ]
        if language in xquad.LANGUAGES:
            routes.append(
                hub(convert_hub.questions("xquad", language, name), _xtreme(f"XQuAD.{language}", "validation"))
            )
        yield DataPackage(
            f"xquad/{language}", "xquad", language, (TEST,), "download/xquad", xquad.TASK.licence, tuple(routes)
        )


def mlqa_parts() -> Iterator[DataPackage]:
    """Dev and test with question and paragraph in the same language, as XTREME scores them."""
    for language in mlqa.LANGUAGES:
        yield DataPackage(
            f"mlqa/{language}", "mlqa", language, (DEV, TEST), "download/mlqa", mlqa.TASK.licence,
            (
                upstream(convert_questions.mlqa(language), f"{FACEBOOK}/MLQA/MLQA_V1.zip"),
                *(
                    hub(convert_hub.mlqa(language), Hub(dataset, config, "test"), Hub(dataset, config, "validation"))
                    for dataset, config in (
                        ("google/xtreme", f"MLQA.{language}.{language}"),
                        ("facebook/mlqa", f"mlqa.{language}.{language}"),
                    )
                ),
            ),
        )  # fmt: skip


def tydiqa_parts() -> Iterator[DataPackage]:
    """Published dev is the test; English train is what zero-shot models may see, the others lie beside it."""
    licence = tydiqa.TASK.licence
    base = "https://storage.googleapis.com/tydiqa/v1.1/tydiqa-goldp-v1.1"
    copies = (("google/xtreme", "tydiqa"), ("google-research-datasets/tydiqa", "secondary_task"))
    for language in tydiqa.LANGUAGES:
        for name, split, published, ours, maker in (
            (language, "validation", "dev", (TEST,), convert_questions.tydiqa_test),
            (f"train-{language}", "train", "train", (TRAIN,), convert_questions.tydiqa_train),
        ):
            hubs = (
                hub(convert_hub.tydiqa(language, published), Hub(dataset, config, split)) for dataset, config in copies
            )
            routes = (upstream(maker(language), f"{base}-{published}.json"), *hubs)
            yield DataPackage(f"tydiqa/{name}", "tydiqa", language, ours, "download/tydiqa", licence, routes)


def bucc_parts() -> Iterator[DataPackage]:
    """XTREME's test is the shared task's training set, its dev the sample."""
    base = "https://comparable.limsi.fr/bucc2018/bucc2018"
    for language in bucc2018.TASK.languages:
        urls = (f"{base}-{language}-en.{name}-gold.tar.bz2" for name in ("training", "sample"))
        yield DataPackage(
            f"bucc2018/{language}", "bucc2018", language, (DEV, TEST), "download/bucc2018", bucc2018.TASK.licence,
            (upstream(convert.bucc(language), *urls),),
            "the Hub's copy has only the gold pairs, not the corpora to find them in",
        )  # fmt: skip


def tatoeba_parts() -> Iterator[DataPackage]:
    """LASER's files at one commit."""
    for language in languages_of(TATOEBA):
        code = THREE_LETTERS[language]
        urls = (f"{LASER}/tatoeba.{code}-eng.{side}" for side in (code, "eng"))
        routes = [upstream(convert.tatoeba(language), *urls)]
        on_hub = language in LANGUAGES and language != "te"
        if on_hub:
            routes.append(hub(convert_hub.tatoeba(language), _xtreme(f"tatoeba.{code}", "validation")))
        missing = "" if on_hub else "not part of the Hub's copy"
        yield DataPackage(
            f"tatoeba/{language}", "tatoeba", language, (TEST,), "download/tatoeba", TATOEBA.licence, tuple(routes),
            missing,
        )  # fmt: skip


def xcopa_parts() -> Iterator[DataPackage]:
    """Val and test in every language; English COPA to train on."""
    licence = xcopa.TASK.licence
    for language in xcopa.LANGUAGES:
        urls = (f"{XCOPA}/{language}/{name}.{language}.jsonl" for name in ("val", "test"))
        sources = (Hub("cambridgeltl/xcopa", language, "validation"), Hub("cambridgeltl/xcopa", language, "test"))
        yield DataPackage(
            f"xcopa/{language}", "xcopa", language, (DEV, TEST), "download/xcopa", licence,
            (
                upstream(convert.xcopa(language, (DEV, TEST)), *urls),
                hub(convert_hub.xcopa(language, (DEV, TEST)), *sources),
            ),
        )  # fmt: skip
    copies = tuple(Hub("aps/super_glue", "copa", split) for split in ("train", "validation", "test"))
    yield DataPackage(
        "xcopa/en", "xcopa", "en", ALL, "download/xcopa", "BSD 2-Clause",
        (
            upstream(convert.copa, f"{FACEBOOK}/glue/superglue/data/v2/COPA.zip"),
            hub(convert_hub.xcopa("en", ALL), *copies),
        ),
    )  # fmt: skip
