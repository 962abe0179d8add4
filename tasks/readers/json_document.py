"""A whole file of JSON: its value, and the lines where its texts stand; or the one thing that is wrong with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xharness.tasks.common.errors import Problem
from xharness.tasks.common.json_files import JsonError, parse_json


@dataclass(frozen=True)
class JsonDocument:
    """What a file holds: its text and its value, whose shape whoever reads it checks."""

    text: str
    value: Any

    def line_of(self, text: str, nth: int = 1) -> int:
        """The 1-based line of the ``nth`` place where a text stands in the file, escaped or not; 0 if there is none."""
        for escaped in (False, True):
            position, spelled = -1, json.dumps(text, ensure_ascii=escaped)
            for _ in range(nth):
                position = self.text.find(spelled, position + 1)
                if position < 0:
                    break
            else:
                return self.text.count("\n", 0, position) + 1
        return 0


def read_document(path: Path) -> JsonDocument | Problem:
    """The content of a UTF-8 file, whose byte order mark is dropped; or why there is none, with its line."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return JsonDocument(text, parse_json(text))
    except OSError as error:
        return Problem(path, 0, f"cannot be read: {error.strerror or error}")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return Problem(path, line, f"byte 0x{error.object[error.start]:02x} is not UTF-8")
    except JsonError as error:
        return Problem(path, error.line, error.what)
