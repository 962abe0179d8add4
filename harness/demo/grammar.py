"""How a language says it: from meanings to words in its order, with tags and roles, and from words to running text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xharness.demo.lexicon import Lexicon
from xharness.demo.meaning import Clause, Phrase, Sentence
from xharness.demo.scripts import attach

ORDERS = {
    "SVO": ("subject", "verb", "object", "place", "year"),
    "VSO": ("verb", "subject", "object", "place", "year"),
    "SOV": ("subject", "place", "year", "object", "verb"),
}
MARKERS = {"place": "in", "year": "in", "object": "object"}
ENTITIES = {"person": "PER", "place": "LOC", "firm": "ORG"}
QUESTION_WORDS = {
    "subject": ("who", "PRON"),
    "object": ("what", "PRON"),
    "place": ("where", "ADV"),
    "year": ("when", "ADV"),
}


class Token(NamedTuple):
    """A word as said, with its universal part of speech, the role it plays ("" for grammar) and its entity tag."""

    form: str
    tag: str
    role: str = ""
    entity: str = "O"


class Grammar:
    """Says meanings in one language."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.language = lexicon.language
        self.words = lexicon.words

    def phrase(self, phrase: Phrase, role: str) -> list[Token]:
        """A phrase without the mark of its role."""
        if phrase.kind in ENTITIES:
            names = [self.words[word].capitalize() for word in phrase.words]
            entity = ENTITIES[phrase.kind]
            return [Token(n, "PROPN", role, f"{'I' if i else 'B'}-{entity}") for i, n in enumerate(names)]
        if phrase.kind == "pronoun":
            return [Token(self.words[phrase.words[0]], "PRON", role)]
        noun = self.words[phrase.words[0]]
        if phrase.number and self.language.plural:
            noun = attach(noun, self.words["grammar/plural"])
        said = [Token(noun, "NOUN", role)]
        if phrase.adjective:
            said.insert(0 if self.language.adjective_first else 1, Token(self.words[phrase.adjective], "ADJ", role))
        return self._determiner(phrase, role) + said

    def _determiner(self, phrase: Phrase, role: str) -> list[Token]:
        if phrase.number:
            return [Token(str(phrase.number), "NUM", "number")] + ([Token("%", "SYM", role)] if phrase.share else [])
        if phrase.determiner == "this" or (phrase.determiner and self.language.articles):
            return [Token(self.words[f"grammar/{phrase.determiner}"], "DET", role)]
        return []

    def _mark(self, said: list[Token], role: str) -> list[Token]:
        """Mark the role by a word in front, a word behind or a suffix. Marks in front are not used for objects."""
        marking = self.language.marking
        if role not in MARKERS or (role == "object" and marking == "pre"):
            return said
        mark = self.words[f"grammar/{MARKERS[role]}"]
        if marking == "suffix":
            last = said[-1]
            return said if last.tag == "NUM" else [*said[:-1], last._replace(form=attach(last.form, mark))]
        adposition = [Token(mark, "ADP")]
        return adposition + said if marking == "pre" else said + adposition

    def _verb(self, clause: Clause) -> list[Token]:
        """The verb with auxiliary and negation before it, or after it where the verb comes last."""
        said = [Token(self.words["grammar/done"], "AUX")] if clause.done else []
        said += [Token(self.words["grammar/not"], "PART")] if clause.negated else []
        verb = Token(self.words[clause.verb], "VERB", "verb")
        adverb = [Token(self.words[clause.adverb], "ADV")] if clause.adverb else []
        return adverb + ([verb, *said] if self.language.order == "SOV" else [*said, verb])

    def clause(self, clause: Clause, ask: str = "") -> list[Token]:
        """A clause; ``ask`` names the role that a question word takes (subject, object, place, year or number)."""
        parts = {"verb": self._verb(clause)}
        phrases = {"subject": clause.subject, "object": clause.object, "place": clause.place}
        for role, phrase in phrases.items():
            parts[role] = self._mark(self.phrase(phrase, role), role) if phrase else []
        parts["year"] = self._mark([Token(str(clause.year), "NUM", "year")], "year") if clause.year else []
        order = list(ORDERS[self.language.order])
        if clause.fronted:
            order = ["place", "year", *(part for part in order if part not in ("place", "year"))]
        if ask:
            asked = self._ask(parts, ask)
            if self.language.order != "SOV":
                order = [asked, *(part for part in order if part != asked)]
        return [token for part in order for token in parts[part]]

    def _ask(self, parts: dict[str, list[Token]], ask: str) -> str:
        """Put the question word in; returns the part that holds it."""
        if ask == "number":
            how_many = Token(self.words["grammar/howmany"], "DET", "number")
            parts["object"] = [how_many if token.role == "number" else token for token in parts["object"]]
            return "object"
        word, tag = QUESTION_WORDS[ask]
        parts[ask] = [Token(self.words[f"grammar/{word}"], tag)]
        return ask

    def sentence(self, sentence: Sentence) -> list[Token]:
        """A whole statement with its punctuation."""
        comma = Token(self.language.comma, "PUNCT")
        said = [Token(self.words["grammar/oh"], "INTJ"), comma] if sentence.oh else []
        for number, clause in enumerate(sentence.clauses):
            if number:
                link = Token(self.words[f"grammar/{sentence.link}"], "CCONJ" if sentence.link == "and" else "SCONJ")
                said += [comma, link] if sentence.link == "because" else [link]
            said += self.clause(clause)
        return self._finish(said, self.language.stop)

    def question(self, clause: Clause, ask: str) -> str:
        """A question for one role of the clause."""
        return self.text(self._finish(self.clause(clause, ask), self.language.question_mark))

    def _finish(self, said: list[Token], mark: str) -> list[Token]:
        first = said[0]
        capital = first._replace(form=first.form[0].title() + first.form[1:])
        return [capital, *said[1:], *([Token(mark, "PUNCT")] if mark else [])]

    def text(self, tokens: Sequence[Token]) -> str:
        """Running text: spaces between words where the language has them."""
        return self.text_and_starts(tokens)[0]

    def text_and_starts(self, tokens: Sequence[Token]) -> tuple[str, list[int]]:
        """Running text, and where in it each token starts (in characters)."""
        pieces: list[str] = []
        starts = []
        length = 0
        for token in tokens:
            if pieces and self.language.spaced and token.tag != "PUNCT":
                pieces.append(" ")
                length += 1
            starts.append(length)
            pieces.append(token.form)
            length += len(token.form)
        return "".join(pieces), starts

    def say(self, sentence: Sentence) -> str:
        """A sentence as running text."""
        return self.text(self.sentence(sentence))
