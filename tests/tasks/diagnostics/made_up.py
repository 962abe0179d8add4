"""A small template file in MultiCheckList's shape, with words of our own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xharness.tasks.diagnostics.reader import TESTS

Rows = Sequence[Sequence[str]]

HEADER = ("Field", "en", "de", "de-placeholders", "de", "de-placeholders", "fi")
TITLES = {test.name: test.title for test in TESTS}


def row(kind: str, english: str, german: str, finnish: str, *more: str) -> tuple[str, ...]:
    """One row; ``more`` are the conditions of the first German text, a second text and its conditions."""
    first, second, conditions = (*more, "", "", "")[:3]
    return kind, english, german, first, second, conditions, finnish


def blank() -> tuple[str, ...]:
    return ("",) * len(HEADER)


def two_questions(first: tuple[str, str, str], second: tuple[str, str, str], *answers: str) -> Rows:
    """Questions with answers that are the same in all languages."""
    one, other = answers
    return (
        row("Question", *first), row("Answer", one, one, one), row("Question", *second), row("Answer", other, other, other),
    )  # fmt: skip


def templates() -> list[Sequence[str]]:
    """All six tests, in three languages."""
    two_names = "{first_name} {very} {s}; {first_name1} {s}."
    rows: list[Sequence[str]] = [HEADER]
    rows += [row("Name", TITLES["comparisons"], "", ""), row("Capability", "words", "", "")]
    rows += [row("Context", *["{first_name} > {first_name1}: {adj[0]}."] * 3)]
    rows += two_questions(("less {adj[1]}?", "min {adj[1]}?", "vä {adj[1]}?"), ("{adj[0]}?",) * 3, "{first_name1}", "{first_name}")
    rows += [row("adj", "wetter, wet", "nasser, nass", "märempi, märkä"), row("adj", "drier, dry", "trockner", "kuivempi, kuiva")]
    rows += [blank(), row("Name", TITLES["intensifiers"], "", ""), row("Capability", "words", "", "")]
    rows += [row("Context", two_names, "A " + two_names, two_names, "calm", "B " + two_names, "sad, glad")]
    rows += [row("Context", "{first_name1} {somewhat} {s}; {first_name} {s}.", "{first_name1} {somewhat} {s}; {first_name} {s}.", "")]
    rows += two_questions(("most {s}?",) * 3, ("least {s}?",) * 3, "{first_name}", "{first_name1}")
    rows += [row("state", word, word.upper(), f"{word}i") for word in ("calm", "sad", "glad")]
    rows += [row("very", "very", "sehr", "hyvin"), row("somewhat", "a bit", "etwas", "vähän")]
    rows += [blank(), row("Name", TITLES["properties"], "", ""), row("Capability", "kinds", "", "")]
    rows += [row("Context", *["Here is {obj[0]}. {obj[1]} is {p.v1} and {p.v2}."] * 3)]
    german = "Welche {p.p1}: {obj[1]}?", "color", "Welches {p.p1}: {obj[1]}?", "age, a hat"
    rows += [row("Question", "What {p.p1}: {obj[1]}?", german[0], "Mikä {p.p1}: {obj[1]}?", *german[1:])]
    rows += [row("Answer", *["{p.v1}"] * 3)]
    rows += [row("Question", "What {p.p2}: {obj[1]}?", german[0], "Mikä {p.p2}: {obj[1]}?", *german[1:])]
    rows += [row("Answer", *["{p.v2}"] * 3)]
    rows += [row("obj", "a hat, the hat", "ein Hut, der Hut", "hattu, hattu"), row("obj", "a jug, the jug", "ein Krug, der Krug", "kannu, kannu")]
    rows += [row("color", "red", "roter", "punainen", "hat", "rotes", "jug"), row("age", "old", "alt", "vanha")]
    rows += [row("property", "color", "Farbe", "väri"), row("property", "age", "Alter", "ikä")]
    rows += [blank(), row("Name", TITLES["professions"], "", ""), row("Capability", "kinds", "", "")]
    rows += [row("Context", *["{first_name}: {profession}, {nationality}."] * 3)]
    rows += two_questions(("job of {first_name}?",) * 3, ("from where is {first_name}?",) * 3, "{profession}", "{nationality}")
    rows += [row("nationality", "Greek", "griechisch", "kreikkalainen"), row("nationality", "Czech", "tschechisch", "tšekki")]
    rows += [row("profession", "a cook", "ein Koch", "kokki"), row("profession", "a pilot", "ein Pilot", "lentäjä")]
    rows += [blank(), row("Name", TITLES["animals"], "", ""), row("Capability", "kinds", "", "")]
    rows += [row("Context", *["{first_name} has {animal} and {vehicle}."] * 3)]
    rows += two_questions(("animal of {first_name}?",) * 3, ("vehicle of {first_name}?",) * 3, "{animal}", "{vehicle}")
    has = "{first_name} has {animal} and {vehicle}."
    bought = "{first_name} bought {animal}. {first_name2} bought {vehicle}."
    rows += [row("animal", "a goat", "eine Ziege", "vuohi", has, "die Ziege", bought), row("animal", "a mole", "ein Maulwurf", "myyrä")]
    rows += [row("vehicle", "a sled", "ein Schlitten", "reki"), row("vehicle", "a raft", "ein Floß", "lautta")]
    rows += [blank(), row("Name", TITLES["animals-2"], "", ""), row("Capability", "kinds", "", "")]
    rows += [row("Context", *["{first_name} bought {animal}. {first_name2} bought {vehicle}."] * 3)]
    rows += two_questions(("who bought an animal?",) * 3, ("who bought a vehicle?",) * 3, "{first_name}", "{first_name2}")
    return rows


def write(path: Path, rows: Rows | None = None) -> Path:
    """With CR LF, as the published file has them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join("\t".join(fields) + "\r\n" for fields in rows or templates())
    path.write_bytes(text.encode())
    return path
