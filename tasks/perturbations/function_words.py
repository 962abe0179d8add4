"""Sentences without their function words; what denies stays, because the label hangs on it."""

from __future__ import annotations

from xharness.tasks.readers.trees import Tree, Word

REMOVED = frozenset(("DET", "ADP", "AUX", "PART", "SCONJ"))
"""Universal tags of what goes."""

NEGATIVE = frozenset(("Polarity=Neg", "PronType=Neg"))
"""Features of what denies."""

_DENYING = {
    "ar": "لا لم لن ليس ليست ليسوا ما غير بدون دون",
    "bg": "не ни без никога никой нищо няма недей нито",
    "de": "nicht kein keine keinen keinem keiner keines nie niemals ohne weder",
    "el": "δεν δε μην μη χωρίς ούτε όχι κανένας καμία κανένα ποτέ",
    "en": "no not n't n’t never neither nor none nothing nobody nowhere without cannot hardly barely",
    "es": "no sin ningún ninguna ninguno nunca jamás tampoco nada nadie ni",
    "fr": "ne n' n’ pas non jamais aucun aucune sans ni rien",
    "hi": "नहीं न ना मत बिना",
    "ru": "не ни нет без никогда никто ничто",
    "sw": "si sio siyo hakuna hapana bila wala",
    "th": "ไม่ มิ อย่า ไร้",
    "tr": "değil yok hiç asla",
    "ur": "نہیں نہ مت بغیر",
    "vi": "không chưa chẳng đừng chớ",
    "zh": "不 没 沒 没有 沒有 无 無 未 非 别 別 莫 勿",
}
DENYING = {language: frozenset(words.split()) for language, words in _DENYING.items()}
"""Words that deny in the languages of XNLI, for treebanks without those features; they always stay."""


def content_words(tree: Tree, language: str) -> list[int]:
    """Places of the words that stay; all of them if none would."""
    denying = {place for place in range(len(tree.words)) if _denies(tree.words[place], language)}
    tokens = {tree.words[place].token for place in denying} - {-1}
    stay = [
        place
        for place, word in enumerate(tree.words)
        if word.tag not in REMOVED or place in denying or word.token in tokens  # "don't" stays whole
    ]
    said = any(not tree.words[place].is_punctuation for place in stay)
    return stay if said else list(range(len(tree.words)))


def _denies(word: Word, language: str) -> bool:
    return bool(word.features & NEGATIVE) or word.form.lower() in DENYING.get(language, ())
