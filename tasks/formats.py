"""The files of the leaderboard, one format a task: prediction files, and the gold files beside them.

Lines mean what they mean to the official scorer: they end in LF, CR LF or CR, every line is stripped of surrounding
white space, and an empty line counts (as an empty answer, or as the end of a sentence).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from tasks.base import Answers, Format, QuestionGold
from tasks.errors import Problem

_Wrong: TypeAlias = tuple[int, str]  # 1-based line (0: the whole file) and what is wrong there


@dataclass(frozen=True)
class Parsed:
    """One file in memory.

    Attributes:
        answers: What the file says, in the type that ``tasks.base`` lists for its format.
        lines: The 1-based line where each item stands; for tags where each sentence begins, for JSON each key.
        problems: What could not be read. Answers then hold the rest of the file.
    """

    answers: Any
    lines: tuple[int, ...]
    problems: tuple[Problem, ...] = ()


def parse_answers(format: Format, path: Path) -> Parsed:
    """Read a prediction file. Raises OSError if it cannot be opened; everything else becomes a Problem."""
    return _read(_ANSWER_PARSERS[format], path)


def parse_gold(format: Format, path: Path) -> Parsed:
    """Read a gold file: SQuAD JSON for ANSWERS, otherwise the same shape as a prediction file."""
    return _read(_squad if format is Format.ANSWERS else _ANSWER_PARSERS[format], path)


def render(format: Format, answers: Answers) -> str:
    """The exact text of a prediction file: LF line ends, a final newline, items in the order given."""
    match format:
        case Format.TAGS:
            return "\n".join("".join(f"{tag}\n" for tag in tags) for tags in answers)
        case Format.ANSWERS | Format.RANKINGS:
            return json.dumps(answers, indent=4) + "\n"
        case Format.PAIRS:
            lines = ["\t".join(pair) for pair in answers]
        case Format.CHOICES:
            lines = [json.dumps({"label": label}) for label in answers]
        case _:
            lines = list(answers)
    return "".join(f"{line}\n" for line in lines)


# --- text ------------------------------------------------------------------------------------------------------------


class _Content(NamedTuple):
    """A file's content before it has a name: answers, line of each, and (line, what) of everything unreadable."""

    answers: Any
    lines: Sequence[int]
    wrong: Sequence[_Wrong] = ()


def _read(parse: Callable[[str], _Content], path: Path) -> Parsed:
    data = path.read_bytes()
    text, wrong = _decode(data)
    content = parse(text)
    problems = (Problem(path, line, what) for line, what in (*wrong, *content.wrong))
    return Parsed(content.answers, tuple(content.lines), tuple(problems))


def _decode(data: bytes) -> tuple[str, list[_Wrong]]:
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        return data.decode("utf-8", errors="replace").removeprefix("\ufeff"), [(line, what)]


