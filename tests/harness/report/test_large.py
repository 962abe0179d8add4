"""A page about thousands of cells still fits into a mail."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.harness.runs.made import cell_scores, scores_file
from xharness.report.contents import Contents
from xharness.report.gather import NamedRun
from xharness.report.html import render
from xharness.report.items import Browser, FoundItems, _fit_into_page
from xharness.report.score_tables import cells
from xharness.runs.manifest import Manifest
from xharness.submissions.score_parts import CellScores
from xharness.tables.packed import pack_rows
from xharness.tables.table import LARGE
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.registry import Registry

MAIL = 5_000_000  # bytes
TASKS, LANGUAGES = 100, 50


def signature(task: int, language: int) -> str:
    """As long as real ones, and with a hash of its own."""
    options = "max_length:128|precision:fp32|layer:last|pooling:mean|zero-shot:yes|bootstrap:1000|seed:0"
    data, model = f"{task * 1000 + language:08x}", f"{task:08x}"
    return f"task:t{task}.l{language}|metric:accuracy|data:{data}|split:test|model:{model}|{options}|xharness:1.0.0"


def cell(task: int, language: int) -> CellScores:
    score = 30 + task / 3 + language / 7
    return cell_scores(score, (score - 1.234567, score + 1.345678), signature(task, language), n=1000)


def made_run() -> NamedRun:
    """One run of 5,000 cells."""
    by_task = {f"t{task}": {f"l{lang}": cell(task, lang) for lang in range(LANGUAGES)} for task in range(TASKS)}
    return NamedRun("made", Path("made"), scores_file(by_task, (1, 2), of=50), Manifest.parse({}))


def test_a_run_of_5000_cells_with_as_many_items_as_there_may_be() -> None:
    run = made_run()
    item: JsonObject = {
        "id": "1",
        "status": "right",
        "inputs": {"text": "word " * 60},
        "gold": "y",
        "answers": ["z"],
        "score": 1.0,
    }
    found = [
        FoundItems("made", f"t{t}", f"l{lang}", 1000, [item] * 20) for t in range(TASKS) for lang in range(LANGUAGES)
    ]
    browser = Browser(*_fit_into_page(found), [], changed=False)
    page = render(Contents([run], Registry().tasks, None, browser, 20))
    assert len(browser.items) > 2000
    assert len(page.encode()) < MAIL
    data = json.loads(re.findall(r'id="data">(.*?)</script>', page)[0])
    assert len(data["tables"]["cells"]["rows"]) == TASKS * LANGUAGES


def test_packed_rows_are_the_rows() -> None:
    table = cells([made_run()])
    assert len(table.rows) > LARGE
    data = pack_rows(table)
    unpacked = [["|".join(data["pieces"][at] for at in places) for places in row] for row in data["rows"]]
    assert unpacked == [[f"{cell.shown}\t{cell.detail}" for cell in row.cells] for row in table.rows]
