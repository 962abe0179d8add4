"""English sets that share the reader of their cross-lingual task: PAWS (PAWS-X) and COPA (XCOPA)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.readers.choices import XcopaReader
from xharness.tasks.readers.layout import search
from xharness.tasks.readers.pairs import PawsxReader


@dataclass(frozen=True)
class PawsReader(PawsxReader):
    """PAWS-X's English files, or ``final/<split>.tsv`` as PAWS-Wiki publishes them (Zhang et al. 2019)."""

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files of PAWS-X, then those of PAWS."""
        if language != "en":
            return ()
        return super().upstream(folder, language, split) or search(folder, f"final/{split}.tsv", f"{split}.tsv")


@dataclass(frozen=True)
class CopaReader(XcopaReader):
    """XTREME's English files, or ``COPA/<train|val|test>.jsonl`` as SuperGLUE publishes them (Roemmele et al. 2011)."""

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files of SuperGLUE, whatever the name of their folder."""
        name = "val" if split == "dev" else split
        return search(folder, f"COPA/{name}.jsonl", f"{name}.jsonl") if language == "en" else ()
