"""Generated test cases: what they say, in every language, and what is wrong with a template file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.tasks.diagnostics.made_up import TITLES
from xharness.tasks.base import Split
from xharness.tasks.diagnostics.multichecklist import LANGUAGES, TASKS, tasks_of
from xharness.tasks.diagnostics.reader import TESTS
from xharness.tasks.diagnostics.templates import read_templates
from xharness.tasks.types.extractive_qa import SpanQuestion


def test_tasks_are_six_with_what_drew_them_in_their_signature(tmp_path: Path) -> None:
    assert [task.name for task in TASKS] == [f"multichecklist-{name}" for name in TITLES]
    (first, *_) = tasks_of(tmp_path / "t.tsv", 5, 1)
    assert first.signature == {"cases": "5", "seed": "1"}
    assert TASKS[0].signature == {"cases": "200", "seed": "42"}


# --- what is wrong with a file ---------------------------------------------------------------------------------------


# --- the published file ----------------------------------------------------------------------------------------------


@pytest.fixture
def published(shared_data: Path) -> Path:
    path = shared_data / "upstream" / "multichecklist" / "checklist_templates.tsv"
    if not path.is_file():
        pytest.skip(f"no {path}")
    return path


@pytest.mark.shared_data
def test_the_published_file_has_fifty_languages_without_problems(published: Path) -> None:
    file = read_templates(published)
    assert file.problems == ()
    assert sorted(file.languages) == list(LANGUAGES)
    assert "ro" not in file.languages
    assert list(file.tests) == [test.title for test in TESTS]


@pytest.mark.shared_data
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_published_file_gives_whole_cases_in_every_language(published: Path, task: object) -> None:
    (made,) = (each for each in tasks_of(published, 20, 42) if each.name == getattr(task, "name", ""))
    assert made.reader is not None
    pairs = dict(zip(TITLES, (2, 12, 2, 8, 4, 4), strict=True))[made.name.removeprefix("multichecklist-")]
    for language in LANGUAGES:
        split = made.reader.read(published.parent, language, "test")
        cases = Counter(each.id.split("-")[0] for each in split.examples)
        assert len(cases) == 20, language
        assert max(cases.values()) == pairs, language
        assert not any("{" in each.context + each.question or not each.answers[0][0] for each in _questions(split))


def _questions(split: Split) -> list[SpanQuestion]:
    return list(split.examples)
