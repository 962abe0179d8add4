"""The page of a study: what was asked, what came out, and what produced it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xharness.comparison.wording import format_probability, format_signed
from xharness.report import study_origins
from xharness.report.page import render_page
from xharness.report.study_charts import bounds_of_interest, study_charts
from xharness.report.study_contents import StudyContents
from xharness.report.study_graph import tree
from xharness.report.study_notes import day, missing, notes, warnings
from xharness.report.study_recipes import recipes
from xharness.report.study_scaling import scaling_table
from xharness.studies.design import HypothesisDesign
from xharness.studies.statistics.judge import Judgement
from xharness.studies.statistics.verdicts import Verdict
from xharness.studies.statistics.wording import DETECTABLE, bracket, sentence
from xharness.tables.packed import pack_rows
from xharness.tables.table import Table
from xharness.tasks.common.text import plural

SECTIONS = {
    "question": "Question", "missing": "Missing", "effects": "Scores and effects", "hypotheses": "Hypotheses",
    "scaling": "Scaling", "phases": "Phases", "provenance": "Provenance",
}  # fmt: skip
SCRIPTS = ("d3.min.js", "plot.umd.min.js", "tables.js", "drawing.js", "study.js")
SIGNS = {Verdict.SUPPORTED: "✓", Verdict.NOT_SUPPORTED: "✗", Verdict.INCONCLUSIVE: "?"}


@dataclass(frozen=True)
class Judged:
    """A hypothesis as the page shows it; ``kind`` names its style."""

    name: str
    verdict: Verdict
    sentence: str
    facts: Sequence[tuple[str, str]]

    @property
    def sign(self) -> str:
        """Of the badge."""
        return SIGNS[self.verdict]

    @property
    def kind(self) -> str:
        """The verdict as a name of a style."""
        return self.verdict.replace(" ", "-")


def render(contents: StudyContents) -> str:
    """The whole page."""
    data: dict[str, object] = {**study_charts(contents.found)}
    values = {**_asked(contents), **_found(contents), **_origins(contents)}
    values |= {"changes": bool(data["changes"]), "lines": bool(data["lines"])}
    tables = [each for each in values.values() if isinstance(each, Table)]
    data["tables"] = {table.name: pack_rows(table) for table in tables if table.large}
    empty = {"missing": not values["missing"], "hypotheses": not values["judged"], "scaling": not values["lines"]}
    values |= {
        "large": bool(data["tables"]),
        "sections": [(name, heading) for name, heading in SECTIONS.items() if not empty.get(name)],
    }
    return render_page("study.html.j2", values, data, SCRIPTS)


def _asked(contents: StudyContents) -> dict[str, Any]:
    """The question, and how far its answer is, by the template's names."""
    study = contents.study
    return {
        "title": study.design.title,
        "subtitle": _subtitle(contents),
        "design": study.design,
        "declared": ", changed ".join(day(each["time"]) for each in study.declared),
        "warnings": list(warnings(contents)),
        "notes": list(notes(contents)),
        "missing": missing(contents),
        "logs": _logs(contents),
    }


def _found(contents: StudyContents) -> dict[str, Any]:
    """What came out, by the template's names."""
    found, arms = contents.found, contents.study.design.arms
    by_name = {table.name: table for table in contents.tables}
    return {
        "effects": by_name.get("effects"),
        "robustness": by_name.get("robustness"),
        "verdicts": by_name.get("verdicts"),
        "baseline": arms[found.baseline].title or found.baseline if found else "",
        "detectable": DETECTABLE,
        "judged": [_judged(each, contents) for each in found.judgements] if found else [],
        "scaling": scaling_table(found) if found else None,
    }


def _origins(contents: StudyContents) -> dict[str, Any]:
    """What the numbers came from, by the template's names."""
    return {
        "roots": tree(contents),
        "command": study_origins.command(contents.study),
        "settings": study_origins.settings(contents),
        "recipes": recipes(contents),
        "signatures": study_origins.signatures(contents),
        "steps": study_origins.steps(contents),
    }


def _subtitle(contents: StudyContents) -> str:
    study, standing = contents.study, contents.standing
    arms, targets, seeds = (
        len({getattr(each, what) for each in study.evaluated}) for what in ("arm", "target", "seed")
    )
    shape = " × ".join((plural(arms, "arm"), plural(targets, "target"), plural(seeds, "seed")))
    done = f"{len(standing.done)} of {len(study.graph)} steps done"
    return f"Study {study.name}, size {study.size}: {shape}; {done}"


def _logs(contents: StudyContents) -> list[tuple[str, list[str]]]:
    """The end of the log of each step that failed."""
    steps = contents.study.graph.steps
    found = [(steps[name].title, record.get("log")) for name, record in contents.standing.failed.items()]
    return [(title, [str(line) for line in lines]) for title, lines in found if isinstance(lines, list) and lines]


def _judged(judgement: Judgement, contents: StudyContents) -> Judged:
    designs = {each.name: each for each in contents.study.design.hypotheses}
    facts = [*_claimed(designs[judgement.hypothesis.name], judgement), *_measured(judgement)]
    return Judged(judgement.hypothesis.name, judgement.verdict, sentence(judgement), facts)


def _claimed(design: HypothesisDesign, judgement: Judgement) -> list[tuple[str, str]]:
    claim = judgement.hypothesis
    bounds = ", ".join(f"{bound:+g}" for bound in bounds_of_interest(claim.direction, claim.smallest_effect))
    found = [("test", design.test), ("arms", ", ".join(design.arms)), ("targets", ", ".join(design.targets))]
    found += [("other targets", ", ".join(design.other_targets))] if design.other_targets else []
    found += [("best chosen on", design.chosen_on)] if design.chosen_on else []
    found += [("languages", design.languages), ("direction", str(claim.direction))]
    found += [("smallest effect of interest", bounds)] if bounds else []
    return [*found, ("family", f"{claim.family}, {plural(judgement.tests, 'test')}")]


def _measured(judgement: Judgement) -> list[tuple[str, str]]:
    found = judgement.estimate
    if found is None:
        return []
    over = found.over_seeds
    facts = [("estimate", format_signed(found.value)), ("bootstrap", bracket(found.interval))]
    facts += [("over seeds", bracket(over.interval)), ("p", format_probability(judgement.p_holm))] if over else []
    facts += [] if judgement.detectable is None else [("finds", f"{judgement.detectable:.2f}")]
    picked = sorted(found.chosen.items(), key=lambda item: -item[1])
    facts += [("chosen as the best", ", ".join(f"{arm} {share:.0%}" for arm, share in picked))] if picked else []
    return [*facts, ("seeds", ", ".join(map(str, found.points)) or str(found.seeds))]
