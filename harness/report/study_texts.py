"""A study as markdown, as LaTeX with booktabs, as a sheet of effects, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from xharness.report import study_origins
from xharness.report.study_contents import StudyContents
from xharness.report.study_notes import missing, notes, untested, warnings
from xharness.report.study_recipes import recipes
from xharness.studies.statistics.as_json import effect_json, judgement_json
from xharness.studies.statistics.contrasts import LanguageSet
from xharness.studies.statistics.effects import ArmEffect
from xharness.studies.statistics.estimates import Estimate
from xharness.studies.statistics.wording import sentence
from xharness.tables import csv_text, escapes
from xharness.tables import latex as latex_table
from xharness.tables import markdown as markdown_table
from xharness.tables.table import Column, Table, TableCell, TableRow, exact, words
from xharness.tasks.common.files import render_json

ESTIMATE = ("", "_low", "_high", "_seed_low", "_seed_high")


def markdown(contents: StudyContents) -> str:
    """Question, notes, tables and sentences, then what produced the numbers."""
    study = contents.study
    said, remarks = list(warnings(contents)), [*notes(contents), *missing(contents)]
    parts = [f"# {escapes.markdown(study.design.title)}", escapes.markdown(study.design.question)]
    parts += [f"Support: {escapes.markdown(study.design.support)}"] if study.design.support else []
    parts += [_listed(study.design.sources)] if study.design.sources else []
    parts += [f"**{escapes.markdown(line)}**" for line in said]
    parts += [_listed(remarks)] if remarks else []
    parts += [_section(table) for table in contents.tables]
    parts += [_listed(sentences(contents))] if contents.found and contents.found.judgements else []
    parts += [f"## Command\n\n    {study_origins.command(study)}"]
    origins = (study_origins.settings, recipes, study_origins.signatures, study_origins.steps)
    parts += [_section(table) for table in (made(contents) for made in origins) if table.rows]
    return "\n\n".join(parts) + "\n"


def latex(contents: StudyContents) -> str:
    r"""Effects and verdicts to be put in by ``\input``; what must be said beside them stands on top as comments."""
    study = contents.study
    lines = [f"% Needs \\usepackage{{{latex_table.PACKAGES}}}. Written by xharness study report."]
    said = [study.design.title, *warnings(contents), *notes(contents), *missing(contents), *sentences(contents)]
    lines += map(escapes.latex_comment, [*said, study_origins.command(study)])
    return "\n\n".join(["\n".join(lines), *map(latex_table.render, contents.tables)]) + "\n"


def effects_csv(contents: StudyContents) -> str:
    """A line an arm, target and set of languages, with all digits."""
    names = [f"{what}{part}" for what in ("score", "change") for part in ESTIMATE]
    columns = [Column(name) for name in ("arm", "target", "languages", "seeds", *names)]
    effects = contents.found.effects if contents.found else ()
    return csv_text.render(Table("effects", "", columns, [TableRow(_effect(each)) for each in effects]))


def as_json(contents: StudyContents) -> str:
    """Everything that the page tells."""
    study, found = contents.study, contents.found
    return render_json(
        {
            "study": study.name,
            "size": study.size,
            "title": study.design.title,
            "question": study.design.question,
            "support": study.design.support,
            "sources": list(study.design.sources),
            "warnings": list(warnings(contents)),
            "notes": list(notes(contents)),
            "declared_late": study.declared_late,
            "missing": missing(contents),
            "not_tested": untested(contents),
            "baseline": found.baseline if found else None,
            "hypotheses": [judgement_json(each) for each in found.judgements] if found else [],
            "effects": [effect_json(each) for each in found.effects] if found else [],
            "robustness": [effect_json(each) for each in found.robustness] if found else [],
            "standing": contents.standing.record(),
            "provenance": study_origins.as_record(contents),
        }
    )


def sentences(contents: StudyContents) -> list[str]:
    """What became of each hypothesis."""
    judged = contents.found.judgements if contents.found else ()
    return [f"{each.hypothesis.name}: {sentence(each)}" for each in judged]


def _effect(effect: ArmEffect) -> list[TableCell]:
    languages = effect.endpoint.languages
    named = languages.value if isinstance(languages, LanguageSet) else " ".join(languages)
    seeds = exact(effect.score.seeds if effect.score else None)
    return [
        *map(words, (effect.arm, effect.endpoint.target, named)),
        seeds,
        *(exact(value) for found in (effect.score, effect.change) for value in _numbers(found)),
    ]


def _numbers(found: Estimate | None) -> tuple[float | None, ...]:
    if found is None:
        return (None,) * len(ESTIMATE)
    over = found.over_seeds.interval if found.over_seeds else (None, None)
    return (found.value, *(found.interval or (None, None)), *over)


def _section(table: Table) -> str:
    return f"## {escapes.markdown(table.heading)}\n\n" + "\n".join(markdown_table.render(table))


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"- {escapes.markdown(line)}" for line in lines)
