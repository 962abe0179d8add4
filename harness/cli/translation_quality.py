"""``xharness data translation-quality``: BLEU and chrF of machine-translated data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli.option_types import AsJson
from xharness.cli.options import by_language
from xharness.cli.screen import put_json, say
from xharness.tables.table import Column, Table, TableRow, words
from xharness.tables.terminal import render
from xharness.tasks.common.errors import UserError

if TYPE_CHECKING:
    from xharness.tasks.translation_quality import TranslationQuality


def translation_quality(
    hypothesis: Annotated[list[str], typer.Option(help="LANGUAGE=FILE of translations, a sentence a line. Repeat it.")],
    reference: Annotated[list[str], typer.Option(help="LANGUAGE=FILE of references. Repeat it.")],
    as_json: AsJson = False,
) -> None:
    """Score machine-translated data: BLEU and chrF by sacrebleu, with their signatures, per language.

    Example: xharness data translation-quality --hypothesis de=mt.de --reference de=ref.de
    """
    from xharness.tasks.translation_quality import translation_quality as measure

    translated, references = by_language("--hypothesis", hypothesis), by_language("--reference", reference)
    _require_pairs(translated, references)
    found = [measure(language, path, references[language]) for language, path in translated.items()]
    if as_json:
        put_json([asdict(each) for each in found])
    else:
        _print_quality(found)


def _require_pairs(translated: Mapping[str, Path], references: Mapping[str, Path]) -> None:
    """Raise UserError for a language that only one of the two has."""
    if odd := sorted(translated.keys() ^ references.keys()):
        why = "every language needs its translations and its references"
        raise UserError(f"only one of the two files for {', '.join(odd)}", why, "give both, with the same language")


def _print_quality(found: Sequence[TranslationQuality]) -> None:
    """One row a language, then what produced the numbers."""
    from xharness.cli.tables import print_whole

    columns = [Column("language"), *(Column(name, numeric=True) for name in ("sentences", "BLEU", "chrF"))]
    texts = ((each.language, each.sentences, f"{each.bleu:.1f}", f"{each.chrf:.1f}") for each in found)
    rows = [TableRow([*map(words, row)]) for row in texts]
    print_whole(render(Table("translations", "translations", columns, rows)))
    for each in found:
        say(f"{each.language}: BLEU|{each.bleu_signature}")
        say(f"{each.language}: chrF|{each.chrf_signature}")
