"""Cases of MultiCheckList as questions about a context, made from the template file when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from xharness.tasks.base import Rows, Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.diagnostics.cases import SEED, Suite
from xharness.tasks.diagnostics.templates import TemplateFile, read_templates
from xharness.tasks.readers.layout import state
from xharness.tasks.readers.lines import count
from xharness.tasks.types.extractive_qa import QuestionGold, SpanQuestion

FOLDER, FILE = "multichecklist", "checklist_templates.tsv"


@dataclass(frozen=True)
class Test:
    """One of the six: its title in the file, and whether its templates are in the masculine, so that names are."""

    name: str
    title: str
    men_only: bool = False


TESTS = (
    Test("comparisons", "A is COMP than B. Who is more / less COMP?", men_only=True),
    Test("intensifiers", "Intensifiers (very, super, extremely) and reducers (somewhat, kinda, etc)?", men_only=True),
    Test("properties", "size, shape, age, color"),
    Test("professions", "Profession vs nationality", men_only=True),
    Test("animals", "Animal vs Vehicle"),
    Test("animals-2", "Animal vs Vehicle v2"),
)


@dataclass(frozen=True)
class MultiCheckListReader:
    """``multichecklist/checklist_templates.tsv`` in the data folder, or a file of any name. Test only.

    Attributes:
        test: Which of :data:`TESTS`.
        cases: How many are made; fewer where the templates have no more.
        seed: Draws them; the published script's.
        templates: The file, if it is not in the data folder.
    """

    test: Test
    cases: int = 200
    seed: int = SEED
    templates: Path | None = None

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The template file, if its header has the language."""
        path = self.templates or folder.parent / FOLDER / FILE
        there = split == "test" and path.is_file() and language in _read(path, *state(path)).languages
        return (path,) if there else ()

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:  # noqa: ARG002
        """Make the cases. ``keep_csv_quotes`` changes nothing here.

        Raises:
            FileNotFoundError: there is no such file, or it does not have the language.
        """
        found = self.find(folder, language, split)
        if not found:
            raise FileNotFoundError(f"no {split} templates for '{language}' in {folder.parent / FOLDER}")
        (path,) = found
        file = _read(path, *state(path))
        problems = [*file.problems]
        if self.test.title not in file.tests:
            problems.append(Problem(path, 0, f"no test '{self.test.title}'"))
        if problems:
            return Split([], None, found, tuple(problems))
        made = suite_of(file, self.test).cases(language, self.cases, self.seed + TESTS.index(self.test))
        if not made:
            return Split([], None, found, (Problem(path, 0, f"no case of '{self.test.title}' in {language}"),))
        questions = [
            SpanQuestion(f"{case.number}-{place}", question, context, ((answer, max(0, context.find(answer))),))
            for case in made
            for place, context, question, answer in case.pairs
        ]
        gold = [QuestionGold(each.id, (each.answers[0][0],), each.id.split("-")[0]) for each in questions]
        notes = [] if len(made) == self.cases else [f"{count(len(made), 'case')} of {self.cases}"]
        absent = sum(answer not in each.context for each in questions for answer, _ in each.answers)
        notes += [f"{count(absent, 'answer')} of {len(questions)} in no context: no span is right"] if absent else []
        return Split(questions, gold, found, (), tuple(notes), (Rows(path, "question", len(questions)),))


def suite_of(file: TemplateFile, test: Test) -> Suite:
    """One test with its lists; the second test of animals takes those of the first."""
    templates = file.tests[test.title]
    lists = templates.lists or {name: rows for each in file.tests.values() for name, rows in each.lists.items()}
    scenes = frozenset(row.english for each in file.tests.values() for row in each.contexts)
    return Suite(templates, lists, scenes, test.men_only)


@lru_cache(maxsize=4)
def _read(path: Path, modified: int, size: int) -> TemplateFile:  # noqa: ARG001
    """The file, read once as long as it stays what it is."""
    return read_templates(path)