def _stripped_lines(text: str) -> list[str]:
    """Stripped lines; what follows the last line end is a line only if it is not nothing."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines[-1]:
        del lines[-1]
    return [line.strip() for line in lines]


def _labels(text: str) -> _Content:
    lines = _stripped_lines(text)
    return _Content(lines, range(1, len(lines) + 1))


def _pairs(text: str) -> _Content:
    lines = _stripped_lines(text)
    return _Content([tuple(line.split("\t")) for line in lines], range(1, len(lines) + 1))


def _tags(text: str) -> _Content:
    """A line of white space closes a sentence even if it is empty; the end of the file only a non-empty one."""
    sentences: list[list[str]] = []
    starts: list[int] = []
    current: list[str] = []
    start = 1
    lines = _stripped_lines(text)
    for number, line in enumerate([*lines, ""], start=1):
        if line:
            current.append(line)
        elif current or number <= len(lines):
            sentences.append(current)
            starts.append(start)
            current, start = [], number + 1
    return _Content(sentences, starts)


# --- JSON ------------------------------------------------------------------------------------------------------------


def _choices(text: str) -> _Content:
    labels: list[Any] = []
    wrong: list[_Wrong] = []
    lines = _stripped_lines(text)
    for number, line in enumerate(lines, start=1):
        try:
            labels.append(json.loads(line)["label"])
        except (ValueError, RecursionError):
            what = "an empty line; delete it" if not line else f'not JSON: {_short(line)}; write {{"label": 0}}'
        except (KeyError, TypeError, IndexError):
            what = f'no "label" in {_short(line)}; write {{"label": 0}}'
        else:
            continue
        labels.append(None)
        wrong.append((number, what))
    return _Content(labels, range(1, len(lines) + 1), wrong)


def _answers(text: str) -> _Content:
    return _object(text, lambda value: isinstance(value, str), 'a text: write "id": "answer"')


def _rankings(text: str) -> _Content:
    return _object(text, _is_ranking, 'a list of entity ids: write "id": ["Q1", "Q2"]')


def _is_ranking(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entity, str) for entity in value)


def _object(text: str, valid: Callable[[Any], bool], wanted: str) -> _Content:
    """One JSON object, unwrapped if it sits under a key ``data``; a repeated key keeps its last value."""
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError) as error:
        return _Content({}, (), [_broken(error)])
    content = loaded["data"] if isinstance(loaded, dict) and "data" in loaded else loaded
    if not isinstance(content, dict):
        swapped = "; it looks like gold, and predictions come first" if _is_squad(content) else ""
        what = f"holds a JSON {_json_type(content)}, not one object of ids and answers{swapped}"
        return _Content({}, (), [(0, what)])
    first: dict[str, int] = {}
    wrong: list[_Wrong] = []
    for key, line in _keys(text):
        if key not in content:
            continue
        if key in first:
            wrong.append((line, f"id '{key}' is there twice, first on line {first[key]}; keep one"))
        elif not valid(content[key]):
            wrong.append((line, f"answer of '{key}' is {_short(json.dumps(content[key]))}, not {wanted}"))
        first.setdefault(key, line)
    kept = {key: value for key, value in content.items() if valid(value)}
    return _Content(kept, [first[key] for key in kept], wrong)


def _is_squad(content: Any) -> bool:
    """Whether this is what SQuAD JSON has under ``data``."""
    return isinstance(content, list) and any(isinstance(entry, dict) and "paragraphs" in entry for entry in content)


def _squad(text: str) -> _Content:
    """SQuAD JSON to one entry a question. Questions on the same context share a cluster, named after the first."""
    questions: list[QuestionGold] = []
    clusters: dict[str, str] = {}
    try:
        for context, question in _questions(json.loads(text)):
            name = str(question["id"])
            cluster = clusters.setdefault(context, name) if context else name
            texts = tuple(str(answer["text"]) for answer in question.get("answers", ()))
            questions.append(QuestionGold(name, texts, cluster))
    except (ValueError, RecursionError) as error:
        return _Content([], (), [_broken(error)])
    except (KeyError, TypeError, AttributeError) as error:
        what = f"not SQuAD JSON after {len(questions)} questions ({type(error).__name__}: {error}); see SQuAD 1.1"
        return _Content(questions, (), [(0, what)])
    return _Content(questions, _id_lines(text, questions))


def _questions(loaded: Any) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    for article in loaded["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                yield paragraph.get("context"), question


def _broken(error: ValueError | RecursionError) -> _Wrong:
    if isinstance(error, json.JSONDecodeError):
        what = f"broken JSON: {error.msg} (column {error.colno}); write it with a JSON library"
        return error.lineno, what
    return 0, f"broken JSON: {error}; write it with a JSON library"


_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?', re.DOTALL)
_ID = re.compile(r'"id"\s*:\s*"((?:[^"\\]|\\.)*)"', re.DOTALL)


def _keys(text: str) -> Iterator[tuple[str, int]]:
    """Every object key of valid JSON with the line where it stands."""
    return _located(text, (match for match in _STRING.finditer(text) if match[2]))


def _id_lines(text: str, questions: Sequence[QuestionGold]) -> list[int]:
    """The line of each question's id; 0 where it is not written as ``"id": "..."``."""
    found: dict[str, int] = {}
    for name, line in _located(text, _ID.finditer(text)):
        found.setdefault(name, line)
    return [found.get(question.id, 0) for question in questions]


def _located(text: str, matches: Iterable[re.Match[str]]) -> Iterator[tuple[str, int]]:
    """The first group of each match, as the JSON string that it is, and its 1-based line."""
    line, position = 1, 0
    for match in matches:
        line += text.count("\n", position, match.start())
        position = match.start()
        yield json.loads(f'"{match[1]}"'), line


def _json_type(value: Any) -> str:
    names = {list: "list", str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}
    return names.get(type(value), type(value).__name__)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


_ANSWER_PARSERS: Mapping[Format, Callable[[str], _Content]] = {
    Format.LABELS: _labels,
    Format.INDICES: _labels,
    Format.TAGS: _tags,
    Format.PAIRS: _pairs,
    Format.CHOICES: _choices,
    Format.ANSWERS: _answers,
    Format.RANKINGS: _rankings,
}
