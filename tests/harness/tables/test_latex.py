"""Tables in LaTeX."""

from __future__ import annotations

from tests.harness.tables.made import TABLE
from xharness.tables import latex


def test_latex_has_a_rule_before_the_sums() -> None:
    lines = latex.render(TABLE).splitlines()
    assert r"\caption{In percent; $^{\dagger}$ not zero-shot}" in lines
    assert r"\begin{tabular}{lrl}" in lines
    assert lines[lines.index(r"\textbf{all} & \textbf{--} &  \\") - 1] == r"\midrule"
    (first,) = [line for line in lines if line.startswith(r"a\_b")]
    assert first == r"a\_b | $<$c$>$ & 71.24 $^{\dagger}$ [70, 72] &  \\"
