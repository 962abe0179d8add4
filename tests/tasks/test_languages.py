"""What is known of languages."""

from __future__ import annotations

from xharness.tasks.diagnostics.multichecklist import LANGUAGES as CHECKLIST
from xharness.tasks.languages import AMOUNTS, KNOWN, LANGUAGES, UNKNOWN, canonical, in_region, language
from xharness.tasks.other_languages import REGIONS, SCRIPTS
from xharness.tasks.packs import PACKS
from xharness.tasks.registry import BENCHMARKS


def test_every_language_of_the_benchmarks_and_of_multichecklist_is_known() -> None:
    codes = {code for each in BENCHMARKS.values() for languages in each.languages.values() for code in languages}
    assert codes | {*CHECKLIST} == LANGUAGES.keys()
    assert all(UNKNOWN not in (each.family, each.script, each.pretraining) for each in LANGUAGES.values())
    assert (LANGUAGES["kk"].family, LANGUAGES["kk"].script) == ("Turkic", "Cyrillic")
    assert language("xx").name == "xx"


def test_every_language_of_the_newer_benchmarks_is_known() -> None:
    codes = {code for task in PACKS.values() for code in task.languages}
    assert all(UNKNOWN not in (each.family, each.script) for each in map(language, codes))
    assert not codes & {other for code in codes if (other := canonical(code)) != code}
    assert {code for members in REGIONS.values() for code in members.split()} <= codes | {*LANGUAGES}
    assert {*SCRIPTS.values()} <= {each.script for each in map(language, codes)} | {"Traditional Chinese"}
    assert len({each.name for each in KNOWN.values()}) == len(KNOWN)


def test_spellings_of_data_sets() -> None:
    spelled = {"swh_Latn": "sw", "swa": "sw", "hin_Latn": "hi-Latn", "zho_Hans": "zh", "fra-CA": "fr-CA", "xx": "xx"}
    assert {name: canonical(name) for name in spelled} == spelled
    hindi, french = language("hi-Latn"), language("fr-CA")
    assert (hindi.name, hindi.family, hindi.script) == ("Hindi (Latin)", "Indo-Aryan", "Latin")
    assert hindi.pretraining == UNKNOWN
    assert (french.name, french.script) == ("French (CA)", "Latin")
    assert language("de-en").family == UNKNOWN  # two languages together
    assert (language("sw").region, language("qu").region, language("de").region) == ("africa", "americas", "elsewhere")
    assert in_region(["yo", "de", "knc-Arab"], "africa") == ["yo", "knc-Arab"]


def test_amounts_of_text_have_names_by_size() -> None:
    assert list(AMOUNTS.values()) == sorted(AMOUNTS.values())
    told = {code: language(code).pretraining for code in ("yo", "jv", "sw", "hi", "en", "xx")}
    assert told == {
        "yo": "none", "jv": "under 1 GiB", "sw": "1 to 10 GiB", "hi": "10 to 50 GiB", "en": "over 50 GiB",
        "xx": UNKNOWN,
    }  # fmt: skip
    assert LANGUAGES["zh"].gigabytes == 63.5  # both scripts
