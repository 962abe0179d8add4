"""Questions about a context in SQuAD's JSON: XQuAD, MLQA and TyDiQA-GoldP."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tasks.base import QuestionGold, SpanQuestion, Split
from tasks.errors import Problem
from tasks.readers.layout import FolderReader, Found, existing, search
from tasks.readers.lines import count, has_half_character

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
        """Read one file."""
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
        """Read one file."""
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
        """The published file of one language, else the one of all."""
        published, word = _published(split), TYDIQA_WORDS.get(language)
        if not published or not word:
            return ()
        names = (f"tydiqa-goldp-{published}-{word}.json", f"tydiqa-goldp-v1.1-{published}.json")
        return search(folder, *names)

    def parse(self, found: Found) -> Split:
        """Read one file. XTREME cuts the ids of training questions, so that they repeat; they get a suffix."""
        if found.upstream:
            return read_squad(found.files[0], only=f"{TYDIQA_WORDS[found.language]}-")
        return read_squad(found.files[0], repeated_ids=found.split == "train")


def read_squad(
    path: Path, *, repeated_ids: bool = False, only: str = "", unanswerable: bool = False, translated: bool = False
) -> Split:
    """All questions of a file. Gold is None where every answer is blanked (empty text at offset 0).

    Each answer must stand at its offset and each id be unique; with ``repeated_ids`` they are made so. ``only`` takes
    the questions whose id begins with it and looks at no other.

    Args:
        path: SQuAD JSON.
        repeated_ids: Give the second question of an id a suffix.
        only: Beginning of the ids to take.
        unanswerable: SQuAD 2.0: ``is_impossible`` questions have no answers and the gold answer "". The fact
            ``answerable`` is yes or no.
        translated: Questions whose answer does not stand at its offset are left out and counted, not problems.
    """
    found = _Collector(path, repeated_ids, only, unanswerable, translated)
    try:
        found.text = path.read_bytes().decode("utf-8-sig")
        root = json.loads(found.text)
    except OSError as error:
        found.report(f"cannot be read: {error.strerror or error}")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        found.problems.append(Problem(path, line, f"byte 0x{error.object[error.start]:02x} is not UTF-8"))
    except json.JSONDecodeError as error:
        found.problems.append(Problem(path, error.lineno, f"broken JSON: {error.msg} (column {error.colno})"))
    except RecursionError:
        found.report("broken JSON: nested too deeply")
    else:
        if has_half_character(found.text, root):
            found.report("a text holds half a character (\\ud800 to \\udfff alone)")
            return found.split()
        for where, context, question in _questions(found, root):
            found.add(where, context, question)
    return found.split()


@dataclass
class _Collector:
    """What has been read so far."""

    path: Path
    repeated_ids: bool
    only: str
    unanswerable: bool = False
    translated: bool = False
    text: str = ""
    others: int = 0
    misplaced: int = 0
    examples: list[SpanQuestion] = field(default_factory=list)
    clusters: dict[str, str] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def report(self, what: str, name: str | None = None) -> None:
        """A problem at the line where the latest question ``name`` stands, else of the whole file."""
        line = 0
        if name is not None:
            position = -1
            for _ in range(max(self.seen[name], 1)):
                position = self.text.find(json.dumps(name, ensure_ascii=False), position + 1)
            line = self.text.count("\n", 0, position) + 1 if position >= 0 else 0
        self.problems.append(Problem(self.path, line, what))

    def add(self, where: str, context: str, question: Any) -> None:
        """One question, with whatever is wrong with it."""
        try:
            name, text = str(question["id"]), str(question["question"])
            answers = [(str(answer["text"]), int(answer["answer_start"])) for answer in question.get("answers", ())]
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            return self.report(f"{where} is no question with id, question and answers ({_reason(error)})")
        if not name.startswith(self.only):
            self.others += 1
            return None
        self.seen[name] += 1
        if self.seen[name] > 1 and not self.repeated_ids:
            self.report(f"question id '{name}' is there twice", name)
        if not text.strip():
            self.report(f"question '{name}' is empty", name)
        impossible = self.unanswerable and question.get("is_impossible") is True
        kept = () if impossible else tuple(answer for answer in answers if answer != ("", 0))
        wrong = [(answer, start) for answer, start in kept if not _stands(answer, start, context)]
        if self.translated and (wrong or not kept):
            self.misplaced += 1
            return None
        for answer, start in wrong:
            self.report(f"question '{name}': the answer '{_short(answer)}' does not stand at {start}", name)
        unique = name if self.seen[name] == 1 else f"{name}#{self.seen[name]}"
        self.clusters.setdefault(context, unique)
        facts = {"answerable": "no" if impossible else "yes"} if self.unanswerable else {}
        self.examples.append(SpanQuestion(unique, text, context, kept, facts))
        return None

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
            self.report(f"no question{f' whose id begins with {self.only}' if self.only else ''} in it")
        notes = [f"{count(self.others, 'question')} of other languages in {self.path.name}"] if self.others else []
        if self.misplaced:
            what = "whose answer does not stand in the translated text left out"
            notes.append(f"{self.path.name}: {count(self.misplaced, 'question')} {what}")
        return Split(self.examples, gold, (self.path,), tuple(sorted(self.problems)), tuple(notes))


def _questions(found: _Collector, root: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Where it stands, context and question; whatever has no such shape is reported and passed over."""
    for article_place, article in _items(found, root, "data", "the file"):
        for place, paragraph in _items(found, article, "paragraphs", article_place):
            context = paragraph.get("context") if isinstance(paragraph, dict) else None
            if not isinstance(context, str) or not context.strip():
                found.report(f"{place} has no context")
                continue
            for question_place, question in _items(found, paragraph, "qas", place):
                yield question_place, context, question


def _items(found: _Collector, holder: Any, key: str, place: str) -> Iterator[tuple[str, Any]]:
    """The entries of a list in a JSON object, each with its place for people."""
    inside = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(inside, list):
        found.report(f"{place} has no list '{key}'")
        return
    prefix = "" if place == "the file" else f"{place}."
    yield from ((f"{prefix}{key}[{index}]", item) for index, item in enumerate(inside))


def _published(split: str) -> str:
    """The published split behind ours."""
    return {"test": "dev", "train": "train"}.get(split, "")


def _stands(answer: str, start: int, context: str) -> bool:
    return bool(answer) and start >= 0 and context[start : start + len(answer)] == answer


def _is_impossible(example: SpanQuestion) -> bool:
    return example.facts.get("answerable") == "no"


def _reason(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else str(error)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
