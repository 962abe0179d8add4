"""The page of a data map: whole, escaped, sampled when it is large; drawn in a browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.harness.report.browser import laid_out, log, missing, requests, started
from tests.hub import open_loopback
from xharness.report import data_map
from xharness.report.data_map import write_data_map
from xharness.report.data_map_tables import by_correctness, every_example
from xharness.tables.csv_text import render
from xharness.tasks.selection.cartography import NEVER_LEARNED, DataMap


def made(count: int, prefix: str = "e") -> DataMap:
    confidence = np.linspace(0.05, 0.95, count)
    right = np.arange(count) % 4
    return DataMap(
        ids=tuple(f"{prefix}{n}" for n in range(count)),
        confidence=confidence,
        variability=0.4 - 0.8 * np.abs(confidence - 0.5),
        correctness=right,
        forgetting=np.where(right == 0, NEVER_LEARNED, right // 2),
        passes=3,
        unseen=2,
    )


def data(page: Path) -> dict[str, Any]:
    text = page.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    content: dict[str, Any] = json.loads(found[1])
    return content


def test_the_page_holds_every_example_and_what_was_selected(tmp_path: Path) -> None:
    write_data_map(made(40, "<b>"), tmp_path / "map.html", "a & b", ["<b>3", "<b>5"])
    found, text = data(tmp_path / "map.html"), (tmp_path / "map.html").read_text(encoding="utf-8")
    assert len(found["points"]) == 40
    assert [point[0] for point in found["points"] if point[-1]] == ["<b>3", "<b>5"]
    assert sum(bin["examples"] for bin in found["confidence"]) == 40
    assert "<title>a &amp; b</title>" in text
    assert "40 training examples, 2 never seen and left out, 3 passes" in text
    assert "<b>3" not in text.replace("\\u003c", "")


def test_a_large_map_is_a_sample_that_is_the_same_every_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_map, "MOST", 100)
    for name in ("one", "two"):
        write_data_map(made(1000), tmp_path / name, "title")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    found = data(tmp_path / "one")
    assert len(found["points"]) == 100
    assert sum(bin["examples"] for bin in found["variability"]) == 1000
    assert "1,000 training examples, 100 of them drawn" in (tmp_path / "one").read_text(encoding="utf-8")


def test_the_tables() -> None:
    table = by_correctness(made(8))
    assert [[cell.text for cell in row.cells[:3]] for row in table.rows] == [
        [f"{n} of 3", "2", "25.0"] for n in range(4)
    ]
    assert table.rows[0].cells[5].text == "–"
    lines = render(every_example(made(2))).splitlines()
    assert lines[0] == "id,confidence,variability,correctness,forgetting,threshold_closeness"
    assert lines[1].startswith("e0,0.05,")


@pytest.mark.skipif(bool(missing()), reason=f"not installed: {missing()} (apt: chromium, chromium-driver)")
def test_it_is_drawn_without_a_request_or_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_loopback(monkeypatch)
    write_data_map(made(60), tmp_path / "map.html", "map", ["e1"])
    with started(tmp_path / "profile") as browser:
        browser.get("about:blank")
        requests(browser)
        for width in (1280, 400):
            browser.set_window_size(width, 900)
            browser.get((tmp_path / "map.html").as_uri())
            laid_out(browser)
            count = "return document.querySelectorAll(arguments[0]).length"
            assert browser.execute_script(count, '[data-chart=map] [aria-label="dot"] path') == 60
            assert browser.execute_script(count, '[data-chart=confidence] [aria-label="rect"] rect') > 5
            assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
        assert [entry for entry in log(browser, "browser") if entry["level"] == "SEVERE"] == []
        assert all(address.startswith(("file:", "data:")) for address in requests(browser))
