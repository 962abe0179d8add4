"""Markdown and LaTeX: whole tables with the numbers of the scores."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from xharness.report import ReportOptions, report
from xharness.tables.escapes import latex as latex_escaped

TwoRuns = tuple[Path, Path]


@pytest.fixture(scope="module")
def markdown(two_runs: TwoRuns, tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("texts") / "report.md"
    return report(two_runs, ReportOptions(out=out, resamples=200)).read_text("utf-8")


@pytest.fixture(scope="module")
def latex(two_runs: TwoRuns, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report(two_runs, ReportOptions(out=tmp_path_factory.mktemp("texts") / "report.tex", resamples=200))


def test_every_markdown_row_has_as_many_cells_as_its_head(markdown: str) -> None:
    tables = re.findall(r"(?:^\|.*\|\n)+", markdown, re.M)
    assert len(tables) >= 6
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_markdown_has_the_averages(two_runs: TwoRuns, markdown: str) -> None:
    old, new = (json.loads((run / "scores.json").read_text("utf-8")) for run in two_runs)
    row = next(line for line in markdown.splitlines() if line.startswith("| panx |"))
    assert f"| {old['panx']['avg_metric']:.2f} " in row
    assert f"| {new['panx']['avg_metric']:.2f} " in row
    assert re.search(rf"\*\*all tasks\*\* \| \*\*{old['all_task']:.2f} ", markdown)


def test_every_latex_row_has_as_many_cells_as_its_head(latex: Path) -> None:
    tables = re.findall(r"\\begin\{tabular\}\{(\w+)\}(.*?)\\end\{tabular\}", latex.read_text("utf-8"), re.S)
    assert len(tables) >= 4
    for layout, body in tables:
        rows = [line for line in body.splitlines() if line.endswith(r"\\")]
        assert rows
        assert {len(re.findall(r"(?<!\\)&", row)) + 1 for row in rows} == {len(layout)}
        assert all(rule in body for rule in (r"\toprule", r"\midrule", r"\bottomrule"))


def test_latex_marks_what_is_significant(two_runs: TwoRuns, tmp_path: Path, latex: Path) -> None:
    from xharness.comparison.compare import CompareOptions, compare
    from xharness.comparison.sources import load_source

    old, new = map(load_source, two_runs)
    comparison = compare([old], [new], CompareOptions(resamples=200))
    marked = {row.name for row in (*comparison.tasks, *comparison.groups) if row.significant}
    (table,) = re.findall(r"\\label\{tab:compare\}(.*?)\\end\{tabular\}", latex.read_text("utf-8"), re.S)
    rows = [line for line in table.splitlines() if "$^{*}$" in line]
    assert {re.sub(r"\\textbf\{(.*?)\}.*|(\w+) .*", r"\1\2", row) for row in rows} == marked


def test_latex_escapes_what_it_must() -> None:
    assert latex_escaped(r"a_b & 5% {x} \y −1") == r"a\_b \& 5\% \{x\} \textbackslash{}y $-$1"


def test_latex_compiles(latex: Path, tmp_path: Path) -> None:
    if not shutil.which("pdflatex"):
        pytest.skip("no pdflatex here")
    (tmp_path / "paper.tex").write_text(
        "\\documentclass{article}\\usepackage{booktabs,graphicx}\\begin{document}\\input{report}\\end{document}\n"
    )
    shutil.copy(latex, tmp_path / "report.tex")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_latex_tables_shrink_to_the_line_and_are_closed(latex: Path) -> None:
    text = latex.read_text("utf-8")
    tables = re.findall(r"\\begin\{table\}(.*?)\\end\{table\}", text, re.S)
    assert all(
        table.count(r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%") == 1 for table in tables
    )
    assert all(table.count("\\end{tabular}}\n") == 1 for table in tables)
    (summary,) = re.findall(r"\\label\{tab:summary\}(.*?)\\end\{tabular\}", text, re.S)
    assert summary.count("\npanx & ") == 2  # a row a run
