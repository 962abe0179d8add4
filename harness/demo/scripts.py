"""How sounds are written: one spelling function per writing system.

A word is a list of syllables, a syllable is a string of sounds: an optional consonant, one of five vowels, an optional
final consonant. Sounds are ASCII letters with their usual values; ``c`` is the sound of *church*, ``x`` that of *ship*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

CONSONANTS = "ptkbdgmnszhlrvfycx"
VOWELS = "aeiou"

_SOUNDS = CONSONANTS + VOWELS


def _letters(written: str) -> dict[str, str]:
    """One entry a sound; ``-`` stands for a sound that is not written."""
    return {sound: letters.replace("-", "") for sound, letters in zip(_SOUNDS, written.split(), strict=True)}


ALPHABETS = {
    #           p t k b d g m n s z h l r v f y c x a e i o u
    "latin": _letters("p t k b d g m n s z h l r v f y ch sh a e i o u"),
    "cyrillic": _letters("п т к б д г м н с з х л р в ф й ч ш а е и о у"),
    "greek": _letters("π τ κ μπ δ γ μ ν σ ζ χ λ ρ β φ ι τσ ξ α ε η ο ου"),
    "georgian": _letters("პ ტ კ ბ დ გ მ ნ ს ზ ჰ ლ რ ვ ფ ჯ ჩ შ ა ე ი ო უ"),
    "hebrew": _letters("פ ט ק ב ד ג מ נ ס ז ה ל ר ו פ י צ ש א - י ו ו"),
    "arabic": _letters("پ ت ك ب د ج م ن س ز ه ل ر و ف ي چ ش ا - ي و و"),
}

# Consonant, then the sign of its vowel (Thai writes e and o in front).
_THAI = _letters("ป ต ก บ ด ค ม น ส ซ ห ล ร ว ฟ ย จ ช า เ ี โ ู")
_BURMESE = _letters("ပ တ က ဘ ဒ ဂ မ န စ ဇ ဟ လ ရ ဝ ဖ ယ ခ သ - ေ ိ ော ု")

# The Indic blocks of Unicode are laid out alike: these are offsets into a block of 128 code points.
_INDIC = {
    "p": 0x2A, "t": 0x24, "k": 0x15, "b": 0x2C, "d": 0x26, "g": 0x17, "m": 0x2E, "n": 0x28, "s": 0x38, "z": 0x1C,
    "h": 0x39, "l": 0x32, "r": 0x30, "v": 0x35, "f": 0x2B, "y": 0x2F, "c": 0x1A, "x": 0x36,
}  # fmt: skip
_INDIC_SIGNS = {"a": None, "e": 0x47, "i": 0x3F, "o": 0x4B, "u": 0x41}
_INDIC_INITIALS = {"a": 0x05, "e": 0x0F, "i": 0x07, "o": 0x13, "u": 0x09}
_INDIC_SILENCE = 0x4D
_INDIC_BLOCKS = {
    "devanagari": 0x900, "bengali": 0x980, "gurmukhi": 0xA00, "gujarati": 0xA80, "tamil": 0xB80, "telugu": 0xC00,
    "malayalam": 0xD00,
}  # fmt: skip

_HANGUL_INITIALS = {
    "": 11, "p": 17, "t": 16, "k": 15, "b": 7, "d": 3, "g": 0, "m": 6, "n": 2, "s": 9, "z": 12, "h": 18, "l": 5,
    "r": 5, "v": 8, "f": 17, "y": 13, "c": 14, "x": 10,
}  # fmt: skip
_HANGUL_VOWELS = {"a": 0, "e": 5, "i": 20, "o": 8, "u": 13}
_HANGUL_FINALS = {"": 0, "k": 1, "n": 4, "l": 8, "m": 16, "p": 17, "s": 19}

_KANA = {
    "": "あえいおう", "p": "ぱぺぴぽぷ", "t": "たてちとつ", "k": "かけきこく", "b": "ばべびぼぶ", "d": "だでぢどづ",
    "g": "がげぎごぐ", "m": "まめみもむ", "n": "なねにのぬ", "s": "させしそす", "z": "ざぜじぞず", "h": "はへひほふ",
    "r": "られりろる", "y": "やえいよゆ",
}  # fmt: skip


def split(syllable: str) -> tuple[str, str, str]:
    """A syllable's initial (or ""), vowel and final (or "")."""
    at = next(i for i, sound in enumerate(syllable) if sound in VOWELS)
    return syllable[:at], syllable[at], syllable[at + 1 :]


