"""Intermediate tasks of the demo world in the files of their publishers: SNLI, MultiNLI, ANLI, QQP, SQuAD 2.0, CCG.

They ask for what the targets need (what follows, who did what, which words play which part), about other meanings.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from xharness.demo.files import File, World, dump, lines
from xharness.demo.grammar import Grammar, Token
from xharness.demo.meaning import Clause, clause, sentence
from xharness.demo.pairs import inferences, meeting
from xharness.demo.questions import Paragraph, gold, paragraph, paragraphs, roles, shortened, told
from xharness.tasks.base import Task

FOLDER = "intermediate"


def mnli_files(world: World, _task: Task) -> Iterator[File]:
    """Train and matched dev of MultiNLI."""
    for name, count in world.train_counts(FOLDER).items():
        matched = "dev_matched" if name == "dev" else name
        yield _nli(world, f"multinli_1.0/multinli_1.0_{matched}.jsonl", count, "gold_label", "sentence1", "sentence2")


def anli_files(world: World, _task: Task) -> Iterator[File]:
    """Train and dev of SNLI and of three rounds of ANLI, each with a third of the examples of MultiNLI."""
    for name, count in world.train_counts(FOLDER).items():
        yield _nli(world, f"snli_1.0/snli_1.0_{name}.jsonl", count // 3, "gold_label", "sentence1", "sentence2")
        for number in (1, 2, 3):
            yield _nli(world, f"anli_v1.0/R{number}/{name}.jsonl", count // 3, "label", "context", "hypothesis")


def duplicate_files(world: World, _task: Task) -> Iterator[File]:
    """Train and dev of QQP."""
    return (_duplicates(world, *split) for split in world.train_counts(FOLDER).items())


def unanswerable_files(world: World, _task: Task) -> Iterator[File]:
    """Train and dev of SQuAD 2.0."""
    return (_unanswerable(world, *split) for split in world.train_counts(FOLDER).items())


def category_files(world: World, _task: Task) -> Iterator[File]:
    """Train and dev of CCG."""
    return (_categories(world, *split) for split in world.train_counts(FOLDER).items())


def _nli(world: World, path: str, count: int, label: str, first: str, second: str) -> File:
    """Pairs under the names that a publisher gives to the fields; ANLI has ``uid`` and the labels' first letters."""
    pairs = inferences(world.rng(path), count, 1)
    say = world.grammars["en"].say
    anli = label == "label"
    rows = (
        {
            ("uid" if anli else "pairID"): f"{path}/{number}",
            first: say(premise),
            second: say(hypothesis),
            label: answer[0] if anli else answer,
        }
        for number, (premise, hypothesis, answer) in enumerate(pairs)
    )
    return File(f"{FOLDER}/{path}", "".join(map(dump, rows)))


def _duplicates(world: World, name: str, count: int) -> File:
    """Two questions: the same with other details left out, or about another part, another fact, or roles swapped."""
    rng = world.rng(f"qqp/{name}")
    grammar = world.grammars["en"]
    rows = ["id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate"]
    for number in range(count):
        fact = meeting(rng) if rng.random() < 0.5 else clause(rng, 0.6)
        asked = rng.choice([role for role in roles(fact) if role in ("place", "year")] or roles(fact))
        same = rng.random() < 0.5
        other, also = (fact, asked) if same else _other(rng, fact, asked)
        first = grammar.question(shortened(rng, fact, asked), asked)
        second = grammar.question(shortened(rng, other, also), also)
        rows.append(f"{number}\t{2 * number}\t{2 * number + 1}\t{first}\t{second}\t{int(same)}")
    return File(f"{FOLDER}/QQP/{name}.tsv", lines(rows))


def _other(rng: Random, fact: Clause, asked: str) -> tuple[Clause, str]:
    """A question that is like another one and not the same."""
    swapped = fact._replace(subject=fact.object, object=fact.subject)
    changes = [(fact, role) for role in roles(fact) if role != asked]
    changes += [(swapped, asked)] * (asked in ("place", "year"))
    changes += [(fact._replace(verb=clause(rng, 0).verb, negated=not fact.negated), asked)]
    return rng.choice(changes)


def _unanswerable(world: World, name: str, count: int) -> File:
    """SQuAD 2.0: a third of the questions is about a fact that the paragraph does not tell."""
    grammar = world.grammars["en"]
    made = []
    for told_of in paragraphs(world, f"squad_v2/{name}", count):
        page = told(grammar, told_of)
        for question in page["qas"]:
            question["is_impossible"] = int(question["id"], 16) % 3 == 0
            if question["is_impossible"]:
                question["question"] = _about_nothing(grammar, told_of, question["id"])
                question["answers"] = []
        made.append(page)
    return File(f"{FOLDER}/squad_v2.0/{name}-v2.0.json", gold(made, "v2.0"))


def _about_nothing(grammar: Grammar, page: Paragraph, name: str) -> str:
    """A question about a fact with a verb that the paragraph does not have."""
    rng = Random(name)
    verbs = {fact.verb for fact in page.facts}
    while (fact := paragraph(rng, name, facts=1, questions=1).facts[0]).verb in verbs:
        pass
    asked = rng.choice(roles(fact))
    return grammar.question(shortened(rng, fact, asked), asked)


def _categories(world: World, name: str, count: int) -> File:
    """CCG supertags, a sentence a line: words TAB categories."""
    rng = world.rng(f"ccg/{name}")
    said = (world.grammars["en"].sentence(sentence(rng, 0.5, rng.randint(1, 2))) for _ in range(count))
    rows = (f"{' '.join(t.form for t in tokens)}\t{' '.join(supertags(tokens))}" for tokens in said)
    return File(f"{FOLDER}/ccg/ccg.{name}", lines(rows))


ADVERBIAL = r"(S\NP)\(S\NP)"
BY_TAG = {
    "NOUN": "N", "PRON": "NP", "DET": "NP/N", "ADJ": "N/N", "NUM": "N/N", "SYM": r"N\N", "PART": ADVERBIAL,
    "ADV": r"(S\NP)/(S\NP)", "AUX": r"(S[dcl]\NP)/(S[b]\NP)", "ADP": f"({ADVERBIAL})/NP", "CCONJ": "conj",
    "INTJ": "S/S", "SCONJ": f"({ADVERBIAL})/S[dcl]",
}  # fmt: skip


def supertags(tokens: list[Token]) -> list[str]:
    """The category of each word of an English sentence, by its part of speech and its neighbours."""
    tags = [token.tag for token in tokens]
    found = []
    for place, (tag, after) in enumerate(zip(tags, [*tags[1:], ""], strict=True)):
        if tag == "VERB":
            found.append(r"(S[b]\NP)/NP" if "AUX" in tags[max(0, place - 2) : place] else r"(S[dcl]\NP)/NP")
        elif tag == "PROPN":
            found.append("N/N" if after == "PROPN" else "N")
        elif tag == "NUM" and after not in ("NOUN", "ADJ", "SYM"):
            found.append("N")
        else:
            found.append(BY_TAG.get(tag, tokens[place].form))
    return found
