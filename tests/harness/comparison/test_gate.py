"""The gate of a comparison: when a build fails, and what it reads."""

from __future__ import annotations

from xml.etree import ElementTree

from tests.harness.comparison.made import right, source
from xharness.comparison.compare import CompareOptions, compare
from xharness.comparison.comparison import Comparison
from xharness.comparison.gate import github, junit, verdict

OLD = {("xnli", "de"): right([1] * 40), ("xnli", "fr"): right([1] * 40)}


def lost(margin: float = 0.0) -> Comparison:
    """Half of the items of German lost, and French not there."""
    new = source("new, 50%", {("xnli", "de"): right([0] * 20 + [1] * 20)})
    return compare([source("old", OLD)], [new], CompareOptions(margin=margin))


def test_a_loss_within_the_margin_passes() -> None:
    assert verdict([lost()])[0]
    fails, said = verdict([lost(margin=90.0)])
    assert not fails
    assert said.startswith("no regression: nothing loses more than 90 points at 0.05")


def test_only_what_was_asked_for_fails() -> None:
    assert not verdict([lost()], regression=False)[0]
    fails, said = verdict([lost(margin=90.0)], missing=True)
    assert fails
    assert said.endswith("; missing: 1 cell of base")


def test_a_build_server_reads_failures_and_what_is_missing() -> None:
    (suite,) = ElementTree.fromstring(junit([lost()]))
    assert (suite.get("failures"), suite.get("skipped"), suite.get("tests")) == ("1", "1", str(len(suite)))
    assert [case.get("name") for case in suite if case.find("failure") is not None] == ["xnli"]
    assert [case.get("name") for case in suite if case.find("skipped") is not None] == ["xnli.fr"]


def test_titles_of_annotations_are_escaped() -> None:
    error, *_, notice = github(lost()).splitlines()
    assert error.startswith("::error title=regression in xnli::xnli loses 50.00 points")
    assert notice.startswith("::notice title=old → new%2C 50%25::")