def _alphabetic(alphabet: Mapping[str, str], changes: Mapping[str, str], syllables: Sequence[str]) -> str:
    """Letter by letter; alphabets that leave out a vowel (Hebrew, Arabic) need a carrier for it at the beginning."""
    letters = {**alphabet, **changes}
    carrier = letters["a"] if "" in alphabet.values() and syllables[0][0] in "eiou" else ""
    return carrier + "".join(letters[sound] for syllable in syllables for sound in syllable)


def _indic(block: int, syllables: Sequence[str]) -> str:
    written = []
    for initial, vowel, final in map(split, syllables):
        if initial:
            sign = _INDIC_SIGNS[vowel]
            written += [_INDIC[initial]] + ([sign] if sign else [])
        else:
            written.append(_INDIC_INITIALS[vowel])
        written += [_INDIC[final], _INDIC_SILENCE] if final else []
    return "".join(chr(block + offset) for offset in written)


def _thai(syllables: Sequence[str]) -> str:
    written = []
    for initial, vowel, final in map(split, syllables):
        onset, sign = _THAI.get(initial, "อ"), _THAI[vowel]
        written.append(sign + onset if vowel in "eo" else onset + sign)
        written.append(_THAI.get(final, ""))
    return "".join(written)


def _burmese(syllables: Sequence[str]) -> str:
    written = []
    for initial, vowel, final in map(split, syllables):
        written.append(_BURMESE.get(initial, "အ") + _BURMESE[vowel])
        written.append(_BURMESE[final] + "\u103a" if final else "")
    return "".join(written)


def _hangul(syllables: Sequence[str]) -> str:
    codes = (
        (_HANGUL_INITIALS[initial] * 21 + _HANGUL_VOWELS[vowel]) * 28 + _HANGUL_FINALS[final]
        for initial, vowel, final in map(split, syllables)
    )
    return "".join(chr(0xAC00 + code) for code in codes)


def _hiragana(syllables: Sequence[str]) -> str:
    parts = map(split, syllables)
    return "".join(_KANA[initial][VOWELS.index(vowel)] + ("ん" if final else "") for initial, vowel, final in parts)


def _katakana(syllables: Sequence[str]) -> str:
    return "".join(chr(ord(kana) + 0x60) for kana in _hiragana(syllables))


def _ideographs(syllables: Sequence[str]) -> str:
    """One ideograph a syllable, spread over the block of unified ideographs by a fixed step."""
    written = []
    for initial, vowel, final in map(split, syllables):
        index = ((CONSONANTS.find(initial) + 1 if initial else 0) * 5 + VOWELS.index(vowel)) * 2 + bool(final)
        written.append(chr(0x4E00 + 7 + 97 * index))
    return "".join(written)


_SYLLABIC: dict[str, Callable[[Sequence[str]], str]] = {
    **{name: partial(_indic, block) for name, block in _INDIC_BLOCKS.items()},
    "thai": _thai,
    "burmese": _burmese,
    "hangul": _hangul,
    "hiragana": _hiragana,
    "katakana": _katakana,
    "ideographs": _ideographs,
}


def spell(script: str, syllables: Sequence[str], changes: Mapping[str, str]) -> str:
    """Write a word. ``changes`` gives letters in place of an alphabet's own, and other sounds in the other scripts."""
    if script in ALPHABETS:
        return _alphabetic(ALPHABETS[script], changes, syllables)
    return _SYLLABIC[script](["".join(changes.get(sound, sound) for sound in syllable) for syllable in syllables])


# Letters that change their shape at the end of a word.
_FINAL_SHAPES = {"σ": "ς", "מ": "ם", "נ": "ן", "פ": "ף"}


def finish(word: str) -> str:
    """The word with the final shape of its last letter (Greek sigma, Hebrew mem, nun and pe)."""
    return word[:-1] + _FINAL_SHAPES.get(word[-1], word[-1])


def attach(word: str, suffix: str) -> str:
    """The word with a suffix, its last letter back in its inner shape."""
    inner = {last: letter for letter, last in _FINAL_SHAPES.items()}
    return word[:-1] + inner.get(word[-1], word[-1]) + suffix
