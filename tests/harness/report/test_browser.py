"""The page in a real browser: it opens without a request or an error, draws, sorts, filters and searches."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.conftest import Demo
from tests.harness.report.browser import OVERLAPPING, WIDER, devtools, laid_out, log, missing, requests, started
from tests.harness.topics import topics_in
from tests.hub import open_loopback
from xharness.evaluation.evaluate import evaluate
from xharness.evaluation.options import EvaluateOptions
from xharness.report import ReportOptions, report
from xharness.train.finetune import finetune
from xharness.train.options import FinetuneOptions

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"not installed: {missing()} (apt: chromium, chromium-driver)")


@pytest.fixture(scope="module")
def loopback() -> Iterator[None]:
    """The driver is a server on this machine; nothing else can be reached."""
    with pytest.MonkeyPatch.context() as patch:
        open_loopback(patch)
        yield


@pytest.fixture(scope="module")
def browser(loopback: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with started(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def address(two_runs: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("page") / "report.html"
    return report(two_runs, ReportOptions(out=out, resamples=200)).as_uri()


@pytest.fixture
def page(browser: Any, address: str) -> Any:
    browser.get("about:blank")
    log(browser, "browser")
    requests(browser)
    browser.get(address)
    laid_out(browser)
    return browser


def texts(page: Any, selector: str) -> list[str]:
    found: list[str] = page.execute_script(
        "return [...document.querySelectorAll(arguments[0])].filter(e => e.offsetParent).map(e => e.textContent)",
        selector,
    )
    return found


def choose(page: Any, name: str, value: str) -> None:
    page.execute_script(
        "const e = document.getElementById(arguments[0]); e.value = arguments[1];"
        "for (const kind of ['input', 'change']) e.dispatchEvent(new Event(kind, {bubbles: true}))",
        name,
        value,
    )


def colour(page: Any, part: str) -> str:
    found: str = page.execute_script("return getComputedStyle(document.body)[arguments[0]]", part)
    return found


def test_it_opens_without_a_request_or_an_error(page: Any, address: str) -> None:
    asked = requests(page)
    assert asked[0] == address
    assert all(url.startswith("data:") for url in asked[1:])
    assert log(page, "browser") == []


def test_every_chart_is_drawn(page: Any) -> None:
    empty = page.execute_script(
        "return [...document.querySelectorAll('[data-chart]')]"
        ".filter(e => !e.querySelector('svg g *')).map(e => e.dataset.chart)"
    )
    assert empty == []
    assert len(texts(page, "[data-chart=languages] h3")) == 9


def test_the_heat_map_has_every_cell(page: Any) -> None:
    count = "return document.querySelectorAll('[data-chart=heat] g[aria-label=cell] rect').length"
    assert page.execute_script(count) == 162
    choose(page, "heat-value", "gap")
    assert page.execute_script(count) == 162 - 4 - 36  # mining and Tatoeba have no English
    choose(page, "heat-value", "change")
    assert page.execute_script(count) == 162
    numbers = (
        "return [...document.querySelectorAll('[data-chart=heat] g[aria-label=text] text')].map(e => e.textContent)"
    )
    assert {"0"} == set(page.execute_script(numbers))  # the base against itself
    assert log(page, "browser") == []


def test_tables_sort_by_number_both_ways_and_say_so(page: Any) -> None:
    button, column = "#table-cells th:nth-child(5) button", "#table-cells td:nth-child(5)"
    page.execute_script("document.querySelector(arguments[0]).click()", button)
    down = [float(text) for text in texts(page, column)]
    assert len(down) == 324
    assert down == sorted(down, reverse=True)
    assert page.execute_script("return document.querySelector('#table-cells th[aria-sort]').ariaSort") == "descending"
    page.execute_script("document.querySelector(arguments[0]).click()", button)
    assert [float(text) for text in texts(page, column)] == sorted(down)


def test_tables_filter_by_words(page: Any) -> None:
    from selenium.webdriver.common.by import By

    page.find_element(By.CSS_SELECTOR, "[data-filter=cells]").send_keys("xquad german")
    rows = texts(page, "#table-cells tbody tr")
    assert len(rows) == 2
    assert all("xquad" in row and "German" in row for row in rows)
    assert texts(page, "[data-count=cells]") == ["2 of 324 rows"]


def test_the_item_browser_searches_and_filters(page: Any) -> None:
    total = int(re.sub(r"\D", "", texts(page, "#item-count")[0].split(" of ")[1]))
    choose(page, "item-task", "xquad")
    choose(page, "item-language", "zh")
    (count,) = texts(page, "#item-count")
    matching = int(re.sub(r"\D", "", count.split(" of ")[1]))
    assert 0 < matching < total
    assert all("xquad · zh · " in text for text in texts(page, ".item header"))
    word = texts(page, ".item dd")[0].split("？")[0]
    choose(page, "item-search", word)
    found = texts(page, ".item")
    assert 0 < len(found) <= matching
    assert all(word.lower() in text.lower() for text in found)
    choose(page, "item-search", "no such words anywhere")
    assert texts(page, ".item") == []
    assert texts(page, "#item-count") == ["0 of 0 matching items shown"]


def test_more_items_are_shown_when_asked(page: Any) -> None:
    before = len(texts(page, ".item"))
    page.execute_script("document.getElementById('item-more').click()")
    assert (before, len(texts(page, ".item"))) == (25, 50)


def test_dark_and_light(page: Any) -> None:
    for scheme, background in (("dark", "rgb(20, 24, 29)"), ("light", "rgb(255, 255, 255)")):
        devtools(page, "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        assert colour(page, "backgroundColor") == background
    choose(page, "theme", "dark")
    assert colour(page, "backgroundColor") == "rgb(20, 24, 29)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_stand_out_from_what_is_behind_them(page: Any, scheme: str) -> None:
    devtools(page, "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    pairs = page.execute_script(
        "const probe = document.body.appendChild(document.createElement('i'));"
        "const of = (name) => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color; };"
        "return Object.fromEntries(['page', 'raised', 'ink', 'muted', 'link', 'good', 'bad', 'warn',"
        " ...Array.from({length: 8}, (_, i) => `run-${i}`)].map(name => [name, of(name)]))"
    )
    for name in ("ink", "muted", "link", "good", "bad"):
        assert contrast(pairs[name], pairs["page"]) >= 4.5, name
    for name in ("ink", "muted"):
        assert contrast(pairs[name], pairs["raised"]) >= 4.5, name
    assert contrast(pairs["ink"], pairs["warn"]) >= 4.5
    for index in range(8):
        assert contrast(pairs[f"run-{index}"], pairs["page"]) >= 3, index


def contrast(first: str, second: str) -> float:
    """Ratio of two colours as WCAG 2 defines it."""

    def luminance(text: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", text)[:3]]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_headings_are_reached_and_pressed_by_keyboard(page: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    page.execute_script("document.querySelector('#table-summary th button').focus()")
    page.switch_to.active_element.send_keys(Keys.ENTER)
    names = texts(page, "#table-summary td:first-child")
    assert names == sorted(names)
    page.switch_to.active_element.send_keys(Keys.TAB)
    assert page.switch_to.active_element.text.startswith("old score")


def test_a_narrow_screen_scrolls_down_only(page: Any) -> None:
    devtools(page, "Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=1, mobile=True)
    try:
        page.refresh()
        laid_out(page)
        assert page.execute_script("return document.documentElement.scrollWidth") <= 390
    finally:
        devtools(page, "Emulation.clearDeviceMetricsOverride")


@pytest.fixture(scope="module")
def chain(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a chain with a curve of its training, with layer sweeps, and in few languages."""
    folder = tmp_path_factory.mktemp("chain")
    sets = ("steps=4", "batch_size=2", "eval_every=2", "max_length=32", "select=dev", "dev_examples=4")
    start, out = demo.models / "encoder", folder / "xnli"
    finetune(FinetuneOptions(model=start, tasks=["xnli"], data=demo.data, out=out, sets=sets, device="cpu"))
    chosen = EvaluateOptions(
        model=folder / "xnli", data=demo.data, out=folder / "run", tasks="xnli,tatoeba,bucc2018", langs="en,de,fr,ru",
        layer="sweep", resamples=20,
    )  # fmt: skip
    evaluate(chosen)
    return folder / "run"


