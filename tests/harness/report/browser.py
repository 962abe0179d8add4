"""A headless Chromium that is installed here, driven over loopback; no browser and no driver is ever downloaded."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
READY = "started successfully on port "
OVERLAPPING = """
const boxes = [...document.querySelectorAll('main section > *, .grid > *')].map((node) => node.getBoundingClientRect());
const shared = (a, b, low, high) => Math.min(a[high], b[high]) - Math.max(a[low], b[low]);
const inside = (a, b) =>
  a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => !inside(a, b) && !inside(b, a)
  && shared(a, b, 'left', 'right') > 1 && shared(a, b, 'top', 'bottom') > 1)).length
"""
"""How many charts and other parts of a page lie on another."""
WIDER = """
return [...document.querySelectorAll('.grid > div svg')].filter((drawn) =>
  drawn.getBoundingClientRect().width > drawn.closest('.grid > div').getBoundingClientRect().width + 1).length
"""
"""How many charts are wider than their column."""


def missing() -> str:
    """What is not installed; empty if all is there."""
    wanted = {"chromedriver": ("chromedriver",), "Chromium": ("chromium", "chromium-browser", "google-chrome")}
    return " and ".join(name for name, programs in wanted.items() if not any(map(shutil.which, programs)))


@contextmanager
def started(profile: Path) -> Iterator[Any]:
    """A browser with an empty profile, 1280 by 900, that keeps its console messages and its requests."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    for flag in (*FLAGS, f"--user-data-dir={profile}", "--window-size=1280,900"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    command = [shutil.which("chromedriver") or "chromedriver", "--port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as driver:
        assert driver.stdout
        try:
            port = next(line for line in driver.stdout if READY in line).partition(READY)[2].strip(" .\n")
            browser = webdriver.Remote(f"http://127.0.0.1:{port}", options=options)
            try:
                yield browser
            finally:
                browser.quit()
        finally:
            driver.terminate()


# The plain remote driver lacks these commands of Chromium's; only the one that starts its own driver has them.
COMMANDS = {
    "log": ("POST", "/session/$sessionId/se/log"),
    "devtools": ("POST", "/session/$sessionId/goog/cdp/execute"),
}


def log(browser: Any, kind: str) -> list[dict[str, Any]]:
    """What was logged since the last call: ``browser`` for the console, ``performance`` for events."""
    entries: list[dict[str, Any]] = _execute(browser, "log", type=kind)
    return entries


def requests(browser: Any) -> list[str]:
    """Addresses that were asked for since the last call."""
    events = (json.loads(entry["message"])["message"] for entry in log(browser, "performance"))
    return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]


def devtools(browser: Any, command: str, **parameters: Any) -> Any:
    """A command of the DevTools protocol."""
    return _execute(browser, "devtools", cmd=command, params=parameters)


def _execute(browser: Any, name: str, **body: Any) -> Any:
    method, path = COMMANDS[name]
    browser.command_executor.add_command(name, method, path)
    return browser.execute(name, body)["value"]


def laid_out(browser: Any) -> None:
    """Waits for the first frame: a busy machine may finish loading a page before its window has a size."""
    browser.set_script_timeout(60)
    browser.execute_async_script(
        "const done = arguments[0], look = () => requestAnimationFrame(() =>"
        " document.documentElement.clientWidth ? requestAnimationFrame(() => done()) : look()); look()"
    )
