"""The fifty languages of the demo world: who is related to whom, and how each builds words and sentences.

The first forty are XTREME's, the others are only XTREME-R's. They borrow codes, scripts and the rough grammar of the
real languages (word order, where adjectives and adpositions stand, what is a suffix), and nothing else: every word is
made up (:mod:`xharness.demo.lexicon`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

# code | relatives, widest circle first | script | order, adjective (+ before, - after the noun), marking of roles
# | articles, plural | final consonants | sound changes and spelling
# Roles are marked by a word in front (pre), a word behind (post) or a suffix.
_TABLE = """
en | europe germanic   | latin      | SVO + pre    | the plural | nrstlkmpd |
de | europe germanic   | latin      | SVO + pre    | the plural | nrstlkmp  | x>sch v>w d>t c>tsch u>ü
nl | europe germanic   | latin      | SVO + pre    | the plural | nrstlkmp  | x>sj u>oe c>tj z>s
af | europe germanic   | latin      | SVO + pre    | the plural | nrstlkmp  | x>sj z>s v>w u>oe
fr | europe romance    | latin      | SVO - pre    | the plural | nrsl      | k>qu u>ou x>ch c>tch e>é
es | europe romance    | latin      | SVO - pre    | the plural | nrsl      | z>c v>b x>j h>j
it | europe romance    | latin      | SVO - pre    | the plural | nrl       | c>ci x>sci h>- k>ch
pt | europe romance    | latin      | SVO - pre    | the plural | nrsm      | h>lh n>n x>ch c>tch o>ó
ru | europe slavic     | cyrillic   | SVO + pre    |     plural | nrstlkmpd | h>х
bg | europe slavic     | cyrillic   | SVO + pre    |     plural | nrstlkmp  | o>ъ
el | europe hellenic   | greek      | SVO + pre    | the plural | ns        |
fa | indoiran iranian  | arabic     | SOV - pre    |     plural | nrstlkm   | k>ک y>ی i>ی g>گ v>و
ur | indoiran indic    | arabic     | SOV + post   |     plural | nrstlkm   | k>ک y>ی i>ی t>ٹ h>ہ g>گ
hi | indoiran indic    | devanagari | SOV + post   |     plural | nrstlkm   | z>s
mr | indoiran indic    | devanagari | SOV + suffix |     plural | nrlm      | v>b x>s
bn | indoiran indic    | bengali    | SOV + post   |            | nrlm      | v>b z>s
ar | mideast semitic   | arabic     | VSO - pre    | the plural | nrstlmbd  | p>ب c>ش g>ز v>ف
he | mideast semitic   | hebrew     | SVO - pre    | the plural | nrstlm    |
tr | steppe turkic     | latin      | SOV + suffix |     plural | nrstlkm   | x>ş c>ç o>ö h>ğ
kk | steppe turkic     | cyrillic   | SOV + suffix |     plural | nrstlkm   | o>ө u>ү h>қ i>і
fi | north uralic      | latin      | SVO + suffix |     plural | nst       | b>p d>t g>k z>s f>v x>s c>ts a>ä y>j
et | north uralic      | latin      | SVO + suffix |     plural | nstl      | b>p d>t g>k z>s x>š c>tš o>õ y>j
hu | north ugric       | latin      | SVO + suffix | the plural | nstlkr    | x>s s>sz c>cs a>á y>j
eu | basque            | latin      | SOV - suffix |     plural | nrsk      | v>b x>x c>tx f>p
ka | caucasus          | georgian   | SOV + suffix |     plural | nrsm      |
ta | south dravidian   | tamil      | SOV + suffix |     plural | nrlm      | g>k d>t b>p f>p
te | south dravidian   | telugu     | SOV + suffix |     plural | nrlm      | f>p
ml | south dravidian   | malayalam  | SOV + suffix |     plural | nrlm      | z>c f>p
id | islands malay     | latin      | SVO - pre    |            | nmkts     | c>c x>sy v>w z>s
ms | islands malay     | latin      | SVO - pre    |            | nmkts     | c>c x>sy v>b z>j
jv | islands javanese  | latin      | SVO - pre    |            | nmkt      | c>c x>s v>w z>j d>dh e>é
tl | islands tagalog   | latin      | VSO + pre    |     plural | nmkts     | c>ts x>siy f>p v>b z>s
vi | mekong viet       | latin      | SVO - pre    |            | nmtc      | e>ê o>ơ u>ư d>đ z>d f>ph k>kh x>x c>ch
th | mekong tai        | thai       | SVO - pre    |            | nmkp      |
my | irrawaddy         | burmese    | SOV + post   |            | nm        |
zh | han               | ideographs | SVO + pre    |            | n         |
ja | han               | japanese   | SOV + post   |            | n         | l>r v>b f>h c>t x>s
ko | korea             | hangul     | SOV + suffix |            | nmlkp     |
sw | africa bantu      | latin      | SVO - pre    |     plural |           | c>ch x>sh
yo | africa yoruba     | latin      | SVO - pre    |            |           | x>ṣ e>ẹ o>ọ v>w z>s c>j
az | steppe turkic     | latin      | SOV + suffix |     plural | nrstlkm   | x>ş c>ç e>ə g>q
gu | indoiran indic    | gujarati   | SOV + post   |     plural | nrlm      | f>p x>s
ht | europe romance    | latin      | SVO - pre    |            | nrsl      | u>ou x>ch c>tch e>è
lt | europe baltic     | latin      | SVO + suffix |     plural | nrstlkm   | x>š c>č z>ž e>ė
pa | indoiran indic    | gurmukhi   | SOV + post   |     plural | nrlm      | x>s
pl | europe slavic     | latin      | SVO + pre    |     plural | nrstlkmp  | x>sz c>cz v>w h>ch y>j
qu | andes quechua     | latin      | SOV + suffix |     plural | nrs       | b>p d>t g>k z>s x>s f>p v>w c>ch e>i o>u
ro | europe romance    | latin      | SVO - pre    | the plural | nrstl     | x>ș c>ț a>ă
uk | europe slavic     | cyrillic   | SVO + pre    |     plural | nrstlkmpd | i>і g>ґ
wo | africa senegal    | latin      | SVO - pre    |            | nmtk      | x>s c>c e>é z>s v>w
"""


@dataclass(frozen=True)
class DemoLanguage:
    """One language of the demo world.

    Attributes:
        circles: Names of its relatives' circles, widest first; the last is the language's own.
        order: SVO, SOV or VSO.
        marking: How a role is marked: ``pre`` (a word before), ``post`` (a word after) or ``suffix``.
        finals: Consonants that may end a syllable; others are dropped from borrowed words.
        changes: What becomes of a sound; in an alphabet the result is already spelling.
    """

    code: str
    circles: tuple[str, ...]
    script: str
    order: str
    adjective_first: bool
    marking: str
    articles: bool
    plural: bool
    finals: str
    changes: dict[str, str]

    @property
    def spaced(self) -> bool:
        """Whether words are separated by spaces in running text."""
        return self.script not in ("thai", "burmese", "ideographs", "japanese")

    @cached_property
    def stop(self) -> str:
        """The mark that ends a statement; Thai has none and leaves a space."""
        by_script = {"thai": "", "burmese": "။", "ideographs": "。", "japanese": "。", "bengali": "।", "gurmukhi": "।"}
        return {"hi": "।", "ur": "۔"}.get(self.code, by_script.get(self.script, "."))

    @cached_property
    def question_mark(self) -> str:
        """The mark that ends a question."""
        by_script = {"arabic": "؟", "greek": ";", "ideographs": "？", "japanese": "？", "burmese": "။"}
        return by_script.get(self.script, "?")

    @cached_property
    def comma(self) -> str:
        """The mark between clauses."""
        return {"arabic": "،", "ideographs": "，", "japanese": "、", "burmese": "၊"}.get(self.script, ",")


def _parse(row: str) -> DemoLanguage:
    code, circles, script, syntax, nouns, finals, changes = (field.strip() for field in row.split("|"))
    order, adjective, marking = syntax.split()
    pairs = (change.split(">") for change in changes.split())
    return DemoLanguage(
        code=code,
        circles=(*circles.split(), code),
        script=script,
        order=order,
        adjective_first=adjective == "+",
        marking=marking,
        articles="the" in nouns.split(),
        plural="plural" in nouns.split(),
        finals=finals,
        changes={sound: "" if written == "-" else written for sound, written in pairs},
    )


LANGUAGES = {language.code: language for language in map(_parse, _TABLE.strip().split("\n"))}
