"""The page of a study in a real browser, narrow and wide: it draws, fits, and says nothing by colour alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.report.browser import OVERLAPPING, devtools, log, missing, requests, started
from tests.harness.studies.written import write_study
from tests.hub import open_loopback
from xharness.report.study_report import report_study

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"not installed: {missing()} (apt: chromium, chromium-driver)")

BEYOND = """
return [...document.querySelectorAll('main *')]
  .filter((node) => !node.closest('.scroll') && !node.closest('pre') && !node.closest('svg'))
  .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
  .map((node) => `${node.tagName}: ${node.textContent.slice(0, 40)}`)
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        open_loopback(patch)
        with started(tmp_path_factory.mktemp("profile")) as found:
            yield found


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("study")
    return report_study(write_study(folder).out, folder / "report.html").as_uri()


@pytest.fixture(params=[420, 900, 1300, 1900])
def page(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    width = request.param
    devtools(
        browser, "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500
    )
    browser.get("about:blank")
    log(browser, "browser")
    requests(browser)
    browser.get(address)
    browser.set_script_timeout(60)
    browser.execute_async_script(
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))"
    )
    yield browser
    devtools(browser, "Emulation.clearDeviceMetricsOverride")


def count(page: Any, selector: str) -> int:
    found: int = page.execute_script("return document.querySelectorAll(arguments[0]).length", selector)
    return found


def test_it_opens_without_an_error_or_a_request(page: Any, address: str) -> None:
    assert log(page, "browser") == []
    assert [each for each in requests(page) if not each.startswith("data:")] == [address]


def test_it_draws_every_chart(page: Any) -> None:
    assert count(page, "[data-chart=changes] .grid svg") == 2  # targets
    assert count(page, "[data-chart=hypotheses] > svg") == 1
    assert count(page, "[data-chart=lines] svg") == 1


def test_every_seed_has_a_point(page: Any) -> None:
    small = "[...document.querySelectorAll(arguments[0])].filter((dot) => Number(dot.getAttribute('r')) < 3).length"
    assert page.execute_script(f"return {small}", "[data-chart=hypotheses] > svg circle") == 4 * 3
    assert page.execute_script(f"return {small}", "[data-chart=lines] svg circle") == 3 * 3


def test_nothing_is_wider_than_the_page_or_lies_on_something(page: Any) -> None:
    assert page.execute_script("return document.documentElement.scrollWidth") <= page.execute_script(
        "return innerWidth"
    )
    assert page.execute_script(BEYOND) == []
    assert page.execute_script(OVERLAPPING) == 0


def test_verdicts_and_states_have_words_beside_their_colours(page: Any) -> None:
    badges = page.execute_script("return [...document.querySelectorAll('.badge')].map((node) => node.innerText.trim())")
    assert badges[:2] == ["✓ supported", "✗ not supported"]
    states = page.execute_script("return [...document.querySelectorAll('.state')].map((node) => node.innerText.trim())")
    assert set(states) == {"✓ 3 steps done"}
    names = page.execute_script("return [...document.querySelectorAll('.legend span')].map((node) => node.innerText)")
    assert {name.strip() for name in names} >= {"supported", "not supported", "English", "other languages"}


def test_it_draws_again_at_another_width(page: Any) -> None:
    devtools(page, "Emulation.setDeviceMetricsOverride", width=700, height=900, deviceScaleFactor=1, mobile=False)
    page.execute_async_script(
        "const done = arguments[0], frame = requestAnimationFrame, look = () => frame(() =>"
        " innerWidth === 700 ? frame(() => frame(() => done())) : look()); look()"
    )
    assert page.execute_script("return document.documentElement.scrollWidth") <= 700
    drawn = page.execute_script("return document.querySelector('[data-chart=hypotheses] > svg').clientWidth")
    assert 600 < drawn <= 700
