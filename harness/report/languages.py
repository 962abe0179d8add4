"""The languages of XTREME and XTREME-R: ISO 639-1 code, English name, family and script.

Families and scripts are those that Hu et al. (2020, appendix) and Ruder et al. (2021, appendix) give for their
languages; Indo-European is split into its branches, because it would be half of the table.
"""

from __future__ import annotations

from dataclasses import dataclass

_TABLE = """
af | Afrikaans        | Germanic       | Latin
ar | Arabic           | Afro-Asiatic   | Arabic
az | Azerbaijani      | Turkic         | Latin
bg | Bulgarian        | Slavic         | Cyrillic
bn | Bengali          | Indo-Aryan     | Bengali
de | German           | Germanic       | Latin
el | Greek            | Hellenic       | Greek
en | English          | Germanic       | Latin
es | Spanish          | Romance        | Latin
et | Estonian         | Uralic         | Latin
eu | Basque           | Basque         | Latin
fa | Persian          | Iranian        | Arabic
fi | Finnish          | Uralic         | Latin
fr | French           | Romance        | Latin
gu | Gujarati         | Indo-Aryan     | Gujarati
he | Hebrew           | Afro-Asiatic   | Hebrew
hi | Hindi            | Indo-Aryan     | Devanagari
ht | Haitian Creole   | Creole         | Latin
hu | Hungarian        | Uralic         | Latin
id | Indonesian       | Austronesian   | Latin
it | Italian          | Romance        | Latin
ja | Japanese         | Japonic        | Japanese
jv | Javanese         | Austronesian   | Latin
ka | Georgian         | Kartvelian     | Georgian
kk | Kazakh           | Turkic         | Cyrillic
ko | Korean           | Koreanic       | Hangul
lt | Lithuanian       | Baltic         | Latin
ml | Malayalam        | Dravidian      | Malayalam
mr | Marathi          | Indo-Aryan     | Devanagari
ms | Malay            | Austronesian   | Latin
my | Burmese          | Sino-Tibetan   | Burmese
nl | Dutch            | Germanic       | Latin
pa | Punjabi          | Indo-Aryan     | Gurmukhi
pl | Polish           | Slavic         | Latin
pt | Portuguese       | Romance        | Latin
qu | Quechua          | Quechuan       | Latin
ro | Romanian         | Romance        | Latin
ru | Russian          | Slavic         | Cyrillic
sw | Swahili          | Niger-Congo    | Latin
ta | Tamil            | Dravidian      | Tamil
te | Telugu           | Dravidian      | Telugu
th | Thai             | Kra-Dai        | Thai
tl | Tagalog          | Austronesian   | Latin
tr | Turkish          | Turkic         | Latin
uk | Ukrainian        | Slavic         | Cyrillic
ur | Urdu             | Indo-Aryan     | Arabic
vi | Vietnamese       | Austro-Asiatic | Latin
wo | Wolof            | Niger-Congo    | Latin
yo | Yoruba           | Niger-Congo    | Latin
zh | Mandarin Chinese | Sino-Tibetan   | Chinese
"""
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Language:
    """One language. A code that is not in the table is its own name, of unknown family and script."""

    code: str
    name: str
    family: str = UNKNOWN
    script: str = UNKNOWN


LANGUAGES = {
    code: Language(code, name, family, script)
    for code, name, family, script in ([field.strip() for field in row.split("|")] for row in _TABLE.split("\n") if row)
}


def language(code: str) -> Language:
    """What is known of a language, whatever its code."""
    return LANGUAGES.get(code, Language(code, code))
