"""What a TOML file says of a task, by the type of the task: files, columns, labels, languages, recipe."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from xharness.tasks.base import AnyTaskType, Metric, Reader, Recipe, Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.metrics.squad import SquadScore
from xharness.tasks.metrics.squad_v2 import SquadV2Answers
from xharness.tasks.metrics.tag_accuracy import TagAccuracy
from xharness.tasks.metrics.tag_spans import SpanF1
from xharness.tasks.readers.declared import BitextReader, QuestionsReader, TagsReader
from xharness.tasks.readers.declared_columns import ChoicesReader, TextsReader
from xharness.tasks.types.bitext_retrieval import BITEXT_RETRIEVAL
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA
from xharness.tasks.types.multiple_choice import MULTIPLE_CHOICE
from xharness.tasks.types.tagging import TAGGING
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION

NOT_TOLD = "not told"


@dataclass(frozen=True, kw_only=True)
class FilesOfSplits:
    """Names of files below the task's folder, by split; ``{language}`` stands for the language."""

    train: str = ""
    dev: str = ""
    test: str = ""

    @property
    def by_split(self) -> dict[str, str]:
        """Those that there are."""
        return {split: name for split, name in asdict(self).items() if name}


@dataclass(frozen=True, kw_only=True)
class DeclaredColumns:
    """Columns of the label, the id (else the number of the line), and of the split where a file holds several."""

    label: str = "label"
    id: str = ""
    split: str = ""


@dataclass(frozen=True, kw_only=True)
class TextColumns(DeclaredColumns):
    """Columns of a text, and of a second one."""

    first: str
    second: str = ""


@dataclass(frozen=True, kw_only=True)
class ChoiceColumns(DeclaredColumns):
    """Columns of the choices, and of what stands before them."""

    choices: tuple[str, ...]
    premise: str = ""
    question: str = ""


@dataclass(frozen=True, kw_only=True)
class Declaration(ABC):
    """What is said of a task of any type; fields without words here are :class:`xharness.tasks.base.Task`'s.

    Attributes:
        names: Our code of a language to the one in names of files, where they differ.
    """

    name: str
    type: str
    languages: tuple[str, ...]
    files: FilesOfSplits
    names: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    group: str = ""
    max_length: int = 128
    parallel: bool = False
    published: Mapping[str, int] = field(default_factory=dict)
    recipe: Recipe | None = None
    trains_on: str = ""
    suite_folders: tuple[str, ...] = ()
    sample: tuple[str, ...] = (NOT_TOLD, NOT_TOLD)
    citation: str = NOT_TOLD
    licence: str = NOT_TOLD
    source: str = NOT_TOLD

    @abstractmethod
    def task(self) -> Task:
        """The task that is declared."""

    @property
    def _found(self) -> dict[str, Any]:
        """What every reader is told."""
        return {"files": self.files.by_split, "names": self.names}

    def _task(self, type: AnyTaskType, metric: Metric, reader: Reader, **more: Any) -> Task:
        """The task, with ``more`` fields of its type."""
        if len(self.sample) != 2:
            raise UserError(f"sample of {self.name} has not two texts", "it is input and answer", "give both")
        own = ("name", "languages", "max_length", "parallel", "published", "recipe", "trains_on", "suite_folders")
        same = {name: getattr(self, name) for name in (*own, "citation", "licence", "source")}
        return Task(
            **same,
            **more,
            title=self.title or self.name,
            group=self.group or self.name,
            type=type,
            metric=metric,
            reader=reader,
            sample=(self.sample[0], self.sample[1]),
        )


@dataclass(frozen=True, kw_only=True)
class TextClassificationDeclaration(Declaration):
    """A label for one text or two."""

    labels: tuple[str, ...]
    label_aliases: Mapping[str, str] = field(default_factory=dict)
    columns: TextColumns

    def task(self) -> Task:
        """See :meth:`Declaration.task`."""
        reader = TextsReader(**self._found, **asdict(self.columns), labels=self.labels)
        labels = {"labels": self.labels, "label_aliases": self.label_aliases}
        return self._task(TEXT_CLASSIFICATION, Accuracy(), reader, **labels)


@dataclass(frozen=True, kw_only=True)
class TaggingDeclaration(Declaration):
    """A tag for each word; spans are scored where tags begin with ``B-``."""

    labels: tuple[str, ...]

    def task(self) -> Task:
        """See :meth:`Declaration.task`."""
        metric: Metric = SpanF1() if any(tag.startswith("B-") for tag in self.labels) else TagAccuracy()
        return self._task(TAGGING, metric, TagsReader(**self._found, tags=self.labels), labels=self.labels)


@dataclass(frozen=True, kw_only=True)
class MultipleChoiceDeclaration(Declaration):
    """One of several texts.

    Attributes:
        answers: What the label says for each choice; empty for 0, 1, ...
    """

    columns: ChoiceColumns
    answers: tuple[str, ...] = ()

    def task(self) -> Task:
        """See :meth:`Declaration.task`."""
        number = len(self.columns.choices)
        if self.answers and len(self.answers) != number:
            why = f"they are what the label says for each choice, and there are {number} choices"
            raise UserError(f"{self.name} has {len(self.answers)} answers", why, "write one for each choice")
        reader = ChoicesReader(**self._found, **asdict(self.columns), answers=self.answers)
        return self._task(MULTIPLE_CHOICE, Accuracy(), reader, choices=number)


@dataclass(frozen=True, kw_only=True)
class BitextRetrievalDeclaration(Declaration):
    """The translation of each English line.

    Attributes:
        english: Names of the English files; ``files`` has those of the other languages.
    """

    english: FilesOfSplits

    def task(self) -> Task:
        """See :meth:`Declaration.task`."""
        reader = BitextReader(**self._found, english=self.english.by_split)
        return self._task(BITEXT_RETRIEVAL, Accuracy(), reader, aligned=True)


@dataclass(frozen=True, kw_only=True)
class ExtractiveQaDeclaration(Declaration):
    """A stretch of a context, in SQuAD's files."""

    unanswerable: bool = False

    def task(self) -> Task:
        """See :meth:`Declaration.task`."""
        metric: Metric = SquadV2Answers() if self.unanswerable else SquadScore()
        reader = QuestionsReader(**self._found, unanswerable=self.unanswerable)
        return self._task(EXTRACTIVE_QA, metric, reader, unanswerable=self.unanswerable)
