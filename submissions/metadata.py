"""What a leaderboard wants to know of a model beside its predictions: ``model.toml``, read and checked."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from xharness.tasks.common.errors import BadFiles, Problem, UserError, suggestion

MOST_PARAMETERS = 10**15
FILE = "metadata.toml"
"""Its name in a run folder and in an archive."""

TEMPLATE = """\
# What the leaderboard shows of a model. xharness submission pack RUN --metadata model.toml --out model.zip
name = "Our Model Large"
participant = "Ada Lovelace"                      # person or team
affiliation = "Analytical Engines"
date = 2024-05-31                                 # of the submission
parameters = 560_000_000                          # of the encoder, embeddings included
pretraining_data = "CommonCrawl, 100 languages"   # what the encoder was pretrained on
training_data_beyond_english = []                 # labelled or parallel data; [] is zero-shot transfer from English
                                                  # e.g. ["XNLI translated to 14 languages", "OPUS-100"]
retrieval_encoder = "pretrained"                  # what answers BUCC and Tatoeba: or "tuned", on other tasks first
links = ["https://example.org/paper", "https://example.org/code"]
"""
PRETRAINED, TUNED = "pretrained", "tuned"


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """A model as its makers describe it.

    Attributes:
        parameters: Number of parameters, embeddings included.
        training_data_beyond_english: Labelled or parallel data in other languages; empty for zero-shot transfer.
        date: Of the submission, ``YYYY-MM-DD``.
        retrieval_encoder: ``pretrained`` or ``tuned``; empty if they do not say.
        links: Web addresses; may be left out.
    """

    name: str
    participant: str
    affiliation: str
    parameters: int
    pretraining_data: str
    training_data_beyond_english: tuple[str, ...]
    date: str
    retrieval_encoder: str = ""
    links: tuple[str, ...] = ()


def read_metadata(path: Path) -> Metadata:
    """Read and check a file.

    Raises:
        UserError: it cannot be opened, or is not TOML.
        BadFiles: with everything that is missing, unknown or of the wrong form.
    """
    fix = "xharness submission template prints an example"
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except OSError as error:
        raise UserError(f"cannot read {path}", error.strerror or str(error), f"check the path; {fix}") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"cannot read {path}", f"it is not TOML: {error}", fix) from error
    problems = [Problem(path, _line(text, name), what) for name, what in _wrong(found)]
    if problems:
        raise BadFiles(f"{path} is not a description of a model", sorted(problems), f"correct these lines; {fix}")
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    values["date"] = str(found["date"])
    return Metadata(**values)


def _wrong(found: Mapping[str, object]) -> list[tuple[str, str]]:
    """Every key that is unknown, missing, or holds what it cannot, and why."""
    wrong = [(name, f"unknown key '{name}': {suggestion(name, CHECKS)}") for name in found if name not in CHECKS]
    optional = {field.name for field in fields(Metadata) if field.default is not MISSING}
    wrong += [(name, f"'{name}' is missing") for name in CHECKS if name not in found and name not in optional]
    checked = ((name, CHECKS[name](value)) for name, value in found.items() if name in CHECKS)
    return wrong + [(name, f"'{name}' {what}") for name, what in checked if what]


def _text(value: object) -> str:
    return "" if isinstance(value, str) and value.strip() and value.isprintable() else "must be a text on one line"


def _encoder(value: object) -> str:
    return "" if value in (PRETRAINED, TUNED) else f'must be "{PRETRAINED}" or "{TUNED}"'


def _texts(value: object) -> str:
    listed = isinstance(value, list) and not any(_text(each) for each in value)
    return "" if listed else 'must be a list of texts, such as ["XNLI translated to 14 languages"], or [] for none'


def _count(value: object) -> str:
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 < value < MOST_PARAMETERS
    return "" if whole else f"must be a whole number, such as 560_000_000; it is {repr(value)[:40]}"


def _date(value: object) -> str:
    day = isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
    if not day and isinstance(value, str) and len(value) == 10:
        try:
            day = bool(datetime.date.fromisoformat(value))
        except ValueError:
            day = False
    return "" if day else f"must be a day, such as 2024-05-31; it is {value}"


def _links(value: object) -> str:
    if _texts(value) or not isinstance(value, list):
        return 'must be a list of addresses, such as ["https://example.org/paper"]'
    broken = [each for each in value if not _is_address(each)]
    return f"has no web address: {broken[0]}; write https://..." if broken else ""


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "") and " " not in text


def _line(text: str, name: str) -> int:
    """The 1-based line of a key; 0 if it is not there."""
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if line.split("=")[0].strip().strip("\"'") == name), 0)


CHECKS: Mapping[str, Callable[[object], str]] = {
    "name": _text,
    "participant": _text,
    "affiliation": _text,
    "parameters": _count,
    "pretraining_data": _text,
    "training_data_beyond_english": _texts,
    "date": _date,
    "retrieval_encoder": _encoder,
    "links": _links,
}
