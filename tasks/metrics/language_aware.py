"""Words of an answer by the rules of its own language, for the variant ``f1_language_aware``.

The official scores apply English (SQuAD) or ad-hoc (MLQA) rules; here Unicode punctuation goes, the articles of this
language only, and scripts written without spaces count character by character.
"""

from __future__ import annotations

import re
import string
import sys
import unicodedata
from functools import cache

_ARTICLES = {
    "en": "a an the",
    "de": "ein eine einen einem eines einer der die das den dem des",
    "es": "un una unos unas el la los las",
    "fr": "un une le la les",
    "it": "un uno una il lo la i gli le",
    "pt": "um uma uns umas o a os as",
    "nl": "een de het",
    "el": "ο η το οι τα του της των τον την τους τις ένας μια μία ένα",
    "hu": "a az egy",
    "ro": "un o niște",
}
ARTICLES = {language: frozenset(articles.split()) for language, articles in _ARTICLES.items()}

# Ideographs (with extensions and compatibility forms), kana, Thai, Lao, Khmer, Myanmar.
_UNSPACED = (
    "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
    "\u0e00-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u1000-\u109f\uaa60-\uaa7f\ua9e0-\ua9ff"
)
_CHARACTER = re.compile(f"([{_UNSPACED}])")


@cache
def punctuation() -> dict[int, None]:
    """Translation table that deletes every code point of a category P* and ASCII punctuation."""
    points = (point for point in range(sys.maxunicode + 1) if unicodedata.category(chr(point))[0] == "P")
    return dict.fromkeys([*points, *map(ord, string.punctuation)])


def remove_punctuation(text: str) -> str:
    """The text without any punctuation of any script (and without the ASCII symbols ``$+<=>^`|~``)."""
    return text.translate(punctuation())


def words(text: str, language: str) -> list[str]:
    """Normalised tokens of a text: lower case, no punctuation, no articles of this language.

    A character of a script without spaces is a token of its own.
    """
    tokens = _CHARACTER.sub(r" \1 ", remove_punctuation(text.lower())).split()
    articles = ARTICLES.get(language, frozenset())
    return [token for token in tokens if token not in articles]
