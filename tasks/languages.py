"""The languages of XTREME and XTREME-R: ISO 639-1 code, English name, family, script and amount of pretraining text.

Families and scripts are those that Hu et al. (2020, appendix) and Ruder et al. (2021, appendix) give for their
languages; Indo-European is split into its branches, because it would be half of the table. The amount is that of
CC-100, which XLM-R was trained on, in GiB without compression (Conneau et al. 2020, appendix, table 6; both scripts of
Chinese and both encodings of Burmese together). Other models were trained on other texts, but what the web has more of,
most of them have more of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from xharness.tasks.other_languages import REGIONS, SCRIPTS, SPELLINGS
from xharness.tasks.other_languages import TABLE as OTHERS

_TABLE = """
af | Afrikaans        | Germanic       | Latin      |   1.3
ar | Arabic           | Afro-Asiatic   | Arabic     |  28.0
az | Azerbaijani      | Turkic         | Latin      |   6.5
bg | Bulgarian        | Slavic         | Cyrillic   |  57.5
bn | Bengali          | Indo-Aryan     | Bengali    |   8.4
de | German           | Germanic       | Latin      |  66.6
el | Greek            | Hellenic       | Greek      |  46.9
en | English          | Germanic       | Latin      | 300.8
es | Spanish          | Romance        | Latin      |  53.3
et | Estonian         | Uralic         | Latin      |   6.1
eu | Basque           | Basque         | Latin      |   2.0
fa | Persian          | Iranian        | Arabic     | 111.6
fi | Finnish          | Uralic         | Latin      |  54.3
fr | French           | Romance        | Latin      |  56.8
gu | Gujarati         | Indo-Aryan     | Gujarati   |   1.9
ha | Hausa            | Afro-Asiatic   | Latin      |   0.3
he | Hebrew           | Afro-Asiatic   | Hebrew     |  31.6
hi | Hindi            | Indo-Aryan     | Devanagari |  20.2
ht | Haitian Creole   | Creole         | Latin      |     0
hu | Hungarian        | Uralic         | Latin      |  58.4
id | Indonesian       | Austronesian   | Latin      | 148.3
it | Italian          | Romance        | Latin      |  30.2
ja | Japanese         | Japonic        | Japanese   |  69.3
jv | Javanese         | Austronesian   | Latin      |   0.2
ka | Georgian         | Kartvelian     | Georgian   |   9.1
kk | Kazakh           | Turkic         | Cyrillic   |   6.4
ko | Korean           | Koreanic       | Hangul     |  54.2
lt | Lithuanian       | Baltic         | Latin      |  13.7
ml | Malayalam        | Dravidian      | Malayalam  |   7.6
mr | Marathi          | Indo-Aryan     | Devanagari |   2.8
ms | Malay            | Austronesian   | Latin      |   8.5
my | Burmese          | Sino-Tibetan   | Burmese    |   2.0
nl | Dutch            | Germanic       | Latin      |  29.3
pa | Punjabi          | Indo-Aryan     | Gurmukhi   |   0.8
pl | Polish           | Slavic         | Latin      |  44.6
pt | Portuguese       | Romance        | Latin      |  49.1
qu | Quechua          | Quechuan       | Latin      |     0
ro | Romanian         | Romance        | Latin      |  61.4
ru | Russian          | Slavic         | Cyrillic   | 278.0
sw | Swahili          | Niger-Congo    | Latin      |   1.6
ta | Tamil            | Dravidian      | Tamil      |  12.2
te | Telugu           | Dravidian      | Telugu     |   4.7
th | Thai             | Kra-Dai        | Thai       |  71.7
tl | Tagalog          | Austronesian   | Latin      |   3.1
tr | Turkish          | Turkic         | Latin      |  20.9
uk | Ukrainian        | Slavic         | Cyrillic   |  84.6
ur | Urdu             | Indo-Aryan     | Arabic     |   5.7
vi | Vietnamese       | Austro-Asiatic | Latin      | 137.3
wo | Wolof            | Niger-Congo    | Latin      |     0
yo | Yoruba           | Niger-Congo    | Latin      |     0
zh | Mandarin Chinese | Sino-Tibetan   | Chinese    |  63.5
"""
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Language:
    """One language. A code that is not in the table is its own name, of unknown family, script and amount.

    Attributes:
        gigabytes: Of text in CC-100, in GiB; 0 if it is not in it, None if the language is not in the table.
    """

    code: str
    name: str
    family: str = UNKNOWN
    script: str = UNKNOWN
    gigabytes: float | None = None

    @property
    def pretraining(self) -> str:
        """The amount in words: one of :data:`AMOUNTS`, or unknown."""
        if self.gigabytes is None:
            return UNKNOWN
        return next(name for name, least in reversed(AMOUNTS.items()) if self.gigabytes >= least)

    @property
    def region(self) -> str:
        """Where it is spoken, as far as anything is made of it: one of :data:`REGIONS`, or elsewhere."""
        return next((name for name, members in REGIONS.items() if self.code in members.split()), "elsewhere")


AMOUNTS = {"none": 0.0, "under 1 GiB": 0.05, "1 to 10 GiB": 1.0, "10 to 50 GiB": 10.0, "over 50 GiB": 50.0}
"""Names of amounts of text, the smallest first, and from how much on each is used."""


def _parsed(table: str) -> dict[str, Language]:
    """The rows of a table by their codes."""
    rows = ([field.strip() for field in row.split("|")] for row in table.split("\n") if row)
    return {code: Language(code, name, family, script, float(amount)) for code, name, family, script, amount in rows}


LANGUAGES = _parsed(_TABLE)
"""Those of XTREME and XTREME-R."""

KNOWN = LANGUAGES | _parsed(OTHERS)


def language(code: str) -> Language:
    """What is known of a language, whatever its code: ``hi-Latn`` is in another script, ``fr-CA`` of a country."""
    base, _, more = code.partition("-")
    if code in KNOWN or base not in KNOWN or not (more in SCRIPTS or more.isupper()):
        return KNOWN.get(code, Language(code, code))
    found = KNOWN[base]
    name = f"{found.name} ({SCRIPTS.get(more, more)})"
    return replace(found, code=code, name=name, script=SCRIPTS.get(more, found.script), gigabytes=None)


def canonical(spelling: str) -> str:
    """Our code of a language as a data set spells it: ``swa`` and ``swh_Latn`` are sw, ``hin_Latn`` is hi-Latn."""
    base, _, script = spelling.replace("_", "-").partition("-")
    code = SPELLINGS.get(base, base)
    usual = script in SCRIPTS and code in KNOWN and KNOWN[code].script == SCRIPTS[script]
    return f"{code}-{script}" if script and not usual else code


def in_region(codes: Iterable[str], region: str) -> list[str]:
    """Those of some languages that are spoken in a region."""
    return [code for code in codes if language(code).region == region]
