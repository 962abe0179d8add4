"""A small template file in MultiCheckList's shape, with words of our own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xharness.tasks.diagnostics.reader import TESTS

Rows = Sequence[Sequence[str]]

HEADER = ("Field", "en", "de", "de-placeholders", "de", "de-placeholders", "fi")
TITLES = {test.name: test.title for test in TESTS}

_TESTS = {
    "comparisons": """
Context  | {first_name} > {first_name1}: {adj[0]}. | {first_name} > {first_name1}: {adj[0]}. |||| {=}
Question | less {adj[1]}?  | min {adj[1]}?         |||| vä {adj[1]}?
Answer   | {first_name1}   | {first_name1}         |||| {first_name1}
Question | {adj[0]}?       | {adj[0]}?             |||| {adj[0]}?
Answer   | {first_name}    | {first_name}          |||| {first_name}
adj      | wetter, wet     | nasser, nass          |||| märempi, märkä
adj      | drier, dry      | trockner              |||| kuivempi, kuiva
""",
    "intensifiers": """
Context  | {first_name} {very} {s}; {first_name1} {s}. | A {=} | calm | B {=} | sad, glad | {=}
Context  | {first_name1} {somewhat} {s}; {first_name} {s}. | {=} ||||
Question | most {s}?       | most {s}?             |||| most {s}?
Answer   | {first_name}    | {first_name}          |||| {first_name}
Question | least {s}?      | least {s}?            |||| least {s}?
Answer   | {first_name1}   | {first_name1}         |||| {first_name1}
state    | calm            | CALM                  |||| calmi
state    | sad             | SAD                   |||| sadi
state    | glad            | GLAD                  |||| gladi
very     | very            | sehr                  |||| hyvin
somewhat | a bit           | etwas                 |||| vähän
""",
    "properties": """
Context  | Here is {obj[0]}. {obj[1]} is {p.v1} and {p.v2}. | {=} |||| {=}
Question | What {p.p1}: {obj[1]}? | Welche {p.p1}: {obj[1]}? | color | Welches {p.p1}: {obj[1]}? | age, a hat | {p.p1}?
Answer   | {p.v1}          | {p.v1}                |||| {p.v1}
Question | What {p.p2}: {obj[1]}? | Welche {p.p1}: {obj[1]}? | color | Welches {p.p1}: {obj[1]}? | age, a hat | {p.p2}?
Answer   | {p.v2}          | {p.v2}                |||| {p.v2}
obj      | a hat, the hat  | ein Hut, der Hut      |||| hattu, hattu
obj      | a jug, the jug  | ein Krug, der Krug    |||| kannu, kannu
color    | red             | roter | hat | rotes | jug | punainen
age      | old             | alt                   |||| vanha
property | color           | Farbe                 |||| väri
property | age             | Alter                 |||| ikä
""",
    "professions": """
Context     | {first_name}: {profession}, {nationality}. | {=} |||| {=}
Question    | job of {first_name}? | {=}           |||| {=}
Answer      | {profession} | {profession}          |||| {profession}
Question    | home of {first_name}? | {=}          |||| {=}
Answer      | {nationality} | {nationality}        |||| {nationality}
nationality | Greek        | griechisch            |||| kreikkalainen
nationality | Czech        | tschechisch           |||| tšekki
profession  | a cook       | ein Koch              |||| kokki
profession  | a pilot      | ein Pilot             |||| lentäjä
""",
    "animals": """
Context  | {first_name} has {animal} and {vehicle}. | {=} |||| {=}
Question | animal of {first_name}? | {=}           |||| {=}
Answer   | {animal}        | {animal}              |||| {animal}
Question | vehicle of {first_name}? | {=}          |||| {=}
Answer   | {vehicle}       | {vehicle}             |||| {vehicle}
animal   | a goat          | eine Ziege | {has} | die Ziege | {bought} | vuohi
animal   | a mole          | ein Maulwurf          |||| myyrä
vehicle  | a sled          | ein Schlitten         |||| reki
vehicle  | a raft          | ein Floß              |||| lautta
""",
    "animals-2": """
Context  | {first_name} bought {animal}. {first_name2} bought {vehicle}. | {=} |||| {=}
Question | who bought an animal? | {=}             |||| {=}
Answer   | {first_name}    | {first_name}          |||| {first_name}
Question | who bought a vehicle? | {=}             |||| {=}
Answer   | {first_name2}   | {first_name2}         |||| {first_name2}
""",
}
"""``{=}`` is the English text; ``{has}`` and ``{bought}`` are the English contexts of the tests of animals."""
_CONTEXTS = {
    "{has}": "{first_name} has {animal} and {vehicle}.",
    "{bought}": "{first_name} bought {animal}. {first_name2} bought {vehicle}.",
}


def row(kind: str, english: str, german: str, finnish: str) -> tuple[str, ...]:
    """One row without conditions."""
    return kind, english, german, "", "", "", finnish


def templates() -> list[Sequence[str]]:
    """All six tests, in three languages, a row without a first column between them."""
    rows: list[Sequence[str]] = [HEADER]
    for test, text in _TESTS.items():
        rows += [row("Name", TITLES[test], "", ""), row("Capability", "words", "", "")]
        rows += [_fields(line) for line in text.strip().split("\n")]
        rows.append(("",) * len(HEADER))
    return rows[:-1]


def _fields(line: str) -> list[str]:
    fields = [field.strip() for field in line.split("|")]
    fields = [field.replace("{=}", fields[1]) for field in fields]
    return [_CONTEXTS.get(field, field) for field in fields]


def write(path: Path, rows: Rows | None = None) -> Path:
    """With CR LF, as the published file has them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join("\t".join(fields) + "\r\n" for fields in rows or templates())
    path.write_bytes(text.encode())
    return path
