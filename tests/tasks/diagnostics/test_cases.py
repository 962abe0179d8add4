"""Cases made of templates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tasks.diagnostics.made_up import TITLES, write
from xharness.tasks.base import Split
from xharness.tasks.diagnostics.names import given_names
from xharness.tasks.diagnostics.reader import TESTS, MultiCheckListReader

Make = Callable[..., Split]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """``make("comparisons", "de", 10)``: the cases of a test of the made-up file."""
    path = write(tmp_path / "t.tsv")

    def made(test: str, language: str, cases: int = 10, seed: int = 42) -> Split:
        known = {each.name: each for each in TESTS}
        return MultiCheckListReader(known[test], cases, seed, path).read(tmp_path, language, "test")

    return made


def asked(split: Split) -> list[tuple[str, str, str]]:
    """Context, question, answer."""
    return [(each.context, each.question, each.answers[0][0]) for each in split.examples]


def test_comparisons_say_who_is_more_and_who_is_less(make: Make) -> None:
    for language in ("en", "de", "fi"):
        men = set(given_names(language, men_only=True))
        for context, question, answer in asked(make("comparisons", language)):
            more, less, _ = re.fullmatch(r"(\S+) > (\S+): (\S+)\.", context).groups()  # type: ignore[union-attr]
            assert {more, less} <= men
            assert more != less
            assert answer == (less if question.split()[0] in ("less", "min", "vä") else more)


def test_a_value_with_one_form_has_it_everywhere(make: Make) -> None:
    forms = {question for _, question, _ in asked(make("comparisons", "de", 50))}
    assert forms == {"min nass?", "nasser?", "min trockner?", "trockner?"}


def test_a_case_is_every_context_with_every_question(make: Make) -> None:
    cases = Counter(each.id.split("-")[0] for each in make("intensifiers", "en").examples)
    assert len(cases) == 10
    assert set(cases.values()) == {4}
    assert set(Counter(each.id.split("-")[0] for each in make("intensifiers", "fi").examples).values()) == {2}


def test_conditions_choose_the_text(make: Make) -> None:
    texts = [context for context, _, _ in asked(make("intensifiers", "de", 40)) if context[:2] in ("A ", "B ")]
    found = {(text[0], text.rstrip(".").rsplit(" ", 1)[1]) for text in texts}
    assert found == {("A", "CALM"), ("B", "SAD"), ("B", "GLAD")}


def test_conditions_of_two_kinds_must_both_hold(make: Make) -> None:
    split = make("properties", "de", 40)
    told = {(context, question) for context, question, _ in asked(split)}
    assert all("Hut" in context for context, question in told if question.startswith("Welches"))
    assert all("Farbe" in question for _, question in told if question.startswith("Welche "))
    assert not any("Alter" in question and "Krug" in question for _, question in told)
    colours = {("Hut" in context, answer) for context, question, answer in asked(split) if "Farbe" in question}
    assert colours == {(True, "roter"), (False, "rotes")}


def test_a_question_names_the_property_that_its_answer_is_about(make: Make) -> None:
    """The second German question is written with the key of the first, as in the published file."""
    values = {"Farbe": {"roter", "rotes"}, "Alter": {"alt"}}
    for _, question, answer in asked(make("properties", "de", 40)):
        assert answer in values[question.split()[1].rstrip(":")]


def test_an_object_begins_its_sentence_with_a_capital(make: Make) -> None:
    assert all(re.search(r"Here is ein \S+\. Der ", context) for context, _, _ in asked(make("properties", "de")))


def test_a_form_may_depend_on_the_context_of_another_test(make: Make) -> None:
    first = {context for context, _, _ in asked(make("animals", "de", 40)) if "Ziege" in context}
    second = {context for context, _, _ in asked(make("animals-2", "de", 40)) if "Ziege" in context}
    assert first
    assert second
    assert all("eine Ziege" in context for context in first)
    assert all("die Ziege" in context for context in second)


def test_every_answer_stands_in_its_context_with_its_offset(make: Make) -> None:
    for test in TITLES:
        for language in ("en", "de", "fi"):
            for each in make(test, language).examples:
                (text, start), = each.answers  # fmt: skip
                assert each.context[start : start + len(text)] == text


def test_equal_ids_are_translations(make: Make) -> None:
    english, finnish = (make("professions", language, 20) for language in ("en", "fi"))
    answers = [{each.id: each.answers[0][0] for each in split.examples} for split in (english, finnish)]
    words = {"Greek": "kreikkalainen", "Czech": "tšekki", "a cook": "kokki", "a pilot": "lentäjä"}
    assert {name: words[text] for name, text in answers[0].items()} == answers[1]


def test_the_seed_draws_and_more_cases_begin_with_the_fewer(make: Make) -> None:
    assert make("animals", "en").examples == make("animals", "en").examples
    assert make("animals", "en", 10, 7).examples != make("animals", "en", 10).examples
    assert make("animals", "en", 20).examples[: len(make("animals", "en").examples)] == make("animals", "en").examples


def test_where_there_are_not_enough_cases_there_is_a_note(make: Make) -> None:
    split = make("animals", "en", 100)  # 16 names, 2 animals, 2 vehicles
    assert len({each.id.split("-")[0] for each in split.examples}) == 64
    assert split.notes == ("64 cases of 100",)
