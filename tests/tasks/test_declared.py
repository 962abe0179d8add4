"""Tasks declared in TOML."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.tasks.base import Recipe, Selection
from xharness.tasks.common.errors import UserError
from xharness.tasks.declared import TYPES
from xharness.tasks.metrics.squad_v2 import SquadV2Answers
from xharness.tasks.metrics.tag_accuracy import TagAccuracy
from xharness.tasks.metrics.tag_spans import SpanF1
from xharness.tasks.plugins import load_file
from xharness.tasks.registry import open_registry

COMMON = """
name = "own"
languages = ["en", "de"]
names = { de = "deu" }
files = { test = "{language}.tsv" }
"""
OF_TYPE = {
    "text_classification": 'labels = ["a", "b"]\ncolumns = { first = "text", label = "topic" }\n',
    "tagging": 'labels = ["O", "B-X", "I-X"]\n',
    "multiple_choice": 'answers = ["1", "2"]\ncolumns = { premise = "p", choices = ["x", "y"], label = "z" }\n',
    "bitext_retrieval": 'english = { test = "en.txt" }\n',
    "extractive_qa": "unanswerable = true\n",
}
RECIPE = """
[recipe]
learning_rate = 2e-5
epochs = 3
batch_size = 32
max_length = 64
[recipe.selection]
on = "last"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("kind", TYPES)
def test_every_type(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, f'{COMMON}type = "{kind}"\n{OF_TYPE[kind]}{RECIPE}')
    (task,) = load_file(path)
    assert (task.name, task.type.name, task.group, task.languages) == ("own", kind, "own", ("en", "de"))
    assert task.recipe == Recipe(
        learning_rate=2e-5, epochs=3, batch_size=32, max_length=64, selection=Selection(on="last")
    )
    (tmp_path / "deu.tsv").write_text("")
    (tmp_path / "en.txt").write_text("")
    assert task.reader is not None
    assert task.reader.find(tmp_path, "de", "test")[-1] == tmp_path / "deu.tsv"
    assert open_registry(path).task("own") == task


def test_the_metric_follows_from_the_declaration(tmp_path: Path) -> None:
    metrics = [
        load_file(written(tmp_path, f'{COMMON}type = "{kind}"\n{text}'))[0].metric
        for kind, text in (
            ("tagging", OF_TYPE["tagging"]),
            ("tagging", 'labels = ["NOUN"]'),
            ("extractive_qa", OF_TYPE["extractive_qa"]),
        )
    ]
    assert metrics == [SpanF1(), TagAccuracy(), SquadV2Answers()]


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        (f'{COMMON}type = "taging"', "unknown type 'taging'", "did you mean 'tagging'?"),
        (COMMON, "has no type", "tagging"),
        (f'{COMMON}type = "tagging"\nlabel = ["O"]', "unknown key 'label'", "did you mean 'labels'?"),
        (f'{COMMON}type = "tagging"', "has no labels", "add labels = ..."),
        (f'{COMMON}type = "tagging"\nlabels = ["O"]\n[recipe]\nlr = 1', "unknown key 'lr'", "choose from"),
        (
            f'{COMMON}type = "multiple_choice"\nanswers = ["1"]\ncolumns = {{ choices = ["x", "y"] }}',
            "1 answers",
            "one",
        ),
        (f'{COMMON}type = "tagging"\nlabels = ["O"]\nsample = ["x"]', "sample of own", "both"),
        (f'a = 1\n[[task]]\n{COMMON}type = "tagging"', "cannot read", "[[task]]"),
        (f'[[task]]\n{COMMON}type = "tagging"', "task 1 has no labels", "labels"),
        ("name = ", "cannot read", "fix the file"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, what: str, fix: str) -> None:
    with pytest.raises(UserError) as refused:
        load_file(written(tmp_path, text))
    assert what in refused.value.what
    assert fix in refused.value.fix


def test_a_file_may_declare_several(tmp_path: Path) -> None:
    table = f'[[task]]\n{COMMON}type = "tagging"\n{OF_TYPE["tagging"]}'
    found = load_file(written(tmp_path, table + table.replace('"own"', '"other"')))
    assert [task.name for task in found] == ["own", "other"]