@pytest.fixture(scope="module")
def own(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a chain that was trained for a task of the user's own, and evaluated on it alone."""
    folder = tmp_path_factory.mktemp("own")
    topics_in(folder)
    told: dict[str, Any] = {"tasks_from": folder / "topics.toml", "data": folder / "data", "device": "cpu"}
    sets = ("steps=4", "batch_size=2", "eval_every=2", "select=dev", "dev_examples=4")
    finetune(FinetuneOptions(model=demo.models / "encoder", tasks=["topics"], out=folder / "topics", sets=sets, **told))
    evaluate(EvaluateOptions(model=folder / "topics", out=folder / "run", tasks="topics", resamples=20, **told))
    return folder / "run"


@pytest.fixture(scope="module", params=["one run", "three runs", "a task of the user's own"])
def several(request: pytest.FixtureRequest, two_runs: tuple[Path, Path], chain: Path, own: Path) -> tuple[str, str]:
    """The page of some runs, and the charts that are on it."""
    cases = {
        "one run": ([chain], "curves sweeps"),
        "three runs": ([*two_runs, chain], "curves sweeps"),
        "a task of the user's own": ([own], "curves languages"),
    }
    runs, charts = cases[request.param]
    out = chain.parent / f"{len(runs)}-{runs[0].parent.name}.html"
    return report(runs, ReportOptions(out=out, resamples=100, items=2, across=True)).as_uri(), charts


@pytest.mark.parametrize("width", [420, 900, 1300, 1900])
def test_no_chart_is_wider_than_its_column_or_lies_on_another(
    browser: Any, several: tuple[str, str], width: int
) -> None:
    address, charts = several
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    devtools(browser, "Emulation.setDeviceMetricsOverride", **screen)
    try:
        browser.get(address)
        laid_out(browser)
        for chart in charts.split():
            assert browser.execute_script(f"return document.querySelectorAll('[data-chart={chart}] svg').length") > 0
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        assert browser.execute_script(WIDER) == 0
        assert browser.execute_script(OVERLAPPING) == 0
    finally:
        devtools(browser, "Emulation.clearDeviceMetricsOverride")


def test_it_prints(page: Any) -> None:
    printed = base64.b64decode(devtools(page, "Page.printToPDF", preferCSSPageSize=True)["data"])
    assert printed.startswith(b"%PDF")
    assert 5 < len(re.findall(rb"/Type\s*/Page\b", printed)) < 80
