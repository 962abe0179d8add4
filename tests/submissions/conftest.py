"""A complete made-up submission of 162 files with its gold, for tests to break."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from xharness.submissions.files import cell_file, tasks_of
from xharness.tasks.base import Task
from xharness.tasks.registry import XTREME, Benchmark


@dataclass(frozen=True)
class Folders:
    predictions: Path
    labels: Path

    def prediction(self, task: str, language: str) -> Path:
        return next(self.predictions.glob(f"{task}/test-{language}.*"))

    def label(self, task: str, language: str) -> Path:
        return next(self.labels.glob(f"{task}/test-{language}.*"))


def gold_and_answers(task: Task, language: str) -> tuple[str, str]:
    """Four items a cell, of which three answers are right; as text of the two files."""
    match task.type.name:
        case "tagging":
            first, other = ("NOUN", "VERB") if task.name == "udpos" else ("B-PER", "O")
            gold = [[first, other], [other], [other, first, other], [first]]
            return task.type.render(gold), task.type.render([*gold[:3], [other]])
        case "extractive_qa":
            ids = [f"{task.name}-{number}" for number in range(4)]
            questions = [{"id": name, "answers": [{"text": f"blue {name}"}]} for name in ids]
            paragraphs = [{"context": f"text {part}", "qas": questions[part::2]} for part in (0, 1)]
            answers = {name: f"blue {name}" for name in ids[:3]} | {ids[3]: "red"}
            return json.dumps({"data": [{"paragraphs": paragraphs}]}, indent=1), task.type.render(answers)
        case "bitext_mining":
            pairs = [(f"{language}-{number}", f"en-{number}") for number in range(4)]
            return task.type.render(pairs), task.type.render([*pairs[:3], (f"{language}-3", "en-9")])
        case "bitext_retrieval":
            return "2\n0\n3\n1\n", "2\n0\n3\n0\n"
        case "multiple_choice":
            return task.type.render([0, 1, 1, 0]), task.type.render([0, 1, 1, 1])
        case "ranking":
            ranked = {f"m{number}": [f"Q{number}"] for number in range(4)}
            return task.type.render(ranked), task.type.render(ranked | {"m3": ["Q9"]})
    first, other = task.labels[:2]
    return f"{first}\n{other}\n{other}\n{first}\n", f"{first}\n{other}\n{other}\n{other}\n"


def write_submission(folder: Path, benchmark: Benchmark) -> Folders:
    folders = Folders(folder / "predictions", folder / "labels")
    for task in tasks_of(benchmark):
        for language in benchmark.languages[task.name]:
            for root, text in zip((folders.labels, folders.predictions), gold_and_answers(task, language), strict=True):
                path = cell_file(root, task, language)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    return folders


@pytest.fixture
def submission(tmp_path: Path) -> Folders:
    return write_submission(tmp_path, XTREME)
