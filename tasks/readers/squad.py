"""Questions about a context in SQuAD's JSON: XQuAD, MLQA and TyDiQA-GoldP."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from xharness.tasks.base import MALFORMED, OTHER_LANGUAGES, Rows, Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.common.text import shortened
from xharness.tasks.readers.json_document import JsonDocument, read_document
from xharness.tasks.readers.layout import FolderReader, Found, existing, search, state
from xharness.tasks.readers.lines import left_out
from xharness.tasks.types.extractive_qa import QuestionGold, SpanQuestion
from xharness.tasks.types.squad_json import answer_starts, answer_texts, paragraphs, questions

TYDIQA_WORDS = {
    "ar": "arabic", "bn": "bengali", "en": "english", "fi": "finnish", "id": "indonesian", "ko": "korean",
    "ru": "russian", "sw": "swahili", "te": "telugu",
}  # fmt: skip


@dataclass(frozen=True)
class XquadReader(FolderReader):
    """``xquad.<lang>.json``: XTREME blanks the answers and keeps the name. Test only."""

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The file in the task's folder."""
        return existing(folder / f"xquad.{language}.json") if split == "test" else ()

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The same name further down."""
        return search(folder, f"xquad.{language}.json") if split == "test" else ()

    def parse(self, found: Found) -> Split:
        """See :meth:`FolderReader.parse`."""
        return read_squad(found.files[0])


@dataclass(frozen=True)
class MlqaReader(FolderReader):
    """``MLQA_V1/<split>/<split>-context-<lang>-question-<lang>.json``: dev, and test with answers blanked or not."""

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The file at its place in the archive."""
        return existing(folder / "MLQA_V1" / split / self._name(language, split))

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The same name elsewhere."""
        return search(folder, self._name(language, split))

    def parse(self, found: Found) -> Split:
        """See :meth:`FolderReader.parse`."""
        return read_squad(found.files[0])

    @staticmethod
    def _name(language: str, split: str) -> str:
        return f"{split}-context-{language}-question-{language}.json"


@dataclass(frozen=True)
class TydiqaReader(FolderReader):
    """``tydiqa.goldp.<lang>.<train|dev>.json``, or the published files of one or of all languages.

    XTREME's test is the published dev set; there is no other dev set.
    """

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """XTREME's file of one language."""
        published = _published(split)
        inside = folder / f"tydiqa-goldp-v1.1-{published}"
        return existing(inside / f"tydiqa.goldp.{language}.{published}.json") if published else ()

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The published file of one language, else the one of all if it has the language, or none that is known.

        Looks into the latter for the languages that it has.
        """
        published, word = _published(split), TYDIQA_WORDS.get(language)
        if not published or not word:
            return ()
        own = search(folder, f"tydiqa-goldp-{published}-{word}.json")
        files = own or search(folder, f"tydiqa-goldp-v1.1-{published}.json")
        there = {name for path in files for name in _words_in(path, *state(path))}
        return files if own or word in there or not there else ()

    def parse(self, found: Found) -> Split:
        """Read one file. XTREME cuts the ids of training questions, so that they repeat; they get a suffix."""
        if found.upstream:
            return read_squad(found.files[0], only=TYDIQA_WORDS[found.language])
        return read_squad(found.files[0], repeated_ids=found.split == "train")


def read_squad(
    path: Path, *, repeated_ids: bool = False, only: str = "", unanswerable: bool = False, translated: bool = False
) -> Split:
    """All questions of a file. Gold is None where every answer is blanked (empty text at offset 0).

    Each answer must stand at its offset and each id be unique; with ``repeated_ids`` they are made so. ``only`` takes
    the questions whose id begins with this word, counts those of TyDiQA's other languages and knows no others.

    Args:
        path: SQuAD JSON.
        repeated_ids: Give the second question of an id a suffix.
        only: TyDiQA's word for a language, with which ids begin.
        unanswerable: SQuAD 2.0: ``is_impossible`` questions have no answers and the gold answer "". The fact
            ``answerable`` is yes or no.
        translated: Questions whose answer does not stand at its offset are left out and counted, not problems.
    """
    document = read_document(path)
    if isinstance(document, Problem):
        rows = (Rows(path, "question", 0),)
        return Split([], None, (path,), (document,), (), rows)
    found = _Collector(path, document, repeated_ids, only, unanswerable, translated)
    found.add_all()
    return found.split()


@dataclass
class _Collector:
    """What has been read so far."""

    path: Path
    document: JsonDocument
    repeated_ids: bool
    only: str
    unanswerable: bool = False
    translated: bool = False
    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    examples: list[SpanQuestion] = field(default_factory=list)
    clusters: dict[str, str] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def report(self, what: str, name: str | None = None) -> None:
        """A problem at the line where the latest question ``name`` stands, else of the whole file."""
        line = 0 if name is None else self.document.line_of(name, max(self.seen[name], 1))
        self.problems.append(Problem(self.path, line, what))

    def add_all(self) -> None:
        """Every question; whatever has no such shape is reported and passed over."""
        for place, paragraph in paragraphs(self.document.value, self.report):
            context = paragraph.get("context")
            if not isinstance(context, str) or not context.strip():
                self.report(f"{place} has no context")
                continue
            for _, name, question in questions(paragraph, place, self.report):
                self.read += 1
                if reason := self.add(context, name, question):
                    self.left_out[reason] += 1

    def add(self, context: str, name: str, question: JsonObject) -> str:
        """One question, with whatever is wrong with it; why it is left out, if it is."""
        word = name.partition("-")[0]
        if self.only and word != self.only and word in TYDIQA_WORDS.values():
            return OTHER_LANGUAGES
        self.seen[name] += 1
        text, answers = question.get("question"), _answers(question)
        if self.only and word != self.only:
            self.report(f"question '{name}': an id begins with its language, which is unknown", name)
        elif not isinstance(text, str) or answers is None:
            what = "'answers' that are not a list of texts with offsets" if answers is None else "no text 'question'"
            self.report(f"question '{name}' has {what}", name)
        else:
            return self.add_checked(context, name, text, answers, question)
        return MALFORMED

    def add_checked(
        self, context: str, name: str, text: str, answers: list[tuple[str, int]], question: JsonObject
    ) -> str:
        """One question whose parts have the right types."""
        if self.seen[name] > 1 and not self.repeated_ids:
            self.report(f"question id '{name}' is there twice", name)
        if not text.strip():
            self.report(f"question '{name}' is empty", name)
        impossible = self.unanswerable and question.get("is_impossible") is True
        kept = () if impossible else tuple(answer for answer in answers if answer != ("", 0))
        wrong = [(answer, start) for answer, start in kept if not _stands(answer, start, context)]
        if self.translated and (wrong or not kept):
            return "the answer does not stand in the translated text"
        for answer, start in wrong:
            self.report(f"question '{name}': the answer '{shortened(answer)}' does not stand at {start}", name)
        unique = name if self.seen[name] == 1 else f"{name}#{self.seen[name]}"
        self.clusters.setdefault(context, unique)
        facts = {"answerable": "no" if impossible else "yes"} if self.unanswerable else {}
        self.examples.append(SpanQuestion(unique, text, context, kept, facts))
        return ""

    def split(self) -> Split:
        """Examples and gold."""
        answered = [example for example in self.examples if example.answers or _is_impossible(example)]
        gold = None
        if answered:
            for example in self.examples:
                if not example.answers and not _is_impossible(example):
                    self.report(f"question '{example.id}' has no answer, others have", example.id.partition("#")[0])
            gold = [
                QuestionGold(
                    example.id, tuple(text for text, _ in example.answers) or ("",), self.clusters[example.context]
                )
                for example in answered
            ]
        if not self.examples and not self.problems:
            self.report(f"no question{f' whose id begins with {self.only}-' if self.only else ''} in it")
        rows = (Rows(self.path, "question", self.read, dict(self.left_out)),)
        return Split(self.examples, gold, (self.path,), tuple(sorted(self.problems)), left_out(rows), rows)


def _answers(question: JsonObject) -> list[tuple[str, int]] | None:
    """Text and offset of each answer; None if they are anything else."""
    texts = answer_texts(question)
    starts = None if texts is None else answer_starts(question)
    return None if texts is None or starts is None else list(zip(texts, starts, strict=True))


@lru_cache(maxsize=16)
def _words_in(path: Path, modified: int, size: int) -> frozenset[str]:  # noqa: ARG001
    """TyDiQA's words for the languages with which ids in a file begin."""
    content = path.read_bytes()
    return frozenset(word for word in TYDIQA_WORDS.values() if f'"{word}-'.encode() in content)


def _published(split: str) -> str:
    """The published split behind ours."""
    return {"test": "dev", "train": "train"}.get(split, "")


def _stands(answer: str, start: int, context: str) -> bool:
    return bool(answer) and start >= 0 and context[start : start + len(answer)] == answer


def _is_impossible(example: SpanQuestion) -> bool:
    return example.facts.get("answerable") == "no"
