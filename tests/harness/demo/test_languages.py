"""The made-up languages: words, scripts, sentences, and what languages share."""

from __future__ import annotations

import unicodedata
from random import Random

import pytest

from xharness.demo.files import World
from xharness.demo.grammar import Grammar
from xharness.demo.languages import LANGUAGES
from xharness.demo.lexicon import CONCEPTS
from xharness.demo.meaning import Clause, Phrase, Sentence, sentence
from xharness.demo.scripts import CONSONANTS, attach, finish, spell
from xharness.tasks.registry import XTREME, XTREME_R, Benchmark

GRAMMARS = World(seed=0, version="xtreme-r").grammars

# What every letter of a word must be called in Unicode's names.
SCRIPT_NAMES = {
    "cyrillic": "CYRILLIC", "greek": "GREEK", "georgian": "GEORGIAN", "hebrew": "HEBREW", "arabic": "ARABIC",
    "devanagari": "DEVANAGARI", "bengali": "BENGALI", "tamil": "TAMIL", "telugu": "TELUGU", "malayalam": "MALAYALAM",
    "gujarati": "GUJARATI", "gurmukhi": "GURMUKHI", "thai": "THAI", "burmese": "MYANMAR", "hangul": "HANGUL",
    "ideographs": "CJK", "latin": "LATIN",
}  # fmt: skip


def shared(one: str, other: str) -> float:
    """Share of concepts that two languages call by the same word."""
    first, second = GRAMMARS[one].words, GRAMMARS[other].words
    return sum(first[concept] == second[concept] for concept in CONCEPTS) / len(CONCEPTS)


@pytest.mark.parametrize(("benchmark", "count"), [(XTREME, 40), (XTREME_R, 50)], ids=["xtreme", "xtreme-r"])
def test_every_language_of_a_benchmark_is_there(benchmark: Benchmark, count: int) -> None:
    needed = {language for languages in benchmark.languages.values() for language in languages}
    assert set(World(version=benchmark.name).grammars) == needed
    assert len(needed) == count
    assert list(World().grammars) == list(LANGUAGES)[:40]


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_are_distinct_and_written_in_the_script(code: str) -> None:
    words = GRAMMARS[code].words
    assert set(words) == set(CONCEPTS)
    assert len(set(words.values())) == len(CONCEPTS)
    allowed = SCRIPT_NAMES.get(LANGUAGES[code].script, ("CJK", "HIRAGANA", "KATAKANA"))
    for word in words.values():
        assert word == unicodedata.normalize("NFC", word)
        names = [unicodedata.name(letter) for letter in word]
        assert any(all(name.startswith(script) for name in names) for script in (allowed, "LATIN")), word


def test_every_sound_can_be_written_in_every_script() -> None:
    for language in LANGUAGES.values():
        for script in ("hiragana", "katakana", "ideographs") if language.script == "japanese" else (language.script,):
            written = {
                consonant: spell(script, [f"{consonant}a", "ko" + language.finals[:1]], language.changes)
                for consonant in ("", *CONSONANTS)
            }
            assert all(written.values())


def test_relatives_share_more_words() -> None:
    assert shared("en", "de") > max(shared("en", "fr"), shared("en", "tr")) > shared("en", "zh")
    assert shared("en", "de") > shared("en", "ru") > 0.1
    assert shared("hi", "mr") > shared("hi", "zh")
    assert shared("id", "ms") > shared("id", "sw")
    assert shared("en", "zh") > 0.1


def test_last_letters_change_their_shape_and_back() -> None:
    assert finish("λοσ") == "λος"
    assert attach("λος", "να") == "λοσνα"
    assert finish("שמ") == "שם"
    assert attach("bag", "ni") == "bagni"


def tags(code: str, clause: Clause, ask: str = "") -> list[str]:
    return [token.role or token.tag for token in GRAMMARS[code].clause(clause, ask)]


CLAUSE = Clause(
    subject=Phrase("person", ("given/1",)),
    verb="verb/1",
    object=Phrase("noun", ("noun/animal/1",), "adjective/1/+", number=3),
    place=Phrase("place", ("place/1",)),
    negated=True,
)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", ["subject", "PART", "verb", "number", "object", "object", "ADP", "place"]),
        ("ar", ["PART", "verb", "subject", "number", "object", "object", "ADP", "place"]),
        ("hi", ["subject", "place", "ADP", "number", "object", "object", "ADP", "verb", "PART"]),
        ("tr", ["subject", "place", "number", "object", "object", "verb", "PART"]),
    ],
)
def test_order_of_words(code: str, expected: list[str]) -> None:
    assert tags(code, CLAUSE) == expected


def test_adjectives_stand_where_the_language_wants_them() -> None:
    order = {code: [t.tag for t in GRAMMARS[code].phrase(CLAUSE.object, "object")] for code in ("en", "fr")}
    assert order == {"en": ["NUM", "ADJ", "NOUN"], "fr": ["NUM", "NOUN", "ADJ"]}


def test_questions_are_fronted_or_in_place() -> None:
    assert tags("en", CLAUSE, "place")[0] == "ADV"
    assert tags("ja", CLAUSE, "place")[:2] == ["subject", "ADV"]
    assert "place" not in tags("en", CLAUSE, "place")


@pytest.mark.parametrize("code", LANGUAGES)
def test_tokens_lie_where_the_text_says(code: str) -> None:
    grammar: Grammar = GRAMMARS[code]
    rng = Random(code)
    for _ in range(30):
        said = grammar.sentence(sentence(rng, 0.7, 2))
        text, starts = grammar.text_and_starts(said)
        assert [text[start : start + len(t.form)] for start, t in zip(starts, said, strict=True)] == [
            t.form for t in said
        ]
        assert (" " in text) == grammar.language.spaced


def test_sentences_start_with_a_capital_where_the_script_has_them() -> None:
    said = Sentence((CLAUSE._replace(subject=Phrase("noun", ("noun/worker/1",))),))
    for grammar in GRAMMARS.values():
        first = grammar.say(said)[0]
        assert first == first.title()
        assert not "\u1c90" <= first <= "\u1cbf", "Georgian has no capitals"


def test_words_do_not_change_from_version_to_version() -> None:
    said = [GRAMMARS[code].say(Sentence((CLAUSE,))) for code in ("en", "fr", "ru", "hi", "ja")]
    assert said == [
        "Vagenya gi fove 3 mevi bateni fa Yosha.",
        "Vagenya gi fove 3 bateni mevi sé Yosha.",
        "Vagenya ги fove 3 mevi bateни во Yosha.",
        "Vagenya Yosha शोस् 3 mevi bateमर् ब fove किम्।",
        "VagenyaYoshaち3mevibateでfoveべ。",
    ]
