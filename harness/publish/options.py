"""What is pushed, and where to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.outputs import check_folder

REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
ENDING = "-results"


@dataclass(frozen=True)
class PushOptions:
    """What ``xharness push`` takes.

    Attributes:
        repository: Of the model, ``owner/name``: its card gets the scores.
        results: Of the data set, ``owner/name``; None for the model's with ``-results``.
        predictions: Push the files of predictions as well.
        private: Repositories that are made are private.
        dry_run: Write everything into ``out``, and connect to nothing.
        out: Folder of a dry run.
        tasks_from: Python file that declares tasks of the user's own.
    """

    repository: str
    results: str | None = None
    predictions: bool = False
    private: bool = False
    dry_run: bool = False
    out: Path | None = None
    tasks_from: Path | None = None

    @property
    def data_set(self) -> str:
        """Where the scores go."""
        return self.results or f"{self.repository}{ENDING}"

    @property
    def folder(self) -> Path:
        """Where a dry run writes."""
        return self.out or Path("push")

    def check(self) -> None:
        """Raise UserError for values that make no sense. Connects to nothing."""
        for option, name in {"REPO": self.repository, "--results": self.data_set}.items():
            if not REPOSITORY.fullmatch(name) or ".." in name or "--" in name:
                raise UserError(
                    f"{option} cannot be {name}", "repositories are named owner/name", "for example me/xlmr"
                )
        if self.data_set == self.repository:
            why = "one is of the model, the other one a data set of its results"
            raise UserError("REPO and --results are the same", why, "give --results another name, or leave it out")
        if self.out and not self.dry_run:
            raise UserError("--out without --dry-run", "only a dry run writes files", "add --dry-run, or leave it out")
        if self.dry_run:
            check_folder(self.folder)
