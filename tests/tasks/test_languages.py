"""What is known of languages."""

from __future__ import annotations

from xharness.tasks.diagnostics.multichecklist import LANGUAGES as CHECKLIST
from xharness.tasks.languages import AMOUNTS, LANGUAGES, UNKNOWN, language
from xharness.tasks.registry import BENCHMARKS


def test_every_language_of_the_benchmarks_and_of_multichecklist_is_known() -> None:
    codes = {code for each in BENCHMARKS.values() for languages in each.languages.values() for code in languages}
    assert codes | {*CHECKLIST} == LANGUAGES.keys()
    assert all(UNKNOWN not in (each.family, each.script, each.pretraining) for each in LANGUAGES.values())
    assert (LANGUAGES["kk"].family, LANGUAGES["kk"].script) == ("Turkic", "Cyrillic")
    assert language("xx").name == "xx"


def test_amounts_of_text_have_names_by_size() -> None:
    assert list(AMOUNTS.values()) == sorted(AMOUNTS.values())
    told = {code: language(code).pretraining for code in ("yo", "jv", "sw", "hi", "en", "xx")}
    assert told == {
        "yo": "none", "jv": "under 1 GiB", "sw": "1 to 10 GiB", "hi": "10 to 50 GiB", "en": "over 50 GiB",
        "xx": UNKNOWN,
    }  # fmt: skip
    assert LANGUAGES["zh"].gigabytes == 63.5  # both scripts
